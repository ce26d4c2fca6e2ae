"""Random moves of many clerks at several processes that are killed at any moment: what must hold after each of them, whatever the order."""

from __future__ import annotations

import time
from collections import Counter as Count
from collections import defaultdict
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from cac.base import Base
from cac.desk import demo, queries
from cac.desk.models import LineCount, Llamado, Ticket, TicketMove, Ventanilla
from core.clock import LIMA
from storage import Store
from tests.cac.desk.counter import REFUSED, Command, Counter
from tests.databases import Databases
from ticketing.board import CALLS_SHOWN, CODES_SHOWN
from ticketing.moves import OPEN, OVER, RULES, Move, State

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)
PROCESSES = {"sqlite": 1, "postgresql": 3}
EXAMPLES = {"sqlite": 10, "postgresql": 5}
LONGEST_BURST = 8

clerks = st.integers(1, 4)
tickets = st.integers(0, 30)
services = st.sampled_from("ABC")
at_a_ventanilla = ("recall", "start", "hold", "absent", "return_", "forward", "finish")
on_tickets = ("recall", "start", "hold", "absent", "return_", "cancel", "finish", "take_over", "call_chosen")


def press(verb, **given):
    return st.tuples(st.just(verb) if isinstance(verb, str) else verb, st.fixed_dictionaries(given))


presses = st.one_of(
    press("issue", service=services, preferente=st.booleans(), channel=st.just("web")),
    press("call_next", number=clerks),
    press("call_next", number=clerks),
    press(st.sampled_from(on_tickets), ticket=tickets, number=clerks),
    press(st.sampled_from(on_tickets), ticket=tickets),
    press("start", ticket=tickets),
    press("forward", ticket=tickets, service=st.none() | services, to_ventanilla=st.none() | clerks),
    press(st.sampled_from(("open_ventanilla", "pause_ventanilla")), number=clerks),
    press("close_ventanilla", number=clerks, to_ventanilla=st.none() | clerks),
)


