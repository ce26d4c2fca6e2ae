"""Reads of the evidence: the waits of each day, what was corrected, what was complained of, when nobody attended."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from cac.access.models import ApiToken, Device, Staff
from cac.desk.actions.rows import TicketUnknown
from cac.desk.models import Ticket, TicketMove, Ventanilla, VentanillaMove
from cac.desk.queries import find_sala
from cac.preferente.actions import complaint_number
from cac.preferente.models import PreferenteAnswer, PreferenteComplaint
from cac.preferente.rules import Placed, Span, Stood, Waits, spans, uncovered, union, waits
from core.clock import LIMA, lima_day
from ticketing.moves import Move, State

_By = dict[tuple[date, bool], Any]


@dataclass(frozen=True, slots=True)
class DayWaits:
    on: date
    preferente: Waits
    general: Waits


@dataclass(frozen=True, slots=True)
class Correction:
    at: datetime
    code: str
    preferente: bool  # what it became
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Complaint:
    id: int
    number: str
    at: datetime
    code: str
    ventanilla: int | None
    what: str
    by: str
    answer: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the page and the file tell of a sala from `since` to `until`, both days included."""

    sala: str
    sala_name: str
    since: date
    until: date
    days: tuple[DayWaits, ...]
    preferente: Waits
    general: Waits
    corrections: tuple[Correction, ...]
    complaints: tuple[Complaint, ...]
    waited: timedelta  # at least one preferente waited
    gaps: tuple[Span, ...]  # of that time, with no ventanilla that calls them

    @property
    def uncovered(self) -> timedelta:
        return sum((gap.length for gap in self.gaps), timedelta())


def evidence(session: Session, sala: str | None, *, since: date, until: date, now: datetime) -> Evidence:
    """Raises SalaUnknown."""
    row = find_sala(session, sala)
    called, uncalled = _waits(session, row.id, since, until)
    seen = sorted({on for on, _ in (*called, *uncalled)})
    start, end = _midnight(since), min(_midnight(until + timedelta(days=1)), now)
    waiting = _waiting(session, row.id, since, until, start=start, end=end)
    attended = _attended(session, row.id, start=start, end=end)
    return Evidence(
        sala=row.code,
        sala_name=row.name,
        since=since,
        until=until,
        days=tuple(
            DayWaits(on, _of_day(called, uncalled, on, True), _of_day(called, uncalled, on, False)) for on in seen
        ),
        preferente=_of_all(called, uncalled, True),
        general=_of_all(called, uncalled, False),
        corrections=corrections_of(session, row.id, start=start, end=end),
        complaints=complaints_of(session, row.id, since=since, until=until),
        waited=sum((span.length for span in union(waiting)), timedelta()),
        gaps=tuple(uncovered(waiting, attended)),
    )


def corrections_of(
    session: Session, sala_id: int, *, start: datetime, end: datetime, limit: int | None = None
) -> tuple[Correction, ...]:
    """The last first. Who corrected is named as it is called today."""
    names = _names(session)
    rows = session.execute(
        select(TicketMove, Ticket.code)
        .join(Ticket, Ticket.id == TicketMove.ticket_id)
        .where(
            TicketMove.at >= start,
            TicketMove.at < end,
            TicketMove.move == Move.CLASSIFY.value,
            Ticket.sala_id == sala_id,
        )
        .order_by(TicketMove.id.desc())
        .limit(limit)
    )
    return tuple(
        Correction(
            move.at, code, bool((move.detail or {})["preferente"]), move.reason or "", names.get(move.principal, "")
        )
        for move, code in rows
    )


def complaints_of(
    session: Session, sala_id: int, *, since: date, until: date, limit: int | None = None
) -> tuple[Complaint, ...]:
    """The last first, each with what was done about it."""
    rows = session.execute(
        select(PreferenteComplaint, PreferenteAnswer, Ticket.code, Ventanilla.number)
        .outerjoin(PreferenteAnswer, PreferenteAnswer.complaint_id == PreferenteComplaint.id)
        .outerjoin(Ticket, Ticket.id == PreferenteComplaint.ticket_id)
        .outerjoin(Ventanilla, Ventanilla.id == PreferenteComplaint.ventanilla_id)
        .where(PreferenteComplaint.sala_id == sala_id, PreferenteComplaint.noted_on.between(since, until))
        .order_by(PreferenteComplaint.id.desc())
        .limit(limit)
    )
    return tuple(
        Complaint(
            id=complaint.id,
            number=complaint_number(complaint.year, complaint.number),
            at=complaint.noted_at,
            code=code or "",
            ventanilla=number,
            what=complaint.what,
            by=complaint.noted_by_name,
            answer=answer.what if answer else "",
            answered_by=answer.given_by_name if answer else "",
            answered_at=answer.given_at if answer else None,
        )
        for complaint, answer, code, number in rows
    )


