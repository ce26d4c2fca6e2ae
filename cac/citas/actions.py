"""What people do with appointments and with turns from a phone: one verb each, session first, never a commit."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM
from cac.audit.actions import record
from cac.citas.models import Agenda, Aviso, Cita, CitaMove, PhoneTurn
from cac.citas.rows import Offer, cita_by, find_offer, may_begin, seats_taken
from cac.citas.rules import (
    CODE_DIGITS,
    HOUR,
    Arrival,
    AvisoState,
    CitaState,
    CitaStep,
    arrival,
    free_seat,
    remind_at,
    typed_code,
)
from cac.desk import actions as desk
from cac.desk.actions.rows import CLOSED
from cac.desk.models import Sala, Ventanilla
from core.clock import lima_day
from core.errors import Conflict, Invalid, NotFound, TooMany
from core.ids import follow_token, same_secret
from core.workdays import Calendar
from ticketing.day import leftovers_before, timetable
from web.access import Principal
from web.filters import citizen_hour, long_day

MAX_CLOSED = 200  # citas one write closes; the loop comes back for the rest


class CitaUnknown(NotFound):
    code = "citas.no_existe"
    detail = "No encontramos ese código de cita. Revise los ocho números, o tome un turno."


class SlotNotOffered(Conflict):
    code = "citas.hora_no_ofrecida"
    detail = "Esa hora ya no se ofrece. Elija otra de la lista."


class SlotFull(Conflict):
    code = "citas.sin_cupo"
    detail = "Esa hora se acaba de llenar. Elija otra de la lista."


class CitaOver(Conflict):
    code = "citas.terminada"
    detail = "Esta cita ya no se puede cambiar. Si necesita otra, resérvela de nuevo."


class CitaEarly(Conflict):
    code = "citas.temprano"
    detail = "Todavía es temprano para registrar su llegada."


class CitaOtherDay(Conflict):
    code = "citas.otro_dia"
    detail = "Su cita es otro día."


class CitaUsed(Conflict):
    code = "citas.ya_registrada"
    detail = "Con ese código ya se registró la llegada."


class CitaCancelled(Conflict):
    code = "citas.anulada"
    detail = "Esa cita fue anulada. Puede tomar un turno ahora."


class PhoneInvalid(Invalid):
    code = "citas.celular_invalido"
    detail = "Escriba los nueve números de su celular, por ejemplo 987 654 321."


class PhoneLimit(TooMany):
    """Says the same of a phone and of a connection: nobody learns by it what another person's phone did."""

    code = "citas.limite"
    detail = "Por ahora no podemos dar más por este medio. Espere una hora, o acérquese al centro de atención."


class NotFromPhones(Conflict):
    code = "citas.turnos_solo_en_sala"
    detail = "Esta sala da sus turnos solo en el kiosco."


def take_turn(
    session: Session,
    sala: str,
    service: str,
    *,
    phone_mark: str,
    preferente: bool,
    principal: Principal,
    public_url: str,
    now: datetime,
    wait: Any = None,
) -> dict[str, Any]:
    """A ticket for now, taken from a phone. `phone_mark` is the phone's keyed hash, kept an hour for its limit.

    Raises NotFromPhones, PhoneLimit, and what `desk.issue` raises."""
    room = session.scalar(
        select(Sala).join(Agenda, Agenda.sala_id == Sala.id).where(Sala.code == sala, Agenda.phone_turns)
    )
    if room is None:
        raise NotFromPhones()
    since = now - HOUR
    taken = select(func.count()).where(
        PhoneTurn.phone_mark == phone_mark, PhoneTurn.sala_id == room.id, PhoneTurn.at > since
    )
    if session.scalar(taken) >= room.tickets_per_phone:  # type: ignore[operator]
        raise PhoneLimit(retry_after_s=int(HOUR.total_seconds()))
    session.add(PhoneTurn(sala_id=room.id, phone_mark=phone_mark, at=now))
    return desk.issue(
        session,
        service,
        preferente=preferente,
        channel="web",
        principal=replace(principal, sala=sala),
        public_url=public_url,
        now=now,
        wait=wait,
    )


