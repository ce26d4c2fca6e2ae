"""What an administrator sets of a sala's agenda. Changes take effect with the next booking; what is booked stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.citas.models import Agenda, AgendaException, AgendaService
from cac.desk.models import Sala, Service
from core.errors import Invalid, NotFound
from web.access import Principal


class AgendaInvalid(Invalid):
    code = "citas.agenda_invalida"
    detail = "Revise la agenda: las horas se escriben como 08:00 y 16:00, y la última es después de la primera."


@dataclass(frozen=True, slots=True)
class AgendaValues:
    """The fields of the form, already numbers within their limits."""

    slot_minutes: int
    from_hour: str
    until_hour: str
    days_ahead: int
    early_minutes: int
    citas_per_phone: int
    phone_turns: bool


def save_agenda(
    session: Session,
    sala: str,
    values: AgendaValues,
    capacities: dict[str, int],
    *,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The agenda of a sala; `capacities` by service letter, 0 for a service without appointments.

    Raises AgendaInvalid, NotFound."""
    row = _sala(session, sala)
    _check_hours(values)
    agenda = session.get(Agenda, row.id) or Agenda(sala_id=row.id)
    for name, value in asdict(values).items():
        setattr(agenda, name, value)
    session.add(agenda)
    for service in session.scalars(select(Service).where(Service.sala_id == row.id)):
        kept = session.get(AgendaService, service.id) or AgendaService(service_id=service.id)
        kept.capacity = capacities.get(service.code, 0)
        session.add(kept)
    told = ", ".join(f"{code} {count}" for code, count in capacities.items() if count)
    _record(session, principal, "agenda.cambio", row, f"cada {values.slot_minutes} min: {told or 'sin citas'}", now)
    return {"sala": sala}


def add_exception(
    session: Session,
    sala: str,
    *,
    day: date,
    service: str | None,
    capacity: int,
    reason: str,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Another capacity on one day, in place of what was set for it before. Raises Invalid, NotFound."""
    row = _sala(session, sala)
    if not reason:
        raise Invalid("Escriba el motivo: lo leerá quien mire la agenda.", field="reason")
    service_id = None
    if service is not None:
        service_id = session.scalar(select(Service.id).where(Service.sala_id == row.id, Service.code == service))
        if service_id is None:
            raise NotFound()
    session.execute(
        delete(AgendaException).where(
            AgendaException.sala_id == row.id,
            AgendaException.day == day,
            AgendaException.service_id == service_id if service_id else AgendaException.service_id.is_(None),
        )
    )
    session.add(AgendaException(sala_id=row.id, day=day, service_id=service_id, capacity=capacity, reason=reason))
    _record(session, principal, "agenda.excepcion", row, f"{day} {service or 'todos'}: {capacity}, {reason}", now)
    return {"sala": sala}


def drop_exception(
    session: Session, sala: str, exception_id: int, *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """The day is as any other again. Raises NotFound."""
    row = _sala(session, sala)
    found = session.get(AgendaException, exception_id)
    if found is None or found.sala_id != row.id:
        raise NotFound()
    session.delete(found)
    _record(session, principal, "agenda.excepcion_quitada", row, str(found.day), now)
    return {"sala": sala}


def _check_hours(values: AgendaValues) -> None:
    try:
        first, last = time.fromisoformat(values.from_hour), time.fromisoformat(values.until_hour)
    except ValueError:
        raise AgendaInvalid(field="from_hour") from None
    if last <= first and last != time(0):
        raise AgendaInvalid(field="until_hour")


def _sala(session: Session, code: str) -> Sala:
    row = session.scalar(select(Sala).where(Sala.code == code))
    if row is None:
        raise NotFound()
    return row


def _record(session: Session, principal: Principal, action: str, sala: Sala, detail: str, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=f"sala:{sala.code}", detail=detail, now=now)
