"""Random moves of many clerks, with the centre restarted in between: what must hold after each of them, whatever the order."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from cac.access.actions import SYSTEM
from cac.base import Base
from cac.desk import actions, demo, queries
from cac.desk.actions import Press
from cac.desk.models import LineCount, Llamado, Ticket, TicketMove
from core.clock import LIMA
from core.errors import Conflict, Invalid
from storage import Store
from tests.databases import Databases
from ticketing.moves import OPEN, RULES, Move, State

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)
clerks = st.integers(1, 4)
any_ticket = st.integers(0, 30)


def make_machine(url: str) -> type[RuleBasedStateMachine]:
    class Desk(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.store, self.now, self.tickets = Store(url), MORNING, []
            self.store.write(clear)
            self.store.write(demo.seed, now=self.now)

        def teardown(self):
            self.store.close()

        def do(self, verb, **pressed):
            """The verb, unless the rules of the desk refuse it."""
            self.now += timedelta(seconds=7)
            with suppress(Conflict, Invalid):
                self.store.write(verb, Press(SYSTEM, self.now, **pressed))

        def move(self, verb, ticket, **pressed):
            if self.tickets:
                self.do(verb, ticket_id=self.tickets[ticket % len(self.tickets)], **pressed)

        @rule(service=st.sampled_from("ABC"), preferente=st.booleans())
        def issue(self, service, preferente):
            self.now += timedelta(seconds=7)
            given = {"preferente": preferente, "channel": "web", "public_url": "http://x", "principal": SYSTEM}
            self.tickets.append(self.store.write(actions.issue, service, now=self.now, **given)["id"])

        @rule(number=clerks)
        def call(self, number):
            self.do(actions.call_next, number=number)

        @rule(number=clerks, ticket=any_ticket)
        def call_chosen(self, number, ticket):
            self.move(actions.call_chosen, ticket, number=number)

        @rule(
            verb=st.sampled_from(
                [
                    actions.recall,
                    actions.start,
                    actions.hold,
                    actions.absent,
                    actions.return_,
                    actions.cancel,
                    actions.finish,
                ]
            ),
            ticket=any_ticket,
            number=st.none() | clerks,
        )
        def step(self, verb, ticket, number):
            self.move(verb, ticket, number=number)

        @rule(ticket=any_ticket, service=st.none() | st.sampled_from("ABC"), to=st.none() | clerks)
        def forward(self, ticket, service, to):
            self.move(actions.forward, ticket, service=service, to_ventanilla=to)

        @rule(ticket=any_ticket, number=clerks)
        def take_over(self, ticket, number):
            self.move(actions.take_over, ticket, number=number)

        @rule(
            number=clerks,
            verb=st.sampled_from([actions.open_ventanilla, actions.pause_ventanilla, actions.close_ventanilla]),
        )
        def ventanilla(self, number, verb):
            self.do(verb, number=number)

        @rule(hours=st.sampled_from([1, 13]))
        def time_passes(self, hours):
            self.now += timedelta(hours=hours)
            self.store.write(actions.close_days, now=self.now)

        @rule()
        def restart(self):
            self.store.close()
            self.store = Store(url)

        @invariant()
        def everything_holds(self):
            with self.store.read() as session:
                tickets = session.scalars(select(Ticket)).all()
                moves = session.scalars(select(TicketMove).order_by(TicketMove.id)).all()
                seqs = session.scalars(select(Llamado.seq).order_by(Llamado.seq)).all()
                lines = session.scalars(select(LineCount)).all()
                board = queries.board_of(session, "principal", now=self.now)
            assert sorted(t.id for t in tickets) == sorted(self.tickets), "none lost"
            assert max(Counter((t.series, t.day, t.number) for t in tickets).values(), default=0) <= 1, (
                "no number twice"
            )
            at_desk = Counter(t.ventanilla_id for t in tickets if t.state in OPEN)
            assert max(at_desk.values(), default=0) <= 1, "one person before a ventanilla"
            state: dict[int, str | None] = {}
            for move in moves:
                assert state.get(move.ticket_id) == move.from_state, "each step begins where the last one ended"
                if move.move != Move.ISSUE:
                    assert State(move.from_state) in RULES[Move(move.move)].sources, "each step is in the table"
                state[move.ticket_id] = move.to_state
            assert state == {t.id: t.state for t in tickets}, "a ticket is where its log says"
            assert seqs == list(range(1, len(seqs) + 1)), "the log of calls has no gap"
            assert board.seq == len(seqs)
            waiting = Counter(
                (t.service_id, t.preferente, t.only_ventanilla_id or 0) for t in tickets if t.state == State.WAITING
            )
            counted = {(c.service_id, c.preferente, c.only_ventanilla_id): c.waiting for c in lines if c.waiting}
            assert counted == waiting, "the counts of the line are the line"
            assert len(board.waiting) == min(sum(waiting.values()), 20)

    return Desk


def clear(session):
    """Start from nothing, append-only logs included: only a test may."""
    for table in reversed(Base.metadata.sorted_tables):
        if session.scalar(select(func.count()).select_from(table)):
            for trigger in ("keep", "hold"):
                session.connection().exec_driver_sql(f'DROP TRIGGER IF EXISTS "{table.name}_{trigger}"')
            session.execute(table.delete())


@pytest.mark.slow
def test_whatever_the_order_of_moves_nothing_is_lost_doubled_or_in_two_places(databases: Databases):
    url = databases.fresh("sqlite", Base.metadata)
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        make_machine(url),
        settings=settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=checks),
    )
    databases.drop(url)
