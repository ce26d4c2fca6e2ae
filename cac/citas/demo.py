"""The demonstration's agenda: three services take appointments, at any hour, as its sala never shuts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.citas.models import Agenda, AgendaService
from cac.desk.models import Sala, Service

CAPACITIES = {"A": 2, "C": 1, "E": 2}


def seed(session: Session) -> None:
    """After the sala and its services."""
    sala = session.scalars(select(Sala).order_by(Sala.id)).first()
    assert sala is not None, "the demonstration has its sala first"
    session.add(Agenda(sala_id=sala.id, slot_minutes=30, from_hour="00:00", until_hour="00:00"))
    for service in session.scalars(select(Service).where(Service.code.in_(CAPACITIES))):
        session.add(AgendaService(service_id=service.id, capacity=CAPACITIES[service.code]))
