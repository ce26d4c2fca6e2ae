"""What an administrator changes of sites, salas, services and ventanillas. Each verb notes old and new value and tells whoever is watching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.actions import Press, set_attends
from cac.desk.actions.rows import CLOSED, UNFINISHED
from cac.desk.models import LineCount, Sala, Service, Site, Ticket, TicketMove, Ventanilla, VentanillaService
from cac.desk.queries import SalaUnknown
from cac.desk.signals import board_changed
from cac.salas import rules
from core.errors import Conflict, Invalid, NotFound
from storage import after_commit
from ticketing.numbering import PREFERENTE_SERIES
from ticketing.policy import Attends
from web.access import Principal

WORDS = {  # how the log names each value
    "name": "nombre",
    "office": "oficina",
    "timetable": "horario",
    "preferente_series": "serie de preferentes",
    "recalls": "llamados antes de ausente",
    "return_minutes": "minutos para volver",
    "alert_minutes": "aviso por espera (min)",
    "alert_waiting": "aviso por personas",
    "tickets_per_phone": "turnos por celular y hora",
    "kiosk_welcome": "bienvenida del kiosco",
    "closed_message": "mensaje de cerrado",
    "ticket_foot": "pie del ticket",
    "kiosk_languages": "idiomas del kiosco",
    "example": "ejemplo",
    "icon": "dibujo",
    "group_name": "grupo",
    "active": "da turnos",
    "position": "orden",
    "number": "número",
    "attends": "atiende",
}


class CodeTaken(Conflict):
    code = "sala.codigo_repetido"
    detail = "Ese código ya está en uso. Elija otro."


class LetterTaken(Conflict):
    code = "servicio.letra_repetida"
    detail = "Esa letra ya es de otro servicio de la sede. Los tickets se distinguen por ella: elija otra."


class KioskFull(Conflict):
    code = "servicio.kiosco_lleno"
    detail = f"El kiosco muestra hasta {rules.MAX_SHOWN} servicios. Desactive uno antes de mostrar otro."


class ServiceAwaited(Conflict):
    code = "servicio.con_gente"
    detail = "Hay personas esperando este servicio. Atiéndalas o derívelas antes de quitarlo; para no dar más turnos, desactívelo."


class ServiceUsed(Conflict):
    code = "servicio.con_historia"
    detail = "Este servicio ya dio turnos y su historia se conserva. Desactívelo: deja de verse en el kiosco."


class NumberTaken(Conflict):
    code = "ventanilla.numero_repetido"
    detail = "Ya hay una ventanilla con ese número en la sala. Elija otro."


class VentanillaBusy(Conflict):
    code = "ventanilla.abierta"
    detail = "La ventanilla está abierta. Ciérrela antes de cambiar su número: la sala ya la conoce por el de ahora."


class NothingToAttend(Invalid):
    code = "ventanilla.sin_servicios"
    detail = "Una ventanilla atiende al menos un servicio."


def add_site(
    session: Session, *, code: str, name: str, office: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """A building with its own numbers. Raises CodeTaken."""
    if session.scalar(select(Site.id).where(Site.code == code)):
        raise CodeTaken(field="code")
    session.add(Site(code=code, name=name, office=office))
    _note(session, principal, "sede.alta", f"site:{code}", f"{name} · {office}", now)
    return {"code": code, "name": name}


def save_site(
    session: Session, code: str, values: Mapping[str, Any], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """The names at the head of each paper and kiosk of a site. Raises NotFound."""
    site = session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise NotFound()
    _change(session, site, values, action="sede.cambio", subject=f"site:{code}", principal=principal, now=now)
    for sala in session.scalars(select(Sala.code).where(Sala.site_id == site.id)):
        after_commit(session, board_changed, sala, False)
    return {"code": code}


def add_sala(
    session: Session, *, site: str, code: str, name: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """A waiting room, open day and night until it gets hours. Raises CodeTaken, NotFound."""
    site_id = session.scalar(select(Site.id).where(Site.code == site))
    if site_id is None:
        raise NotFound("No existe esa sede. Elija una de la lista.", field="site")
    if session.scalar(select(Sala.id).where(Sala.code == code)):
        raise CodeTaken(field="code")
    session.add(Sala(site_id=site_id, code=code, name=name, preferente_series=PREFERENTE_SERIES))
    _note(session, principal, "sala.alta", f"sala:{code}", f"{name}, sede {site}", now)
    return {"code": code, "name": name}


def save_sala(
    session: Session, code: str, values: Mapping[str, Any], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Columns of a sala: its name, limits, texts, languages. Raises SalaUnknown."""
    sala = sala_of(session, code)
    _change_sala(session, sala, values, principal=principal, now=now)
    return {"code": code}


