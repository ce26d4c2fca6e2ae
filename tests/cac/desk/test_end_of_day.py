"""Closing hour, half days, the end of the day, and what years of history cost: at told moments, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import bindparam, cast, event, func, insert, literal, select, text, true, update
from sqlalchemy.engine import Engine

from cac.access.actions import SYSTEM
from cac.desk import actions, queries
from cac.desk.actions.issue import ServiceClosed
from cac.desk.models import Llamado, Sala, Service, Site, Ticket, TicketMove, Ventanilla, VentanillaMove
from cac.desk.workplace import workplace
from storage import Store, prepared
from tests.cac.desk.test_queue_day import Day

OFFICE = {
    "week": [[["07:30", "13:00"], ["14:00", "16:30"]]] * 5 + [[], []],
    "dates": {"2026-11-23": [["08:00", "12:00"]]},
}
OLD, EACH = 10_000, 2_000  # tickets of years past; a write ends within its two seconds
# a step that reads a growing table from end to end, as SQLite and as PostgreSQL tell it
WHOLE = re.compile(
    r"SCAN (ticket|ticket_move|llamado)\b(?!.* USING .*INDEX)|Seq Scan on (ticket|ticket_move|llamado)\b"
)
NORTE = replace(SYSTEM, sala="norte")


@pytest.fixture
def day(store: Store, sala: str) -> Day:
    return Day(store)


def set_hours(store: Store, sala: str, timetable: dict[str, Any] | None) -> None:
    def verb(session: Any) -> None:
        session.execute(update(Sala).where(Sala.code == sala).values(timetable=timetable))

    store.write(verb)


def leave(store: Store) -> None:
    """Every clerk goes home."""

    def verb(session: Any) -> None:
        session.execute(update(Ventanilla).values(state="cerrada", clerk=None))

    store.write(verb)


def add_norte(store: Store) -> None:
    def verb(session: Any) -> None:
        site = Site(code="norte", name="Municipalidad", office="CAC Norte")
        session.add(site)
        session.flush()
        sala = Sala(site_id=site.id, code="norte", name="Norte", timetable=OFFICE)
        session.add(sala)
        session.flush()
        named = {"name": "Partidas", "example": "", "icon": "certificate", "position": 0}
        session.add(Service(site_id=site.id, sala_id=sala.id, code="A", **named))

    store.write(verb)


def states(day: Day) -> list[tuple[str, str]]:
    return [(ticket.code, ticket.state) for ticket in day.rows(Ticket)]


def test_of_two_sites_one_closes_its_day_and_its_series_restarts_while_the_other_is_untouched(day, store):
    add_norte(store)
    day.at(16, 0).issue("A")
    day.issue("A", principal=NORTE)
    day.issue("A", principal=NORTE)
    assert store.write(actions.close_days, day.at(16, 31).now) == 2
    assert [state for _, state in states(day)] == ["en_espera", "no_atendido_al_cierre", "no_atendido_al_cierre"]
    assert day.issue("A")["code"] == "A-002", "the other site counts on"
    assert day.at(8, 30, day=23).issue("A", principal=NORTE)["code"] == "A-001"


def test_issuing_stops_between_morning_and_afternoon_and_nobody_who_waits_is_sent_home_at_noon(day, store):
    set_hours(store, "principal", OFFICE)
    waits = day.at(12, 55).issue()
    leave(store)
    with pytest.raises(ServiceClosed):
        day.at(13, 0).issue()
    assert store.write(actions.close_days, day.at(13, 30).now) == 0
    assert day.at(14, 0).issue()["code"] == "A-002"
    assert day.serve() == waits["code"]


def test_on_a_half_day_issuing_stops_at_its_hour_and_the_queue_is_served_until_empty(day, store):
    set_hours(store, "principal", OFFICE)
    first, second = day.at(11, 50, day=23).issue(), day.issue()
    assert day.serve(minutes=15) == first["code"]
    with pytest.raises(ServiceClosed):
        day.issue()
    assert store.write(actions.close_days, day.now) == 0, "a ventanilla still attends"
    assert day.serve() == second["code"]
    leave(store)
    assert store.write(actions.close_days, day.later(minutes=1).now) == 0
    assert states(day) == [(first["code"], "atendido"), (second["code"], "atendido")]


def test_a_clerk_who_forgot_to_close_keeps_nobody_waiting_past_three_in_the_morning(day, store):
    set_hours(store, "principal", OFFICE)
    day.at(16, 0).issue()
    day.serve()
    left = day.at(16, 20).issue()
    assert store.write(actions.close_days, day.at(2, 59, day=21).now) == 0
    assert store.write(actions.close_days, day.at(3, 0, day=21).now) == 1
    assert states(day)[-1] == (left["code"], "no_atendido_al_cierre")
    assert [(place.number, place.state) for place in day.rows(Ventanilla)][0] == (1, "cerrada")
    assert day.rows(VentanillaMove)[-1].reason == "fin del día"


def test_what_was_left_over_says_so_forever_in_its_moves(day, store):
    set_hours(store, "principal", OFFICE)
    ticket = day.at(16, 20).issue()
    store.write(actions.close_days, day.at(16, 31).now)
    moves = [(move.move, move.from_state, move.to_state) for move in day.rows(TicketMove)]
    assert moves[-1][1:] == ("en_espera", "no_atendido_al_cierre")
    assert len(moves) == 2 and day.rows(TicketMove)[-1].ticket_id == ticket["id"]


def add_history(store: Store) -> None:
    """Copies of one finished ticket, with its moves and calls, as if of another year."""

    def verb(session: Any, since: int) -> None:
        numbers = select(literal(since).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < since + EACH - 1))
        moved = {
            Ticket: {"day": bindparam("old", date(2020, 1, 2), Ticket.__table__.c.day.type), "series": literal("Z")},
            TicketMove: {},
            Llamado: {"called_on": bindparam("old", date(2020, 1, 2), Llamado.__table__.c.called_on.type)},
        }
        of_number = {"number": numbers.c.n, "token": literal("old-") + cast(numbers.c.n, Ticket.__table__.c.token.type)}
        for model, changes in moved.items():
            table = model.__table__
            one = select(func.min(table.c.id)).scalar_subquery()
            changed = changes | (of_number if model is Ticket else {})
            if model is Llamado:
                changed |= {"seq": -numbers.c.n}
            kept = [column for column in table.c if column.name != "id"]
            source = select(*(changed.get(column.name, column) for column in kept)).select_from(
                table.join(numbers, true())
            )
            session.execute(
                insert(table).from_select([column.name for column in kept], source.where(table.c.id == one))
            )

    for since in range(1, OLD, EACH):
        store.write(verb, since)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of any database, by SQLAlchemy or prepared, with its values."""
    noted: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        noted.append((statement, parameters[0] if many else parameters))

    def run(compiled: Any, connection: Any, values: Any) -> Any:
        parameters = compiled.parameters(values)
        noted.append((compiled.sql, tuple(parameters) if isinstance(parameters, list) else parameters))
        return prepared_run(compiled, connection, values)

    prepared_run = prepared._Compiled.run
    monkeypatch.setattr(prepared._Compiled, "run", run)
    event.listen(Engine, "before_cursor_execute", note)
    yield noted
    event.remove(Engine, "before_cursor_execute", note)


def plan(session: Any, statement: str, parameters: Any) -> list[str]:
    """How the database would find it, a step a line."""
    connection = session.connection()
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]


def test_a_call_an_issue_a_board_and_a_close_read_no_ticket_of_the_past(day, store, asked):
    day.issue()
    day.serve()
    add_history(store)
    store.write(lambda session: session.execute(text("ANALYZE")).close())
    asked.clear()
    day.issue()
    day.issue(preferente=True)
    call = day.call()
    day.move(actions.start, call["ticket"]["id"], 1)
    day.board()
    with store.read() as session:
        workplace(session, "principal", 1, principal=SYSTEM, now=day.now)
        queries.services_of(session, "principal", now=day.now)
    store.write(actions.close_days, day.now)
    found = [(sql, values) for sql, values in asked if sql.lstrip().upper().startswith(("SELECT", "UPDATE"))]
    assert len(found) > 25, "the statements of every verb are looked at"
    with store.read() as session:
        plans = {sql: plan(session, sql, values) for sql, values in found}
    whole = [f"{step} <- {sql}" for sql, steps in plans.items() for step in steps if WHOLE.search(step)]
    assert not whole
