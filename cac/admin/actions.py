"""What an administrator does that no other feature has a verb for. Each leaves its audit row."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cac.access import actions as access
from cac.access.models import ApiToken, Staff
from cac.audit.actions import record
from cac.desk.models import Sala, Service, Site, Ventanilla, VentanillaService
from cac.desk.signals import board_changed
from core.errors import Conflict, Invalid, NotFound
from storage import after_commit
from ticketing.day import timetable
from ticketing.policy import Attends
from web.access import Principal

Row = TypeVar("Row", Site, Sala, Service, Ventanilla)


class LastAdmin(Conflict):
    code = "personal.ultimo_administrador"
    detail = "Es la única cuenta de administración activa. Cree otra antes de desactivarla."


class NameMissing(Invalid):
    code = "solicitud.invalida"
    detail = "Escriba un nombre que permita reconocerlo."


class LetterTaken(Conflict):
    code = "servicio.letra_repetida"
    detail = "Esa letra ya es de otro servicio. Los tickets se distinguen por ella: elija otra."


class HoursInvalid(Invalid):
    code = "sala.horario_invalido"
    detail = "Escriba las horas como 07:30 y 15:30."

    def __init__(self) -> None:
        super().__init__(field="hours")


class NothingToAttend(Invalid):
    code = "ventanilla.sin_servicios"
    detail = "Una ventanilla atiende al menos un servicio."


def add_staff(session: Session, *, principal: Principal, now: datetime, **person: Any) -> dict[str, Any]:
    """A new account. Raises NameMissing and what `access.add_staff` raises."""
    if not person["name"]:
        raise NameMissing(field="name")
    if not person["username"]:
        raise NameMissing("Escriba el usuario con el que entrará.", field="username")
    return {"id": access.add_staff(session, principal=principal, now=now, **person), "name": person["name"]}


def disable_staff(session: Session, staff_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The account can no longer sign in; what it did stays. Raises NotFound, LastAdmin."""
    person = _staff(session, staff_id)
    if person.disabled_at is None:
        if person.role == "admin" and not _another_admin(session, person):
            raise LastAdmin()
        person.disabled_at = now
        _note(session, principal, "personal.baja", f"staff:{staff_id}", person.role, now)
    return {"id": staff_id, "name": person.name}