def set_week(
    session: Session,
    code: str,
    week: list[rules.Hours] | None,
    *,
    holidays_off: bool = False,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The usual hours by week day, Monday first; None: day and night. `holidays_off`: shut on national holidays.

    Raises SalaUnknown."""
    sala = sala_of(session, code)
    changed = {"timetable": rules.with_week(sala.timetable, week, holidays_off=holidays_off)}
    _change_sala(session, sala, changed, principal=principal, now=now)
    return {"code": code}


def set_date(
    session: Session,
    code: str,
    day: date,
    hours: rules.Hours | None,
    *,
    reason: str = "",
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Hours of its own on one date, with the reason: a half day, or [] when shut. None: like any other such day again.

    Raises SalaUnknown."""
    sala = sala_of(session, code)
    old = (sala.timetable or {}).get("dates", {}).get(day.isoformat())
    sala.timetable = rules.with_date(sala.timetable, day, hours, reason)
    told = " → ".join("horario de siempre" if one is None else rules.hours_text(one) for one in (old, hours))
    detail = f"{day.isoformat()}: {told}" + (f" ({reason})" if reason else "")
    _note(session, principal, "sala.cambio", f"sala:{code}", detail, now)
    after_commit(session, board_changed, code, False)
    return {"code": code}


def add_service(
    session: Session, sala_code: str, letter: str, values: Mapping[str, Any], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """A service of a sala, attended last by each of its ventanillas. Raises LetterTaken, KioskFull, SalaUnknown."""
    sala = sala_of(session, sala_code)
    taken = session.scalar(select(Service.id).where(Service.site_id == sala.site_id, Service.code == letter))
    if letter == sala.preferente_series:
        raise LetterTaken(f"La letra {letter} es la de los preferentes. Elija otra.", field="code")
    if taken:
        raise LetterTaken(field="code")
    _require_place_at_kiosk(session, sala)
    last = session.scalar(select(func.max(Service.position)).where(Service.sala_id == sala.id))
    position = 0 if last is None else last + 1
    service = Service(site_id=sala.site_id, sala_id=sala.id, code=letter, position=position, **values)
    session.add(service)
    session.flush()
    attended = select(VentanillaService.ventanilla_id, func.max(VentanillaService.position).label("last")).group_by(
        VentanillaService.ventanilla_id
    )
    lasts = {row.ventanilla_id: row.last for row in session.execute(attended)}
    for place in session.scalars(select(Ventanilla.id).where(Ventanilla.sala_id == sala.id)):
        session.add(
            VentanillaService(ventanilla_id=place, service_id=service.id, position=lasts.get(place, position) + 1)
        )
    _note(session, principal, "servicio.alta", f"service:{letter}", f"{sala.code}: {values['name']}", now)
    after_commit(session, board_changed, sala.code, False)
    return {"code": letter, "name": values["name"]}


def save_service(
    session: Session, sala_code: str, letter: str, values: Mapping[str, Any], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """What the kiosk says of a service, and whether it gives tickets. Its letter stays: papers carry it. Raises KioskFull, NotFound."""
    sala = sala_of(session, sala_code)
    service = _service(session, sala, letter)
    if values.get("active") and not service.active:
        _require_place_at_kiosk(session, sala)
    subject = f"service:{letter}"
    _change(session, service, values, action="servicio.cambio", subject=subject, principal=principal, now=now)
    after_commit(session, board_changed, sala.code, False)
    return {"code": letter, "name": service.name}


def move_service(
    session: Session, sala_code: str, letter: str, *, up: bool, principal: Principal, now: datetime
) -> dict[str, Any]:
    """One place up or down in the order of the kiosk. Raises NotFound."""
    sala = sala_of(session, sala_code)
    services = services_in_order(session, sala)
    at = services.index(_service(session, sala, letter))
    to = max(0, at - 1) if up else min(len(services) - 1, at + 1)
    services.insert(to, services.pop(at))
    for position, service in enumerate(services):
        service.position = position
    if to != at:
        _note(session, principal, "servicio.cambio", f"service:{letter}", f"orden: {at + 1} → {to + 1}", now)
        after_commit(session, board_changed, sala.code, False)
    return {"code": letter}


def remove_service(
    session: Session, sala_code: str, letter: str, *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Take away a service that never gave a ticket. Raises ServiceAwaited, ServiceUsed, NotFound."""
    sala = sala_of(session, sala_code)
    service = _service(session, sala, letter)
    if session.scalar(select(Ticket.id).where(Ticket.sala_id == sala.id, Ticket.service_id == service.id, UNFINISHED)):
        raise ServiceAwaited()
    if session.scalar(select(TicketMove.id).where(TicketMove.service_id == service.id).limit(1)):
        raise ServiceUsed()
    session.execute(delete(VentanillaService).where(VentanillaService.service_id == service.id))
    session.execute(delete(LineCount).where(LineCount.service_id == service.id))
    session.delete(service)
    _note(session, principal, "servicio.baja", f"service:{letter}", f"{sala.code}: {service.name}", now)
    after_commit(session, board_changed, sala.code, False)
    return {"code": letter, "name": service.name}


def add_ventanilla(
    session: Session,
    sala_code: str,
    number: int,
    letters: list[str],
    *,
    attends: Attends,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """A ventanilla, closed until a clerk sits there. Raises NumberTaken, NothingToAttend, SalaUnknown."""
    sala = sala_of(session, sala_code)
    _require_free_number(session, sala, number)
    place = Ventanilla(sala_id=sala.id, number=number, state=CLOSED, attends=attends, state_at=now)
    session.add(place)
    session.flush()
    _set_skills(session, sala, place, letters)
    detail = f"{sala.code} {number}: {', '.join(letters)}"
    _note(session, principal, "ventanilla.alta", f"ventanilla:{place.id}", detail, now)
    after_commit(session, board_changed, sala.code, False)
    return {"number": number}


def save_ventanilla(
    session: Session,
    sala_code: str,
    number: int,
    letters: list[str],
    *,
    to_number: int,
    attends: Attends,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Which services a ventanilla attends, its own first, which class, and its number.

    Raises NumberTaken, VentanillaBusy, NothingToAttend, PreferenteUnattended, NotFound."""
    sala = sala_of(session, sala_code)
    place = session.scalars(
        select(Ventanilla).where(Ventanilla.sala_id == sala.id, Ventanilla.number == number)
    ).first()
    if place is None:
        raise NotFound()
    if attends != place.attends:
        set_attends(session, attends, Press(replace(principal, sala=sala.code), now, number=number))
        session.refresh(place)
    subject = f"ventanilla:{place.id}"
    if to_number != number:
        if place.state != CLOSED:
            raise VentanillaBusy(field="number")
        _require_free_number(session, sala, to_number)
        changed = {"number": to_number}
        _change(session, place, changed, action="ventanilla.cambio", subject=subject, principal=principal, now=now)
    old = skills_of(session, place.id)
    if letters != old:
        _set_skills(session, sala, place, letters)
        detail = f"servicios: {', '.join(old)} → {', '.join(letters)}"
        _note(session, principal, "ventanilla.cambio", subject, detail, now)
    after_commit(session, board_changed, sala.code, False)
    return {"number": to_number}


def sala_of(session: Session, code: str) -> Sala:
    """Raises SalaUnknown."""
    found = session.scalars(select(Sala).where(Sala.code == code)).one_or_none()
    if found is None:
        raise SalaUnknown()
    return found


def services_in_order(session: Session, sala: Sala) -> list[Service]:
    return list(
        session.scalars(select(Service).where(Service.sala_id == sala.id).order_by(Service.position, Service.id))
    )


def skills_of(session: Session, ventanilla_id: int) -> list[str]:
    """Letters of the services a ventanilla attends, its own first."""
    return list(
        session.scalars(
            select(Service.code)
            .join(VentanillaService, VentanillaService.service_id == Service.id)
            .where(VentanillaService.ventanilla_id == ventanilla_id)
            .order_by(VentanillaService.position)
        )
    )


def _service(session: Session, sala: Sala, letter: str) -> Service:
    found = session.scalars(select(Service).where(Service.sala_id == sala.id, Service.code == letter)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _require_place_at_kiosk(session: Session, sala: Sala) -> None:
    if sum(service.active for service in services_in_order(session, sala)) >= rules.MAX_SHOWN:
        raise KioskFull()


def _require_free_number(session: Session, sala: Sala, number: int) -> None:
    if session.scalar(select(Ventanilla.id).where(Ventanilla.sala_id == sala.id, Ventanilla.number == number)):
        raise NumberTaken(field="number")


def _set_skills(session: Session, sala: Sala, place: Ventanilla, letters: list[str]) -> None:
    if not letters:
        raise NothingToAttend(field="services")
    ids = {service.code: service.id for service in services_in_order(session, sala)}
    session.execute(delete(VentanillaService).where(VentanillaService.ventanilla_id == place.id))
    session.add_all(
        VentanillaService(ventanilla_id=place.id, service_id=ids[letter], position=position)
        for position, letter in enumerate(letters)
    )
    session.flush()


def _change_sala(
    session: Session, sala: Sala, values: Mapping[str, Any], *, principal: Principal, now: datetime
) -> None:
    subject = f"sala:{sala.code}"
    if _change(session, sala, values, action="sala.cambio", subject=subject, principal=principal, now=now):
        after_commit(session, board_changed, sala.code, False)


def _change(
    session: Session,
    row: Any,
    values: Mapping[str, Any],
    *,
    action: str,
    subject: str,
    principal: Principal,
    now: datetime,
) -> bool:
    """Set what differs and note it, old and new; False when nothing did."""
    differs = {name: (getattr(row, name), new) for name, new in values.items() if getattr(row, name) != new}
    for name, (_, new) in differs.items():
        setattr(row, name, new)
    if differs:
        told = [f"{WORDS[name]}: {_shown(name, old)} → {_shown(name, new)}" for name, (old, new) in differs.items()]
        _note(session, principal, action, subject, "; ".join(told), now)
    return bool(differs)


def _shown(name: str, value: Any) -> str:
    if name == "timetable":
        return rules.week_text(value)
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "(vacío)" if value in (None, "") else str(value)


def _note(session: Session, principal: Principal, action: str, subject: str, detail: str, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=subject, detail=detail, now=now)
