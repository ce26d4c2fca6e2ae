"""Reads of opinions: whom to ask now, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Staff
from cac.desk.models import Service, Ticket, TicketMove, Ventanilla
from cac.desk.queries import find_sala
from cac.opinions.actions import OpinionTicketUnknown, require_open
from cac.opinions.models import Opinion
from cac.opinions.rules import (
    ASKED,
    CHANNELS,
    KIOSK,
    PLACES,
    TABLET,
    TAKEN,
    Entry,
    Tally,
    monday_of,
    tallies,
    whole,
)
from core.clock import lima_day
from ticketing.moves import OPEN as IN_TURN
from ticketing.moves import Move, State

COMMENTS_SHOWN = 50
EXPORTED_MAX = 50_000  # answers of one file


@dataclass(frozen=True, slots=True)
class Comment:
    on: date
    service: str
    face: int
    text: str


@dataclass(frozen=True, slots=True)
class Opinions:
    """What was answered in a sala from `since` to `until`, both days included."""

    sala: str
    sala_name: str
    since: date
    until: date
    attended: int
    all: Tally
    services: tuple[Tally, ...]
    channels: tuple[Tally, ...]
    places: tuple[Tally, ...]
    weeks: tuple[Tally, ...]
    clerks: tuple[Tally, ...]
    comments: tuple[Comment, ...]


def asked_by_tablet(session: Session, sala: str, number: int, *, now: datetime) -> dict[str, Any] | None:
    """The attention this ventanilla just finished, while its tablet asks about it: `{id, code}`.

    It asks for `ASKED`, until somebody else is being attended there, and only once."""
    found = _last_finished(session, sala, number, now=now)
    if found is None or now - found.finished_at > ASKED or _attending(session, found.ventanilla_id):
        return None
    return {"id": found.id, "code": found.code}


def finished_at_tablet(session: Session, sala: str, number: int, ticket_id: int, *, now: datetime) -> int:
    """`ticket_id`, if this ventanilla finished it lately: a tablet rates nothing else. Raises OpinionTicketUnknown."""
    finished = _finished(session, sala, number, now=now).where(Ticket.id == ticket_id)
    if session.execute(finished).first() is None:
        raise OpinionTicketUnknown()
    return ticket_id


def find_at_kiosk(session: Session, sala: str | None, entry: Entry | None, *, now: datetime) -> Ticket:
    """The turn somebody names at the kiosk, if it may be rated now. A code is of today, in this sala.

    Raises OpinionTicketUnknown, NotAttended, OpinionLate, OpinionGiven."""
    ticket = None
    if entry is not None:
        named = select(Ticket).where(Ticket.sala_id == find_sala(session, sala).id)
        if entry.token:
            named = named.where(Ticket.token == entry.token)
        else:
            named = named.where(Ticket.day == lima_day(now), Ticket.code == entry.code)
        ticket = session.scalar(named)
    require_open(session, ticket, place=KIOSK, now=now)
    assert ticket is not None
    return ticket


def series_today(session: Session, sala: str | None, *, now: datetime) -> list[str]:
    """The letters of the tickets given today: what a person may have on the paper."""
    given = select(Ticket.series).where(Ticket.sala_id == find_sala(session, sala).id, Ticket.day == lima_day(now))
    return sorted(session.scalars(given.distinct()))


def given_for(session: Session, ticket_id: int) -> int | None:
    """The face given for this ticket, if one was."""
    return session.scalar(select(Opinion.face).where(Opinion.ticket_id == ticket_id))


def opinions_of(session: Session, sala: str | None, *, since: date, until: date) -> Opinions:
    """Every figure of the supervisor's page. Raises SalaUnknown."""
    row = find_sala(session, sala)
    here = (Opinion.sala_id == row.id, Opinion.given_on.between(since, until))
    services = _by(session, Service.name, here, join=Service, order=Service.position)
    attended = select(func.count(Ticket.id)).where(
        Ticket.sala_id == row.id, Ticket.day.between(since, until), Ticket.state == State.FINISHED.value
    )
    days = session.execute(
        select(Opinion.given_on, Opinion.face, func.count())
        .where(*here)
        .group_by(Opinion.given_on, Opinion.face)
        .order_by(Opinion.given_on)
    ).all()
    return Opinions(
        sala=row.code,
        sala_name=row.name,
        since=since,
        until=until,
        attended=session.scalar(attended) or 0,
        all=whole(services),
        services=services,
        channels=_named(_by(session, Opinion.channel, here), CHANNELS),
        places=_named(_by(session, Opinion.place, here), PLACES),
        weeks=tallies((f"{monday_of(day):%d/%m/%Y}", face, count) for day, face, count in days),
        clerks=_clerks(session, _by(session, Opinion.clerk, here)),
        comments=_comments(session, here),
    )


