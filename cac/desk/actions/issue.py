"""Giving a ticket: number, row, movement, paper and audit entry in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, false, insert, select, true, update
from sqlalchemy.orm import Session

from cac.desk.actions.press import Press
from cac.desk.actions.rows import (
    CLOSED,
    LINE_COUNT,
    SALA,
    SERVICE,
    SITE,
    TICKET,
    WAITS,
    count_line,
    desks_of,
    note,
    to_waiting,
    waiting_columns,
)
from cac.desk.models import TicketCounter
from cac.desk.views import ticket_json
from cac.paper.actions import enqueue
from core.clock import lima_day
from core.errors import Conflict, NotFound
from core.ids import follow_token, ticket_code
from printing.papers import TicketPaper
from storage.prepared import prepared
from storage.types import MAX_INTEGER
from ticketing.day import timetable
from ticketing.estimate import Wait
from ticketing.moves import Move, State
from ticketing.numbering import series
from ticketing.policy import Waiting, ahead, appointment_turn
from ticketing.rules import parse_policy
from web.access import Principal

ON_PAPER = frozenset({"kiosko", "ventanilla", "cita"})  # channels whose person stands beside a printer

_COUNTER: Any = TicketCounter.__table__
_SERVICE = (
    select(
        SERVICE.c.id,
        SERVICE.c.code,
        SERVICE.c.name,
        SALA.c.id.label("sala_id"),
        SALA.c.code.label("sala"),
        SALA.c.timetable,
        SALA.c.policy,
        SALA.c.recalls,
        SALA.c.preferente_series,
        SALA.c.ticket_foot,
        SALA.c.closed_message,
        SITE.c.id.label("site_id"),
        SITE.c.name.label("site"),
        SITE.c.office,
    )
    .select_from(SERVICE)
    .join(SALA, SALA.c.id == SERVICE.c.sala_id)
    .join(SITE, SITE.c.id == SERVICE.c.site_id)
    .where(SERVICE.c.active, SERVICE.c.code == bindparam("service"))
    .order_by(SALA.c.id)
    .limit(1)
)
_ANY_SERVICE = prepared(_SERVICE)
_SERVICE_IN_SALA = prepared(_SERVICE.where(SALA.c.code == bindparam("sala")))
_COUNT = prepared(
    update(_COUNTER)
    .where(
        _COUNTER.c.site_id == bindparam("of_site"),
        _COUNTER.c.series == bindparam("of_series"),
        _COUNTER.c.day == bindparam("of_day"),
    )
    .values(last=_COUNTER.c.last + 1)
    .returning(_COUNTER.c.last)
)
_FIRST = prepared(insert(_COUNTER))
_GROUPS = prepared(
    select(LINE_COUNT.c.preferente, LINE_COUNT.c.only_ventanilla_id, LINE_COUNT.c.waiting, SERVICE.c.code)
    .select_from(LINE_COUNT)
    .join(SERVICE, SERVICE.c.id == LINE_COUNT.c.service_id)
    .where(LINE_COUNT.c.sala_id == bindparam("sala_id"), LINE_COUNT.c.waiting > 0)
)
_LINE = prepared(waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS))
_LATER = prepared(
    waiting_columns().where(
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.preferente.in_([true(), false()]),  # named, so that the index of the line serves
        TICKET.c.turn_at > bindparam("turn_at"),
        WAITS,
    )
)
_ISSUE = prepared(insert(TICKET).returning(TICKET.c.id))
_SET_JOB = prepared(update(TICKET).where(TICKET.c.id == bindparam("ticket_id")).values(print_job=bindparam("job")))


class ServiceUnknown(NotFound):
    code = "servicio.no_existe"
    detail = "No existe ese servicio. Elija uno de la lista."


class ServiceClosed(Conflict):
    code = "servicio.cerrado"
    detail = "A esta hora no se entregan tickets. Consulte el horario de atención en Informes."


@dataclass(frozen=True, slots=True)
class Issued:
    """A ticket just issued, with the names `note` and `ticket_json` read of a ticket's row."""

    id: int
    code: str
    service: str
    service_name: str
    service_id: int
    sala: str
    sala_id: int
    preferente: bool
    state: State | None
    issued_at: datetime
    token: str
    print_job: int | None = None
    ventanilla: int | None = None
    ventanilla_id: int | None = None