def _waits(session: Session, sala_id: int, since: date, until: date) -> tuple[_By, _By]:
    """By day and class: the seconds to each ticket's first call, and how many were never called and wait no more."""
    days = (Ticket.sala_id == sala_id, Ticket.day.between(since, until))
    calls = session.execute(
        select(Ticket.id, Ticket.day, Ticket.preferente, TicketMove.seconds)
        .join(TicketMove, TicketMove.ticket_id == Ticket.id)
        .where(*days, TicketMove.move == Move.CALL.value)
        .order_by(TicketMove.id)
    )
    called, seen = defaultdict(list), set()
    for ticket_id, on, preferente, seconds in calls:
        if ticket_id not in seen and seconds is not None:
            seen.add(ticket_id)
            called[on, preferente].append(seconds)
    other = aliased(TicketMove)
    was_called = select(other.id).where(other.ticket_id == Ticket.id, other.move == Move.CALL.value).exists()
    left = session.execute(
        select(Ticket.day, Ticket.preferente, func.count())
        .where(*days, Ticket.state.in_([State.CANCELLED.value, State.LEFT.value]), ~was_called)
        .group_by(Ticket.day, Ticket.preferente)
    )
    return called, {(on, preferente): count for on, preferente, count in left}


def _of_day(called: _By, uncalled: _By, on: date, preferente: bool) -> Waits:
    return waits(called.get((on, preferente), []), uncalled=uncalled.get((on, preferente), 0))


def _of_all(called: _By, uncalled: _By, preferente: bool) -> Waits:
    seconds = [one for (_, which), found in called.items() if which is preferente for one in found]
    return waits(seconds, uncalled=sum(count for (_, which), count in uncalled.items() if which is preferente))


def _waiting(session: Session, sala_id: int, since: date, until: date, *, start: datetime, end: datetime) -> list[Span]:
    """When each preferente waited. A corrected ticket counts from its correction, or until it.

    Tickets of the day before are read too: one may still have waited after midnight."""
    corrected = select(TicketMove.ticket_id).where(
        TicketMove.move == Move.CLASSIFY.value, TicketMove.at >= start - timedelta(days=1)
    )
    rows = session.execute(
        select(
            TicketMove.ticket_id,
            TicketMove.move,
            TicketMove.at,
            TicketMove.to_state,
            TicketMove.detail,
            Ticket.preferente,
        )
        .join(Ticket, Ticket.id == TicketMove.ticket_id)
        .where(
            Ticket.sala_id == sala_id,
            Ticket.day.between(since - timedelta(days=1), until),
            or_(Ticket.preferente, Ticket.id.in_(corrected)),
        )
        .order_by(TicketMove.ticket_id, TicketMove.id)
    )
    moves: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        moves[row.ticket_id].append(row)
    return [span for ticket in moves.values() for span in spans(_placed(ticket), since=start, until=end)]


def _placed(moves: list[Any]) -> list[Placed]:
    """A ticket's moves as steps, with the class it had at each."""
    changes = [row.detail["preferente"] for row in moves if row.move == Move.CLASSIFY]
    preferente = not changes[0] if changes else moves[0].preferente
    steps = []
    for row in moves:
        if row.move == Move.CLASSIFY:
            preferente = row.detail["preferente"]
        steps.append(Placed(row.at, row.to_state, preferente))
    return steps


def _attended(session: Session, sala_id: int, *, start: datetime, end: datetime) -> list[Span]:
    """When each ventanilla called preferentes: its log in the period, and where it stood before."""
    places = session.execute(select(Ventanilla.id).where(Ventanilla.sala_id == sala_id)).scalars().all()
    before = (
        select(func.max(VentanillaMove.id))
        .where(VentanillaMove.ventanilla_id.in_(places), VentanillaMove.at < start)
        .group_by(VentanillaMove.ventanilla_id)
    )
    rows = session.scalars(
        select(VentanillaMove)
        .where(
            VentanillaMove.ventanilla_id.in_(places),
            or_(VentanillaMove.id.in_(before), VentanillaMove.at.between(start, end)),
        )
        .order_by(VentanillaMove.ventanilla_id, VentanillaMove.id)
    )
    stood: dict[int, list[Stood]] = defaultdict(list)
    for row in rows:
        stood[row.ventanilla_id].append(Stood(row.at, row.state, row.attends))
    return [span for steps in stood.values() for span in spans(steps, since=start, until=end)]


def _names(session: Session) -> dict[str, str]:
    return {
        f"{kind}:{row.id}": row.name
        for kind, model in (("staff", Staff), ("token", ApiToken), ("device", Device))
        for row in session.execute(select(model.id, model.name))
    }


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), LIMA)


def ticket_of_today(session: Session, sala: str | None, code: str, *, now: datetime) -> int:
    """The id of today's ticket with this code. Raises TicketUnknown, SalaUnknown."""
    found = session.scalar(
        select(Ticket.id).where(
            Ticket.sala_id == find_sala(session, sala).id, Ticket.day == lima_day(now), Ticket.code == code
        )
    )
    if found is None:
        raise TicketUnknown(field="turno")
    return found


def today_of(session: Session, sala_id: int, *, today: date, limit: int, now: datetime) -> dict[str, Any]:
    """What was written down today, and the sala's ventanillas to choose from."""
    return {
        "corrections": corrections_of(
            session, sala_id, start=_midnight(today), end=now + timedelta(seconds=1), limit=limit
        ),
        "complaints": complaints_of(session, sala_id, since=today, until=today, limit=limit),
        "ventanillas": session.scalars(
            select(Ventanilla.number).where(Ventanilla.sala_id == sala_id).order_by(Ventanilla.number)
        ).all(),
    }