def answers_of(session: Session, sala: str | None, *, since: date, until: date) -> list[Row[Any]]:
    """Each answer, oldest first, without who attended nor the turn: `(given_on, service, channel, place, face, comment)`."""
    return list(
        session.execute(
            select(
                Opinion.given_on,
                Service.name.label("service"),
                Opinion.channel,
                Opinion.place,
                Opinion.face,
                Opinion.comment,
            )
            .join(Service, Service.id == Opinion.service_id)
            .where(Opinion.sala_id == find_sala(session, sala).id, Opinion.given_on.between(since, until))
            .order_by(Opinion.given_on, Opinion.id)
            .limit(EXPORTED_MAX)
        )
    )


def _finished(session: Session, sala: str, number: int, *, now: datetime) -> Any:
    """Attentions that ended at this ventanilla lately, the last one first."""
    return (
        select(Ticket.id, Ticket.code, TicketMove.ventanilla_id, TicketMove.at.label("finished_at"))
        .join(TicketMove, TicketMove.ticket_id == Ticket.id)
        .join(Ventanilla, Ventanilla.id == TicketMove.ventanilla_id)
        .where(
            TicketMove.at > now - TAKEN[TABLET],
            TicketMove.move == Move.FINISH.value,
            Ventanilla.number == number,
            Ventanilla.sala_id == find_sala(session, sala).id,
            Ticket.state == State.FINISHED.value,
        )
        .order_by(TicketMove.id.desc())
    )


def _last_finished(session: Session, sala: str, number: int, *, now: datetime) -> Row[Any] | None:
    last = session.execute(_finished(session, sala, number, now=now).limit(1)).first()
    return None if last is None or given_for(session, last.id) else last


def _attending(session: Session, ventanilla_id: int) -> bool:
    there = session.scalars(
        select(Ticket.state).where(
            Ticket.ventanilla_id == ventanilla_id, Ticket.state.in_([state.value for state in IN_TURN])
        )
    )
    return State.ATTENDED in set(there)


def _by(
    session: Session,
    column: Any,
    here: tuple[ColumnElement[bool], ...],
    *,
    join: type[Service] | None = None,
    order: Any = None,
) -> tuple[Tally, ...]:
    order = column if order is None else order
    counted = select(column, Opinion.face, func.count()).where(*here).group_by(column, Opinion.face, order)
    if join is not None:
        counted = counted.join(join, join.id == Opinion.service_id)
    return tallies((name, face, count) for name, face, count in session.execute(counted.order_by(order)))


def _named(groups: Iterable[Tally], names: dict[str, str]) -> tuple[Tally, ...]:
    return tuple(Tally(names.get(group.name, group.name), group.faces) for group in groups)


def _clerks(session: Session, groups: tuple[Tally, ...]) -> tuple[Tally, ...]:
    """By name; who acts with a program is called as its token."""
    names = {f"staff:{id_}": name for id_, name in session.execute(select(Staff.id, Staff.name))}
    names |= {f"token:{id_}": name for id_, name in session.execute(select(ApiToken.id, ApiToken.name))}
    return tuple(sorted(_named(groups, names), key=lambda group: group.name))


def _comments(session: Session, here: tuple[ColumnElement[bool], ...]) -> tuple[Comment, ...]:
    rows = session.execute(
        select(Opinion.given_on, Service.name, Opinion.face, Opinion.comment)
        .join(Service, Service.id == Opinion.service_id)
        .where(*here, Opinion.comment.is_not(None))
        .order_by(Opinion.id.desc())
        .limit(COMMENTS_SHOWN)
    )
    return tuple(Comment(on, service, face, text or "") for on, service, face, text in rows)