def make_machine(kind: str, url: str) -> type[RuleBasedStateMachine]:
    class Desk(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.now, self.tickets, self.answers, self.pressed = MORNING, [], {}, {}
            self.reader = Store(url)
            self.reader.write(clear)
            self.reader.write(demo.seed, now=self.now)
            self.counters = [Counter(url) for _ in range(PROCESSES[kind])]

        def teardown(self):
            for counter in self.counters:
                counter.stop()
            self.reader.close()

        def command(self, pressed) -> Command:
            verb, given = pressed
            self.now += timedelta(seconds=7)
            if "ticket" in given:
                given = {name: value for name, value in given.items() if name != "ticket"} | {
                    "ticket_id": self.tickets[given["ticket"] % len(self.tickets)] if self.tickets else 0
                }
            command = Command(f"press {len(self.pressed)}", verb, self.now, given)
            self.pressed[command.key] = command
            return command

        def do(self, commands, *, cut_after_ms=None):
            """All at once, each at the next process; cut: every process is killed, started again, and asked again for what it left."""
            waiting = defaultdict(list)
            for place, command in enumerate(commands):
                waiting[place % len(self.counters)].append(command)
            for place, sent in waiting.items():
                for command in sent:
                    self.counters[place].send(command)
            if cut_after_ms is not None:
                time.sleep(cut_after_ms / 1000)  # not a wait: the moment of the cut is what is tried
                for counter in self.counters:
                    counter.kill()
            for place, sent in waiting.items():
                self.keep(self.counters[place].answered({command.key for command in sent}))
            if cut_after_ms is not None:
                for counter in self.counters:
                    counter.stop()
                self.counters = [Counter(url) for _ in self.counters]
                left = [command for command in commands if command.key not in self.answers]
                for command in left:
                    self.counters[0].send(command)
                self.keep(self.counters[0].answered({command.key for command in left}))
            assert all(command.key in self.answers for command in commands), "every press has its answer in the end"

        def keep(self, answers):
            self.answers |= answers
            issued = (key for key in answers if self.pressed[key].verb == "issue")
            self.tickets += [answers[key]["id"] for key in issued]

        @rule(pressed=presses)
        def one(self, pressed):
            self.do([self.command(pressed)])

        @rule(number=clerks, verbs=st.lists(st.sampled_from(at_a_ventanilla), min_size=1, max_size=5), service=services)
        def attend(self, number, verbs, service):
            """One clerk, one turn: somebody comes, is called, and then whatever happens."""
            self.do([self.command(("issue", {"service": service, "preferente": False, "channel": "web"}))])
            call = self.command(("call_next", {"number": number}))
            self.do([call])
            if self.answers[call.key] not in (None, REFUSED):
                ticket = self.answers[call.key]["ticket"]["id"]
                for verb in verbs:
                    self.do(
                        [
                            self.command(
                                (verb, {"ticket_id": ticket} | ({"service": service} if verb == "forward" else {}))
                            )
                        ]
                    )

        @rule(pressed=st.lists(presses, min_size=2, max_size=LONGEST_BURST))
        def together(self, pressed):
            self.do([self.command(each) for each in pressed])

        @rule(pressed=st.lists(presses, min_size=2, max_size=LONGEST_BURST), cut_after_ms=st.integers(0, 25))
        def cut(self, pressed, cut_after_ms):
            self.do([self.command(each) for each in pressed], cut_after_ms=cut_after_ms)

        @rule(hours=st.sampled_from([1, 13]))
        def time_passes(self, hours):
            self.now += timedelta(hours=hours)
            self.do([self.command(("close_days", {}))])

        @invariant()
        def everything_holds(self):
            with self.reader.read() as session:
                rows = {row.id: row for row in session.scalars(select(Ticket))}
                moves = session.scalars(select(TicketMove).order_by(TicketMove.id)).all()
                calls = session.scalars(select(Llamado).order_by(Llamado.seq)).all()
                lines = session.scalars(select(LineCount)).all()
                numbers = dict(session.execute(select(Ventanilla.id, Ventanilla.number)).all())
                board = queries.board_of(session, "principal", now=self.now)
            self.no_number_twice(rows.values())
            self.in_one_place(rows.values())
            self.as_its_log_says(rows, moves)
            self.each_press_once(moves, calls)
            assert [call.seq for call in calls] == list(range(1, len(calls) + 1)), "the log of calls has no gap"
            self.board_is_the_log(board, calls, rows, numbers)
            waiting = Count(
                (row.service_id, row.preferente, row.only_ventanilla_id or 0)
                for row in rows.values()
                if row.state == State.WAITING
            )
            counted = {(c.service_id, c.preferente, c.only_ventanilla_id): c.waiting for c in lines if c.waiting}
            assert counted == waiting, "the counts of the line are the line"
            assert len(board.waiting) == min(sum(waiting.values()), CODES_SHOWN)

        def no_number_twice(self, rows):
            assert sorted(row.id for row in rows) == sorted(self.tickets), "none lost, none nobody was told of"
            given = defaultdict(list)
            for row in rows:
                given[row.series, row.day].append(row.number)
            assert all(sorted(each) == list(range(1, len(each) + 1)) for each in given.values()), "no gap, none twice"

        def in_one_place(self, rows):
            at_desk = Count(row.ventanilla_id for row in rows if row.state in OPEN)
            assert max(at_desk.values(), default=0) <= 1, "one person before a ventanilla"
            for row in rows:
                assert (row.state == State.WAITING) <= (row.ventanilla_id is None), "who waits is at no ventanilla"
                assert row.only_ventanilla_id is None or row.state in {State.WAITING, *OVER}, (
                    "who was called is not sent"
                )

        def as_its_log_says(self, rows, moves):
            state = {}
            for move in moves:
                assert state.get(move.ticket_id) == move.from_state, "each step begins where the last one ended"
                if move.move != Move.ISSUE:
                    allowed = RULES[Move(move.move)]
                    assert State(move.from_state) in allowed.sources and move.to_state == allowed.target, "in the table"
                state[move.ticket_id] = move.to_state
            assert state == {row.id: row.state for row in rows.values()}, "a ticket is where its log says"

        def each_press_once(self, moves, calls):
            """A press answered with a move made it once; refused or not a move, it made none."""
            made = Count(move.reason for move in moves if move.reason)
            seqs = {call.seq: call.ticket_id for call in calls}
            for key, answer in self.answers.items():
                verb = self.pressed[key].verb
                if verb in ("issue", "close_days") or verb.endswith("_ventanilla"):
                    continue
                moved = answer not in (None, REFUSED) and not answer.get("again")
                assert made[key] == moved, f"{self.pressed[key]} answered {answer} and was made {made[key]} times"
                if moved and "seq" in answer:
                    assert seqs[answer["seq"]] == answer["ticket"]["id"], "who was called is in the log of calls"

        def board_is_the_log(self, board, calls, rows, numbers):
            assert board.seq == len(calls)
            today = self.now.astimezone(LIMA).date()
            shown = [
                (call.seq, rows[call.ticket_id].code, numbers[call.ventanilla_id])
                for call in calls[-CALLS_SHOWN:]
                if call.called_on == today
                or (rows[call.ticket_id].state in OPEN and rows[call.ticket_id].ventanilla_id == call.ventanilla_id)
            ]
            assert [(call.seq, call.code, call.ventanilla) for call in board.calls] == shown, "the board is the log"

    return Desk


def clear(session):
    """Start from nothing, append-only logs included: only a test may."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for table in reversed(Base.metadata.sorted_tables):
        if session.scalar(select(func.count()).select_from(table)):
            for trigger in ("keep", "hold"):
                on = "" if sqlite else f' ON "{table.name}"'
                session.connection().exec_driver_sql(f'DROP TRIGGER IF EXISTS "{table.name}_{trigger}"{on}')
            session.execute(table.delete())


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_the_order_of_moves_and_kills_nothing_is_lost_doubled_or_in_two_places(kind, databases: Databases):
    url = databases.fresh(kind, Base.metadata)
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        make_machine(kind, url),
        settings=settings(
            max_examples=EXAMPLES[kind], stateful_step_count=20, deadline=None, suppress_health_check=checks
        ),
    )
    databases.drop(url)