def enable_staff(session: Session, staff_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """Undo `disable_staff`. Raises NotFound."""
    person = _staff(session, staff_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        _note(session, principal, "personal.reactivacion", f"staff:{staff_id}", person.role, now)
    return {"id": staff_id, "name": person.name}


def create_token(session: Session, *, token: str, name: str, principal: Principal, **rest: Any) -> dict[str, Any]:
    """Keep a token's hash; the answer tells which token was kept, never the token. Raises NameMissing, Invalid."""
    if not name:
        raise NameMissing(field="name")
    access.create_token(session, token=token, name=name, principal=principal, **rest)
    return {"sha256": access.sha256(token), "name": name}


def revoke_token(session: Session, token_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The token opens nothing more. Raises NotFound."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound()
    if token.revoked_at is None:
        token.revoked_at = now
        _note(session, principal, "token.revocado", f"token:{token_id}", token.role, now)
    return {"id": token_id, "name": token.name}


def create_device(session: Session, *, secret: str, name: str, principal: Principal, **rest: Any) -> dict[str, Any]:
    """A device that waits to be paired by its one-time address; the answer never holds it. Raises NameMissing."""
    if not name:
        raise NameMissing(field="name")
    access.create_device(session, secret=secret, name=name, principal=principal, **rest)
    return {"sha256": access.sha256(secret), "name": name}


def revoke_device(session: Session, device_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    access.revoke_device(session, device_id, principal=principal, now=now)
    return {"id": device_id}


def _staff(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound()
    return person


def _another_admin(session: Session, person: Staff) -> bool:
    others = session.query(Staff).filter(Staff.role == "admin", Staff.disabled_at.is_(None), Staff.id != person.id)
    return others.first() is not None


def _note(session: Session, principal: Principal, action: str, subject: str, detail: str, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=subject, detail=detail, now=now)


def save_site(
    session: Session, site_id: int, *, name: str, office: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """The names at the head of each paper. Raises NameMissing, NotFound."""
    site = _row(session, Site, site_id)
    if not name or not office:
        raise NameMissing(field="office" if name else "name")
    site.name, site.office = name, office
    _note(session, principal, "sede.cambio", f"site:{site_id}", f"{name} · {office}", now)
    return {"id": site_id}


def save_sala(
    session: Session,
    sala_id: int,
    *,
    name: str,
    alert_minutes: int,
    recalls: int,
    hours: dict[str, Any] | None,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """A waiting room's name, hours (None: day and night) and limits. Raises NameMissing, HoursInvalid, NotFound."""
    sala = _row(session, Sala, sala_id)
    if not name:
        raise NameMissing(field="name")
    try:
        timetable(hours)
    except (ValueError, KeyError, TypeError):
        raise HoursInvalid() from None
    sala.name, sala.alert_minutes, sala.recalls, sala.timetable = name, alert_minutes, recalls, hours
    _note(session, principal, "sala.cambio", f"sala:{sala.code}", name, now)
    after_commit(session, board_changed, sala.code, False)
    return {"id": sala_id}


def save_service(
    session: Session,
    service_id: int | None,
    *,
    sala_id: int,
    code: str,
    name: str,
    example: str,
    icon: str,
    active: bool,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """A service of a sala, new when `service_id` is None and then attended by every ventanilla. Its letter never changes:
    tickets on paper carry it. Raises NameMissing, LetterTaken, NotFound."""
    sala = _row(session, Sala, sala_id)
    if not name:
        raise NameMissing(field="name")
    service = _new_service(session, sala, code.upper()) if service_id is None else _row(session, Service, service_id)
    service.name, service.example, service.icon, service.active = name, example, icon, active
    session.flush()
    if service_id is None:
        for place in session.scalars(select(Ventanilla).where(Ventanilla.sala_id == sala.id)):
            session.add(VentanillaService(ventanilla_id=place.id, service_id=service.id, position=service.position))
    state = "abierto" if active else "cerrado"
    _note(session, principal, "servicio.cambio", f"service:{service.code}", f"{name}, {state}", now)
    after_commit(session, board_changed, sala.code, False)
    return {"id": service.id, "name": name}


def add_ventanilla(session: Session, sala_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The next ventanilla of a sala, closed, for every service. Raises NotFound."""
    sala = _row(session, Sala, sala_id)
    last = session.scalar(select(func.max(Ventanilla.number)).where(Ventanilla.sala_id == sala.id)) or 0
    place = Ventanilla(sala_id=sala.id, number=last + 1, state="cerrada", attends=Attends.ALL, state_at=now)
    session.add(place)
    session.flush()
    for service in session.scalars(select(Service).where(Service.sala_id == sala.id)):
        session.add(VentanillaService(ventanilla_id=place.id, service_id=service.id, position=service.position))
    _note(session, principal, "ventanilla.alta", f"ventanilla:{place.id}", f"{sala.code} {place.number}", now)
    return {"number": place.number}


def set_services(
    session: Session, ventanilla_id: int, codes: list[str], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Which services a ventanilla attends. Raises NothingToAttend, NotFound."""
    place = _row(session, Ventanilla, ventanilla_id)
    services = session.scalars(
        select(Service).where(Service.sala_id == place.sala_id, Service.code.in_(codes)).order_by(Service.position)
    ).all()
    if not services:
        raise NothingToAttend()
    session.execute(delete(VentanillaService).where(VentanillaService.ventanilla_id == place.id))
    session.add_all(
        VentanillaService(ventanilla_id=place.id, service_id=service.id, position=position)
        for position, service in enumerate(services)
    )
    attended = "".join(service.code for service in services)
    _note(session, principal, "ventanilla.servicios", f"ventanilla:{place.id}", attended, now)
    return {"number": place.number}


def _new_service(session: Session, sala: Sala, code: str) -> Service:
    if not re.fullmatch(r"[A-Z]{1,2}", code) or code == sala.preferente_series:
        raise LetterTaken("Use una letra, o dos, que no sea la de preferentes.", field="code")
    if session.scalar(select(Service.id).where(Service.site_id == sala.site_id, Service.code == code)):
        raise LetterTaken(field="code")
    last = session.scalar(select(func.max(Service.position)).where(Service.sala_id == sala.id))
    service = Service(site_id=sala.site_id, sala_id=sala.id, code=code, position=0 if last is None else last + 1)
    session.add(service)
    return service


def _row(session: Session, model: type[Row], row_id: int) -> Row:
    found = session.get(model, row_id)
    if found is None:
        raise NotFound()
    return found