def book(
    session: Session,
    sala: str,
    service: str,
    slot_at: datetime,
    *,
    calendar: Calendar,
    channel: str,
    preferente: bool,
    principal: Principal,
    now: datetime,
    phone_mark: str | None = None,
    remind_to: str | None = None,
) -> dict[str, Any]:
    """Keep a seat of a slot. `phone_mark` is the phone's keyed hash, for its limit; `remind_to` the phone itself, only
    when its holder asked to be reminded. Raises NoAgenda, SlotNotOffered, SlotFull, PhoneLimit."""
    offer = find_offer(session, sala, service)
    if phone_mark is not None:
        to_come = select(func.count()).where(
            Cita.phone_mark == phone_mark, Cita.sala_id == offer.sala_id, Cita.state == CitaState.BOOKED
        )
        if session.scalar(to_come) >= offer.citas_per_phone:  # type: ignore[operator]
            raise PhoneLimit(retry_after_s=int(HOUR.total_seconds()))
    seat = _seat(session, offer, slot_at, calendar=calendar, now=now)
    cita = Cita(
        sala_id=offer.sala_id,
        service_id=offer.service_id,
        slot_at=slot_at,
        seat=seat,
        state=CitaState.BOOKED,
        state_at=now,
        code=_new_code(session),
        token=follow_token(),
        channel=channel,
        preferente=preferente,
        phone_mark=phone_mark,
    )
    session.add(cita)
    session.flush()
    _note(session, cita, CitaStep.BOOK, principal=principal, now=now)
    if remind_to:
        _remind(session, cita, remind_to, now=now)
    return {"token": cita.token, "code": cita.code}


