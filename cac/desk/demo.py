"""The demonstration's sala: services A to F, four ventanillas that attend all of them, open day and night."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cac.desk.actions.rows import CLOSED
from cac.desk.models import Sala, Service, Site, Ventanilla, VentanillaService
from ticketing.numbering import PREFERENTE_SERIES
from ticketing.policy import Attends

SERVICES = (
    ("A", "Partidas", "Nacimiento, matrimonio, defunción", "certificate"),
    ("B", "Mi negocio", "Licencia, anuncio, inspección ITSE", "building-store"),
    ("C", "Casa y obras", "Construir, planos, numeración", "home"),
    ("D", "Moto y mototaxi", "Licencia de conducir, permiso", "motorbike"),
    ("E", "Impuestos", "Pagar predio, deudas, constancias", "coins"),
    ("F", "Otro trámite", "No sé cuál es, dejar un documento", "message-question"),
)
VENTANILLAS = 4


def seed(session: Session, now: datetime) -> None:
    """The sala `principal`, as the outside contract names it."""
    site = Site(code="cac", name="Municipalidad Provincial de Cajamarca", office="Centro de Atención al Ciudadano")
    session.add(site)
    session.flush()
    sala = Sala(
        site_id=site.id,
        code="principal",
        name="Sala principal",
        timetable=None,
        preferente_series=PREFERENTE_SERIES,
    )
    session.add(sala)
    session.flush()
    services = [
        Service(site_id=site.id, sala_id=sala.id, code=code, name=name, example=example, icon=icon, position=position)
        for position, (code, name, example, icon) in enumerate(SERVICES)
    ]
    ventanillas = [
        Ventanilla(sala_id=sala.id, number=number, state=CLOSED, attends=Attends.ALL, state_at=now)
        for number in range(1, VENTANILLAS + 1)
    ]
    session.add_all([*services, *ventanillas])
    session.flush()
    session.add_all(
        VentanillaService(ventanilla_id=ventanilla.id, service_id=service.id, position=position)
        for ventanilla in ventanillas
        for position, service in enumerate(services)
    )