def issue(
    session: Session,
    service: str,
    *,
    preferente: bool,
    channel: str,
    principal: Principal,
    public_url: str,
    now: datetime,
    wait: Wait | None = None,
    slot_at: datetime | None = None,
    on_paper: bool | None = None,
    language: str = "es",
    demo: bool = False,
) -> dict[str, Any]:
    """Give a ticket of `service` (its letter). `wait` is the estimate told and printed, `slot_at` the hour of an
    appointment; `on_paper` None: as its channel does; `language`: of the page that follows it.

    Raises ServiceUnknown, ServiceClosed."""
    of = _find(session, service, principal.sala)
    if not timetable(of.timetable).is_open(now):
        raise ServiceClosed(of.closed_message or None)
    letter = series(of.code, preferente=preferente, preferente_series=of.preferente_series)
    day = lima_day(now)
    number = _number(session, of.site_id, letter, day)
    code, token = ticket_code(letter, number), follow_token()
    turn_at = appointment_turn(slot_at, now) if slot_at else now
    before = count_ahead(session, of, preferente=preferente, turn_at=turn_at, now=now)
    values = {
        "site_id": of.site_id,
        "sala_id": of.sala_id,
        "service_id": of.id,
        "series": letter,
        "number": number,
        "day": day,
        "code": code,
        "preferente": preferente,
        "channel": channel,
        "language": language,
        "state": State.WAITING,
        "state_at": now,
        "issued_at": now,
        "turn_at": turn_at,
        "slot_at": slot_at,
        "calls": 0,
        "attended_s": 0,
        "token": token,
    }
    ticket_id = _ISSUE(session, values).scalar_one()
    facts = (ticket_id, code, of.code, of.name, of.id, of.sala, of.sala_id, preferente)
    was: Any = Issued(*facts, None, now, token)
    note(session, was, Move.ISSUE, State.WAITING, Press(principal, now), service_id=of.id, detail=_told(before, wait))
    count_line(session, of.sala_id, preferente, {"service_id": of.id, "only_ventanilla_id": None}, 1)
    job = None
    if (channel in ON_PAPER) if on_paper is None else on_paper:
        paper = TicketPaper(
            site=of.site,
            office=of.office,
            code=code,
            service=of.name,
            issued_at=now,
            ahead=before,
            wait_minutes=(wait.low_minutes, wait.high_minutes) if wait else None,
            preferente=preferente,
            slot_at=slot_at,
            follow_url=f"{public_url}/t/{token}",
            calls=of.recalls,
            foot=of.ticket_foot,
            demo=demo,
        )
        job = enqueue(
            session, purpose="tickets", sala_code=of.sala, paper=paper, subject=f"ticket:{ticket_id}", now=now
        )
        if job is not None:
            _SET_JOB(session, {"ticket_id": ticket_id, "job": job})
    return ticket_json(Issued(*facts, State.WAITING, now, token, job), ahead=before, wait=wait, public_url=public_url)


def count_ahead(session: Session, of: Row[Any], *, preferente: bool, turn_at: datetime, now: datetime) -> int:
    """`ahead` of whoever comes now.

    Nearly everyone's turn is before. So each kind of ticket is ahead as a whole or not at all, and those whose turn is later, by an
    appointment, are looked at one by one; the whole line is, where the policy looks at the hour or at the calls made so far."""
    desks = desks_of(session, of.sala_id)
    numbers = {ventanilla_id: desk.number for ventanilla_id, (desk, _) in desks.items()}
    newcomer = Waiting(MAX_INTEGER, "", of.code, preferente, turn_at)
    policy = parse_policy(of.policy)
    calling = [desk for desk, state in desks.values() if state != CLOSED]
    if not any(desk.may_call(newcomer) for desk in calling):
        calling = [desk for desk, _ in desks.values()]
    if not policy.plain:
        line = [to_waiting(row) for row in _LINE(session, {"sala_id": of.sala_id})]
        return ahead(newcomer, line, calling, policy=policy, now=now)
    total = 0
    for group in _GROUPS(session, {"sala_id": of.sala_id}):
        only = numbers.get(group.only_ventanilla_id)
        one = Waiting(-1, "", group.code, group.preferente, turn_at, only)
        total += group.waiting * ahead(newcomer, [one], calling, policy=policy, now=now)
    later = [to_waiting(row) for row in _LATER(session, {"sala_id": of.sala_id, "turn_at": turn_at})]
    as_if_before = [replace(one, turn_at=turn_at, ticket_id=-1) for one in later]
    by_group, really = (ahead(newcomer, line, calling, policy=policy, now=now) for line in (as_if_before, later))
    return total - by_group + really


def _told(before: int, wait: Wait | None) -> dict[str, Any]:
    """What the citizen was told, kept with the move: held against the true wait, it says how far it can be believed."""
    range_told = (
        {"low_minutes": wait.low_minutes, "high_minutes": wait.high_minutes, "likely_s": round(wait.likely_s)}
        if wait
        else {}
    )
    return {"ahead": before, **range_told}


def _find(session: Session, service: str, sala: str | None) -> Any:
    statement, named = (
        (_ANY_SERVICE, {"service": service}) if sala is None else (_SERVICE_IN_SALA, {"service": service, "sala": sala})
    )
    row = statement(session, named).first()
    if row is None:
        raise ServiceUnknown()
    return row


def _number(session: Session, site_id: int, letter: str, day: Any) -> int:
    """The next of the series today. Verbs run one after another, so nobody else counts meanwhile."""
    last: int | None = _COUNT(session, {"of_site": site_id, "of_series": letter, "of_day": day}).scalar()
    if last is None:
        _FIRST(session, {"site_id": site_id, "series": letter, "day": day, "last": 1})
        return 1
    return last
