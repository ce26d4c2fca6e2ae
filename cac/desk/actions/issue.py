"""Giving a ticket: number, row, movement, paper and audit entry in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, false, insert, select, true, update
from sqlalchemy.orm import Session

from cac.desk.actions.press import Press
from cac.desk.actions.rows import (
    ATTENDS,
    CLOSED,
    LINE_COUNT,
    SALA,
    SERVICE,
    SITE,
    TICKET,
    VENTANILLA,
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
from printing.wording import LANGUAGES, SPANISH
from storage.prepared import prepared
from storage.remembered import remembered
from storage.types import MAX_INTEGER
from ticketing.day import Timetable, timetable
from ticketing.estimate import Wait
from ticketing.moves import Move, State
from ticketing.numbering import series
from ticketing.policy import Desk, Waiting, ahead, appointment_turn
from ticketing.rules import Policy, parse_policy
from web.access import Principal

ON_PAPER = frozenset({"kiosko", "ventanilla", "cita"})  # channels whose person stands beside a printer
_ANY_TIME = datetime.max.replace(tzinfo=UTC)  # of whoever comes last, where the policy looks at no hour

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
_SERVICE_IN_SALA = _SERVICE.where(SALA.c.code == bindparam("sala"))
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


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A service as its tickets are given, with its sala and site; the same one while nothing of them changes."""

    id: int
    code: str
    name: str
    sala_id: int
    sala: str
    hours: Timetable
    policy: Policy
    recalls: int
    preferente_series: str | None
    ticket_foot: str
    closed_message: str
    site_id: int
    site: str
    office: str


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
    appointment; `on_paper` None: as its channel does; `language`: of its paper and of the page that follows it.

    Raises ServiceUnknown, ServiceClosed."""
    of = _offer(session, service, principal.sala)
    if not of.hours.is_open(now):
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
            language=language if language in LANGUAGES else SPANISH,
            demo=demo,
        )
        job = enqueue(
            session, purpose="tickets", sala_code=of.sala, paper=paper, subject=f"ticket:{ticket_id}", now=now
        )
        if job is not None:
            _SET_JOB(session, {"ticket_id": ticket_id, "job": job})
    return ticket_json(Issued(*facts, State.WAITING, now, token, job), ahead=before, wait=wait, public_url=public_url)


def count_ahead(session: Session, of: Offer, *, preferente: bool, turn_at: datetime, now: datetime) -> int:
    """`ahead` of whoever comes now.

    Nearly everyone's turn is before. So each kind of ticket is ahead as a whole or not at all, and those whose turn is later, by an
    appointment, are looked at one by one; the whole line is, where the policy looks at the hour or at the calls made so far."""
    if not of.policy.plain:
        line = [to_waiting(row) for row in _LINE(session, {"sala_id": of.sala_id})]
        return _ahead(session, of, preferente, turn_at, line, now)
    total: int = sum(
        group.waiting
        for group in _GROUPS(session, {"sala_id": of.sala_id})
        if _goes_before(session, of, preferente, group.code, group.preferente, group.only_ventanilla_id)
    )
    later = [to_waiting(row) for row in _LATER(session, {"sala_id": of.sala_id, "turn_at": turn_at})]
    if not later:
        return total
    as_if_before = [replace(one, turn_at=turn_at, ticket_id=-1) for one in later]
    by_group, really = (_ahead(session, of, preferente, turn_at, line, now) for line in (as_if_before, later))
    return total - by_group + really


def _ahead(session: Session, of: Offer, preferente: bool, turn_at: datetime, line: list[Waiting], now: datetime) -> int:
    newcomer = replace(_newcomer(of, preferente), turn_at=turn_at)
    return ahead(newcomer, line, _calling(session, of, preferente), policy=of.policy, now=now)


@remembered(SITE, SALA, SERVICE, VENTANILLA, ATTENDS)
def _goes_before(
    session: Session, of: Offer, preferente: bool, service: str, other_class: bool, only_ventanilla_id: int
) -> bool:
    """Whether who waits for `service` in that class, sent to that ventanilla (0: any), is called before a newcomer. For plain policies."""
    found = desks_of(session, of.sala_id).get(only_ventanilla_id)
    one = Waiting(-1, "", service, other_class, _ANY_TIME, found[0].number if found else None)
    calling = _calling(session, of, preferente)
    return ahead(_newcomer(of, preferente), [one], calling, policy=of.policy, now=_ANY_TIME) > 0


@remembered(SITE, SALA, SERVICE, VENTANILLA, ATTENDS)
def _calling(session: Session, of: Offer, preferente: bool) -> list[Desk]:
    """The ventanillas that may call a newcomer; while none of them is open, all."""
    desks = desks_of(session, of.sala_id).values()
    newcomer = _newcomer(of, preferente)
    calling = [desk for desk, state in desks if state != CLOSED]
    return calling if any(desk.may_call(newcomer) for desk in calling) else [desk for desk, _ in desks]


def _newcomer(of: Offer, preferente: bool) -> Waiting:
    return Waiting(MAX_INTEGER, "", of.code, preferente, _ANY_TIME)


def _told(before: int, wait: Wait | None) -> dict[str, Any]:
    """What the citizen was told, kept with the move: held against the true wait, it says how far it can be believed."""
    range_told = (
        {"low_minutes": wait.low_minutes, "high_minutes": wait.high_minutes, "likely_s": round(wait.likely_s)}
        if wait
        else {}
    )
    return {"ahead": before, **range_told}


@remembered(SITE, SALA, SERVICE)
def _offer(session: Session, service: str, sala: str | None) -> Offer:
    """The service of this letter in the sala, or in the first that has it. Raises ServiceUnknown."""
    statement = _SERVICE if sala is None else _SERVICE_IN_SALA
    row = session.execute(statement, {"service": service, "sala": sala}).first()
    if row is None:
        raise ServiceUnknown()
    values = row._asdict()
    hours, policy = timetable(values.pop("timetable")), parse_policy(values.pop("policy"))
    return Offer(**values, hours=hours, policy=policy)


def _number(session: Session, site_id: int, letter: str, day: Any) -> int:
    """The next of the series today. Verbs run one after another, so nobody else counts meanwhile."""
    last: int | None = _COUNT(session, {"of_site": site_id, "of_series": letter, "of_day": day}).scalar()
    if last is None:
        _FIRST(session, {"site_id": site_id, "series": letter, "day": day, "last": 1})
        return 1
    return last
