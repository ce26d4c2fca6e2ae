"""The figures of a period are what a slow recount of the moves gives, whatever happened and however days were kept."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.desk import actions, demo
from cac.desk.models import Ticket, TicketMove
from cac.reports.actions import keep_day
from cac.reports.figures import CLASS, Moved, Period, Tally, fold, from_json, rank, to_json
from cac.reports.loop import keep_days
from cac.reports.period import _DAYS, _MOVES, count_day, period_report
from core.clock import LIMA
from core.errors import Rejected
from storage import Store
from ticketing.moves import Move, State, allowed

EIGHT = datetime(2026, 11, 16, 8, 0, tzinfo=LIMA)
URL = "http://cac.example"
BEGUN = (State.CALLED, State.ATTENDED, State.HELD, State.ABSENT)
VERBS = {
    Move.START: actions.start,
    Move.HOLD: actions.hold,
    Move.ABSENT: actions.absent,
    Move.RETURN: actions.return_,
    Move.FORWARD: actions.forward,
    Move.CANCEL: actions.cancel,
    Move.FINISH: actions.finish,
    Move.RECALL: actions.recall,
}


def moved(move: Move, **kw: Any) -> Moved:
    given = {
        "from_state": None,
        "service": 1,
        "preferente": False,
        "place": 2,
        "clerk": "staff:1",
        "seconds": None,
        "at": EIGHT,
    }
    return Moved(move=move, **(given | kw))


some_moves = st.builds(
    lambda move, state, service, preferente, place, clerk, seconds, later: moved(
        move,
        from_state=state,
        service=service,
        preferente=preferente,
        place=place,
        clerk=f"staff:{clerk}",
        seconds=seconds if move in (Move.CALL, Move.FINISH) else None,
        at=EIGHT + timedelta(minutes=later),
    ),
    st.sampled_from(Move),
    st.sampled_from(State),
    st.integers(1, 3),
    st.booleans(),
    st.none() | st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 9_000),
    st.integers(0, 900),
)


@given(st.lists(st.lists(some_moves, max_size=25), max_size=4), st.frozensets(st.integers(1, 3)))
def test_days_kept_and_added_up_are_equal_to_counting_all_their_moves(days, services):
    period = Period()
    for number, moves in enumerate(days):
        period.add(number, from_json(to_json(fold(moves))), services=services)
    mine = [one for moves in days for one in moves if one.service in services]
    calls = sorted(minutes(one.seconds) for one in mine if one.move == Move.CALL and one.seconds is not None)
    finishes = sorted(minutes(one.seconds or 0) for one in mine if one.move == Move.FINISH)
    whole = period.whole
    assert (whole.called, whole.wait_median, whole.wait_p90) == (len(calls), nearest(calls, 0.5), nearest(calls, 0.9))
    assert (whole.finished, whole.service_median) == (len(finishes), nearest(finishes, 0.5))
    assert whole.issued == sum(one.move == Move.ISSUE for one in mine)
    assert whole.abandoned == sum(one.move == Move.CANCEL and one.from_state == State.WAITING for one in mine)
    assert whole.absent == sum(one.move == Move.ABSENT for one in mine)
    assert total(period.by_service.values()) == total(period.days.values()) == total(period.cuts[CLASS].values())
    assert total(period.days.values()) == figures(whole)


@given(st.lists(st.integers(0, 200), min_size=1), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_percentile_is_a_time_somebody_waited(times, share):
    assert rank(Counter(times), share) == nearest(sorted(times), share)


@pytest.mark.parametrize("seed", [3, 11])
def test_the_report_of_a_week_is_what_a_slow_recount_of_its_moves_gives(store, sala, seed):
    """Random moves by the real verbs over five days; some days kept, the others counted when asked."""
    dice, now = Random(seed), EIGHT
    open_tickets: list[int] = []
    for _ in range(220):
        now += timedelta(seconds=dice.randint(20, 2_600))
        given = {"principal": SYSTEM, "public_url": URL, "now": now}
        choice = dice.random()
        if choice < 0.35 or not open_tickets:
            body = {"preferente": dice.random() < 0.3, "channel": "kiosko"}
            open_tickets.append(store.write(actions.issue, dice.choice("ABC"), **body, **given)["id"])
        elif choice < 0.65:
            try_move(store, actions.call_next, pressed(now, number=dice.randint(1, 3)))
        else:
            with store.read() as session:
                begun = list(session.scalars(select(Ticket.id).where(Ticket.state.in_(BEGUN))))
            ticket = dice.choice(begun if begun and dice.random() < 0.8 else open_tickets)
            with store.read() as session:
                row = session.get(Ticket, ticket)
                moves = [move for move in allowed(State(row.state)) if move in VERBS]
            if moves:
                likely = [move for move in moves if move in (Move.START, Move.FINISH)]
                move = dice.choice(likely if likely and dice.random() < 0.6 else moves)
                more = {"service": dice.choice("ABC")} if move is Move.FORWARD else {}
                try_move(store, VERBS[move], pressed(now, ticket_id=ticket, **more))
    first, last = date(2026, 11, 16), now.astimezone(LIMA).date()
    kept = first + timedelta(days=1)
    with store.read() as session:
        for day in (first, kept):
            store.write(keep_day, day, to_json(count_day(session, day)), now=now)
    for service in ("", "B"):
        with store.read() as session:
            report = period_report(session, sala=None, service=service, first=first, last=last, now=now)
            assert figures(report.whole) == slow_recount(session, service, first, last)
            by_day = {on: figures(tally) for on, tally in report.days}
            on = first
            while on <= last:
                assert by_day.get(on, figures(Tally())) == slow_recount(session, service, on, on)
                on += timedelta(days=1)
            assert report.whole.called and report.whole.finished, "a recount of nothing shows nothing"


def test_a_forward_keeps_the_first_wait_and_counts_no_second_one(store, sala):
    given = {"principal": SYSTEM, "public_url": URL, "now": EIGHT}
    ticket = store.write(actions.issue, "A", preferente=False, channel="kiosko", **given)["id"]
    for minute, verb, number, more in (
        (12, actions.call_next, 1, {}),
        (13, actions.start, 1, {"ticket_id": ticket}),
        (16, actions.forward, 1, {"ticket_id": ticket, "service": "B"}),
        (40, actions.call_next, 2, {}),
        (41, actions.start, 2, {"ticket_id": ticket}),
        (46, actions.finish, 2, {"ticket_id": ticket}),
    ):
        store.write(verb, pressed(EIGHT + timedelta(minutes=minute), number=number, **more))
    with store.read() as session:
        today = EIGHT.date()
        report = period_report(session, sala=None, service="", first=today, last=today, now=EIGHT + timedelta(hours=2))
    whole, by_service = report.whole, {line.name: line.tally for line in report.by_service}
    assert (whole.called, whole.wait_median, whole.forwarded, whole.service_median) == (1, 12, 1, 8)
    assert by_service["A Partidas"].called == 1 and by_service["B Mi negocio"].called == 0
    assert by_service["B Mi negocio"].finished == 1 and by_service["B Mi negocio"].forwarded == 1


def test_days_are_kept_in_order_once_and_never_the_one_that_goes_on(store, sala):
    for day in (16, 17, 20):
        given = {"principal": SYSTEM, "public_url": URL, "now": EIGHT.replace(day=day)}
        store.write(actions.issue, "A", preferente=False, channel="kiosko", **given)
    assert keep_days(store, lambda session: None, now=EIGHT.replace(day=20)) == 4  # 16 to 19, empty ones too
    assert keep_days(store, lambda session: None, now=EIGHT.replace(day=20)) == 0
    just_after_midnight = EIGHT.replace(day=21, hour=0, minute=5)
    assert keep_days(store, lambda session: None, now=just_after_midnight) == 0, "a late write may still arrive"
    assert keep_days(store, lambda session: None, now=EIGHT.replace(day=21)) == 1


def test_years_of_days_are_read_by_their_key_and_moves_by_their_instant(databases, schema):
    """SQLite plans by the statement; PostgreSQL reads a small table whole, and rightly so."""
    store = Store(databases.fresh("sqlite", schema))
    with store.read() as session:
        for statement, values, index in (
            (_DAYS, {"first": date(2020, 1, 1), "last": date(2026, 1, 1)}, "day_figures"),
            (_MOVES, {"since": EIGHT, "until": EIGHT + timedelta(days=1)}, "ix_ticket_move_at"),
        ):
            text = str(statement.compile(session.get_bind(), compile_kwargs={"render_postcompile": True}))
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(map(str, values.values())))
            assert any("SEARCH" in row[3] and index in row[3] for row in plan), index
    store.close()


def pressed(now: datetime, **given: Any) -> actions.Press:
    return actions.Press(SYSTEM, now, public_url=URL, **given)


def try_move(store: Any, verb: Any, press: actions.Press) -> None:
    """Of random moves many are refused; the refusal is not what is tried here."""
    try:
        store.write(verb, press)
    except Rejected:
        return


def slow_recount(session: Any, service: str, first: date, last: date) -> tuple[Any, ...]:
    """From every move there is, one by one, by the words of the glossary."""
    letters = {row.id: row.code for row in session.query(demo.Service)}
    tickets = {row.id: row for row in session.query(Ticket)}
    counts: Counter[str] = Counter()
    waits, services, called_before = [], [], set()
    for move in session.query(TicketMove).order_by(TicketMove.id):
        again = move.ticket_id in called_before
        if move.move == Move.CALL:
            called_before.add(move.ticket_id)
        if not (first <= move.at.astimezone(LIMA).date() <= last) or (service and letters[move.service_id] != service):
            continue
        waited = move.from_state == State.WAITING
        if move.move == Move.CALL and not again:
            began = tickets[move.ticket_id].issued_at  # nobody here has an appointment
            waits.append(minutes(round((move.at - began).total_seconds())))
        elif move.move == Move.FINISH:
            services.append(minutes(move.seconds))
        name = {Move.ISSUE: "issued", Move.ABSENT: "absent", Move.FORWARD: "forwarded"}.get(move.move) or (
            "abandoned" if move.move == Move.CANCEL and waited else "left" if move.move == Move.LEAVE and waited else ""
        )
        counts[name] += 1
    waits.sort()
    services.sort()
    return (
        *(counts[name] for name in ("issued", "absent", "abandoned", "left", "forwarded")),
        len(waits),
        nearest(waits, 0.5),
        nearest(waits, 0.9),
        len(services),
        nearest(services, 0.5),
        nearest(services, 0.9),
    )


def figures(tally: Tally) -> tuple[Any, ...]:
    return (
        *(getattr(tally, name) for name in ("issued", "absent", "abandoned", "left", "forwarded")),
        tally.called,
        tally.wait_median,
        tally.wait_p90,
        tally.finished,
        tally.service_median,
        tally.service_p90,
    )


def total(tallies: Any) -> tuple[Any, ...]:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return figures(whole)


def minutes(seconds: int) -> int:
    return int(seconds / 60 + 0.5)


def nearest(times: list[int], share: float) -> int | None:
    return times[ceil(round(len(times) * share, 6)) - 1] if times else None