def move(
    session: Session,
    token: str,
    code: str,
    slot_at: datetime,
    *,
    calendar: Calendar,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Another slot of the same service, with the same code. Raises CitaUnknown, CitaOver, SlotNotOffered, SlotFull."""
    row = _of_holder(session, token, code)
    cita: Cita = row.Cita
    if cita.state != CitaState.BOOKED:
        raise CitaOver()
    if slot_at != cita.slot_at:
        offer = find_offer(session, row.sala, row.service)
        seat = _seat(session, offer, slot_at, calendar=calendar, now=now)
        cita.slot_at, cita.seat, cita.state_at = slot_at, seat, now
        session.flush()
        _note(session, cita, CitaStep.MOVE, principal=principal, now=now)
        for address in _drop_notices(session, cita, now=now):
            _remind(session, cita, address, now=now)
    return {"token": cita.token, "code": cita.code}


def cancel(
    session: Session,
    token: str,
    code: str,
    *,
    principal: Principal,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Give the seat back. Raises CitaUnknown, CitaOver."""
    cita: Cita = _of_holder(session, token, code).Cita
    if cita.state != CitaState.BOOKED:
        raise CitaOver()
    _end(session, cita, CitaState.CANCELLED, CitaStep.CANCEL, principal=principal, now=now, reason=reason)
    _drop_notices(session, cita, now=now)
    return {"token": cita.token}


def cancel_row(
    session: Session, cita_id: int, *, sala: str, principal: Principal, now: datetime, reason: str
) -> dict[str, Any]:
    """`cancel` by whoever attends the sala. Raises CitaUnknown, CitaOver."""
    row = cita_by(session, Cita.id == cita_id, Sala.code == sala)
    if row is None:
        raise CitaUnknown()
    return cancel(session, row.Cita.token, row.Cita.code, principal=principal, now=now, reason=reason)


def check_in(
    session: Session,
    typed: str,
    *,
    preferente: bool,
    principal: Principal,
    public_url: str,
    now: datetime,
    language: str = "es",
    demo: bool = False,
) -> dict[str, Any]:
    """The person of a cita is here: a ticket whose turn is by its hour. `typed` is its code, or what a scanner read.

    Raises CitaUnknown, CitaEarly, CitaOtherDay, CitaUsed, CitaCancelled, each saying the way on."""
    code = typed_code(typed)
    row = cita_by(session, Cita.code == code, *([Sala.code == principal.sala] if principal.sala else []))
    if code is None or row is None:
        raise CitaUnknown()
    cita: Cita = row.Cita
    early = session.get_one(Agenda, cita.sala_id).early_minutes
    _admit(row, arrival(cita.state, cita.slot_at, early=timedelta(minutes=early), now=now), early_minutes=early)
    ticket = desk.issue(
        session,
        row.service,
        preferente=preferente or cita.preferente,
        channel="cita",
        principal=replace(principal, sala=row.sala),
        public_url=public_url,
        now=now,
        slot_at=cita.slot_at,
        language=language,
        demo=demo,
    )
    cita.ticket_id = ticket["id"]
    _end(session, cita, CitaState.PRESENT, CitaStep.CHECK_IN, principal=principal, now=now)
    _drop_notices(session, cita, now=now)
    return ticket


def close_agendas(session: Session, now: datetime) -> int:
    """Citas whose day is over and nobody came: `no_asistio`, when the sala's day ends. What phones left is forgotten."""
    session.execute(delete(PhoneTurn).where(PhoneTurn.at <= now - HOUR))
    session.execute(
        update(Aviso)
        .where(
            Aviso.state == AvisoState.QUEUED,
            Aviso.cita_id.in_(select(Cita.id).where(Cita.slot_at <= now)),
        )
        .values(state=AvisoState.EXPIRED, state_at=now, address=None)
        .execution_options(synchronize_session=False)
    )
    return sum(_close(session, sala, now) for sala in session.scalars(select(Sala).join(Agenda)).all())


def _close(session: Session, sala: Sala, now: datetime) -> int:
    attending = select(Ventanilla.id).where(Ventanilla.sala_id == sala.id, Ventanilla.state != CLOSED).limit(1)
    before = leftovers_before(timetable(sala.timetable), attending=session.scalar(attending) is not None, now=now)
    missed = session.scalars(
        select(Cita)
        .where(Cita.sala_id == sala.id, Cita.state == CitaState.BOOKED, Cita.slot_at < before)
        .order_by(Cita.id)
        .limit(MAX_CLOSED)
    ).all()
    for cita in missed:
        _end(session, cita, CitaState.NO_SHOW, CitaStep.NO_SHOW, principal=SYSTEM, now=now)
    return len(missed)


def _admit(row: Row[Any], told: Arrival, *, early_minutes: int) -> None:
    """Nothing when the person is welcome; else why not, and what to do."""
    cita: Cita = row.Cita
    hour, day = citizen_hour(cita.slot_at), long_day(cita.slot_at)
    if told is Arrival.EARLY:
        since = citizen_hour(cita.slot_at - timedelta(minutes=early_minutes))
        raise CitaEarly(
            f"Su cita es hoy a las {hour}. Puede registrar su llegada desde las {since}. Si prefiere, tome un turno ahora."
        )
    if told is Arrival.OTHER_DAY:
        raise CitaOtherDay(f"Su cita es el {day} a las {hour}. Ese día valdrá aquí; hoy puede tomar un turno.")
    if told is Arrival.USED:
        raise CitaUsed(f"Ya registró su llegada: su turno es {row.ticket}. Si perdió el ticket, pida otro en informes.")
    if told is Arrival.CANCELLED:
        raise CitaCancelled()


def _seat(session: Session, offer: Offer, slot_at: datetime, *, calendar: Calendar, now: datetime) -> int:
    """A free seat of the slot. Verbs run one after another, and the index of seats holds even if they did not."""
    if not may_begin(offer, slot_at, calendar=calendar, now=now):
        raise SlotNotOffered()
    taken = seats_taken(session, offer.service_id, slot_at, slot_at + timedelta(microseconds=1)).get(slot_at, [])
    seat = free_seat(taken, offer.capacity_on(lima_day(slot_at)))
    if seat is None:
        raise SlotFull()
    return seat


def _new_code(session: Session) -> str:
    """Eight digits that no cita to come has; a keypad can type them."""
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if session.scalar(select(Cita.id).where(Cita.code == code, Cita.state == CitaState.BOOKED)) is None:
            return code


def _of_holder(session: Session, token: str, code: str) -> Row[Any]:
    """The cita of who has both its page and its code. Raises CitaUnknown, alike for either."""
    row = cita_by(session, Cita.token == token)
    if row is None or not same_secret(row.Cita.code, typed_code(code) or ""):
        raise CitaUnknown()
    return row


def _end(
    session: Session,
    cita: Cita,
    state: CitaState,
    step: CitaStep,
    *,
    principal: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    """The cita is over, one way or another; its phone's mark is forgotten."""
    cita.state, cita.state_at, cita.phone_mark = state, now, None
    session.flush()
    _note(session, cita, step, principal=principal, now=now, reason=reason)


def _remind(session: Session, cita: Cita, address: str, *, now: datetime) -> None:
    due_at = remind_at(cita.slot_at, now=now)
    if due_at is not None:
        session.add(
            Aviso(
                cita_id=cita.id,
                kind="recordatorio",
                address=address,
                due_at=due_at,
                state=AvisoState.QUEUED,
                state_at=now,
            )
        )


def _drop_notices(session: Session, cita: Cita, *, now: datetime) -> list[str]:
    """Take the cita's queued notices back; returns where they would have gone."""
    queued = session.scalars(select(Aviso).where(Aviso.cita_id == cita.id, Aviso.state == AvisoState.QUEUED)).all()
    addresses = [notice.address for notice in queued if notice.address]
    for notice in queued:
        notice.state, notice.state_at, notice.address = AvisoState.DROPPED, now, None
    return addresses


def _note(
    session: Session,
    cita: Cita,
    step: CitaStep,
    *,
    principal: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    session.add(
        CitaMove(cita_id=cita.id, move=step, slot_at=cita.slot_at, principal=principal.key, reason=reason, at=now)
    )
    record(session, principal=principal, action=f"cita.{step}", subject=f"cita:{cita.id}", detail=reason or "", now=now)
