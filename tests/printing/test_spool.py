"""The worker against jobs in memory: once, or a question to a person; never twice by itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from printing import Profile, build, handshake, spool
from printing.decoder import decode
from printing.link import SaysNoMore
from printing.outcome import Health, NotReady, Outcome, State
from printing.ports import FilePort, open_port
from printing.spool import Job, Worker
from tests.printing.fault_printer import FaultPrinter


@dataclass
class Rows:
    """A job source as a table would be one, without the table."""

    data: dict[str, bytes]
    state: dict[str, State] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    said: list[Health] = field(default_factory=list)

    def __post_init__(self):
        self.state = self.state or dict.fromkeys(self.data, State.QUEUED)

    def recover(self):
        for job, state in self.state.items():
            if state is State.SENDING:
                self.state[job] = State.UNKNOWN

    def claim(self):
        for job, state in self.state.items():
            if state in (State.QUEUED, State.NOT_SENT):
                return Job(job, self.data[job], self.attempts.get(job, 0) + 1)
        return None

    def mark(self, job):
        self.state[job.id] = State.SENDING
        self.attempts[job.id] = job.attempt
        return True

    def result(self, job, outcome):
        self.state[job.id] = outcome.state

    def health(self, health):
        self.said.append(health)


@dataclass(eq=False)
class Scripted(SaysNoMore):
    """A port that plays outcomes: NotReady texts or Outcome states, in order; then confirms."""

    script: list[str | State] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def open(self):
        if self.script and isinstance(self.script[0], str) and not isinstance(self.script[0], State):
            raise NotReady(self.script.pop(0))
        return self

    def check(self):
        return Health()

    def send(self, job_id, data):
        self.sent.append(job_id)
        return Outcome(self.script.pop(0) if self.script else State.CONFIRMED, "")


@pytest.fixture
def rows(ticket) -> Rows:
    return Rows({"1": build(ticket, Profile())})


def drain(worker):
    while worker.step():
        pass


def test_a_job_prints_once(rows):
    worker = Worker(rows, Scripted())
    drain(worker)
    assert worker.port.sent == ["1"]
    assert rows.state["1"] is State.CONFIRMED


def test_what_never_left_is_tried_again_under_the_same_id(rows):
    port = Scripted(["apagada", State.NOT_SENT])
    worker = Worker(rows, port)
    drain(worker)
    assert rows.state["1"] is State.CONFIRMED
    assert port.sent == ["1", "1"]
    assert rows.said[0] == Health(problem="apagada")


def test_an_unknown_outcome_is_never_tried_again(rows):
    port = Scripted([State.UNKNOWN])
    drain(Worker(rows, port))
    assert port.sent == ["1"]
    assert rows.state["1"] is State.UNKNOWN


def test_a_job_left_in_the_queue_by_a_power_cut_prints_once(rows):
    """Cut after the commit and before the first byte: the row is still `en_cola`."""
    worker = Worker(rows, Scripted())
    worker.source.recover()
    drain(worker)
    assert worker.port.sent == ["1"]


def test_a_job_cut_while_it_was_being_sent_asks_a_person(rows):
    rows.state["1"] = State.SENDING
    worker = Worker(rows, Scripted())
    worker.source.recover()
    drain(worker)
    assert worker.port.sent == []
    assert rows.state["1"] is State.UNKNOWN


def test_a_job_that_another_took_is_left_alone(rows):
    rows.mark = lambda job: rows.state.update({job.id: State.SENDING}) or False
    worker = Worker(rows, Scripted())
    drain(worker)
    assert worker.port.sent == []


def test_a_result_that_could_not_be_stored_is_stored_later(rows, monkeypatch):
    monkeypatch.setattr("printing.spool.SETTLE_RETRY_S", 0.01)
    stored, refused = rows.result, iter([True, True, False])

    def result(job, outcome):
        if next(refused):
            raise OSError("database is busy")
        stored(job, outcome)

    rows.result = result
    errors: list[Exception] = []
    worker = Worker(rows, Scripted(), on_error=errors.append)
    drain(worker)
    assert rows.state["1"] is State.CONFIRMED
    assert len(errors) == 2


def test_a_job_whose_link_breaks_oddly_ends_as_a_question(rows, monkeypatch):
    monkeypatch.setattr("printing.spool.SETTLE_RETRY_S", 0.01)
    port = Scripted()

    def send(job_id, data):
        port.sent.append(job_id)
        raise ValueError("a bug")

    port.send = send
    worker = Worker(rows, port)
    thread = threading.Thread(target=worker.loop)
    thread.start()
    wait_for(lambda: rows.state["1"] is State.UNKNOWN)
    worker.stop()
    thread.join(30)
    assert port.sent == ["1"]


def test_a_full_disk_takes_nothing_of_a_file_and_the_paper_waits(rows):
    worker = Worker(rows, FilePort(Path("/dev/full")))
    worker.step()
    assert rows.state == {"1": State.NOT_SENT}
    assert "no queda espacio" in rows.said[-1].problem


def test_two_hundred_jobs_over_four_printers_and_one_of_them_dead(ticket, monkeypatch):
    """The others print their fifty while it takes nothing: its first job becomes a question, those behind it wait."""
    monkeypatch.setattr(handshake, "BARRIER_S", 600.0)
    data = build(ticket, Profile())
    with FaultPrinter() as dead, FaultPrinter() as a, FaultPrinter() as b, FaultPrinter() as c:
        sources = [Rows({str(n): data for n in range(50)}) for _ in range(4)]
        workers = [Worker(rows, open_port(p.url)) for rows, p in zip(sources, (dead, a, b, c), strict=True)]
        workers[0].port.check()
        dead.behaviour = "stalled"
        threads = [threading.Thread(target=worker.loop) for worker in workers]
        for thread in threads:
            thread.start()
        for rows in sources[1:]:
            wait_for(lambda rows=rows: set(rows.state.values()) == {State.CONFIRMED}, seconds=120)
        wait_for(lambda: sources[0].state["0"] is State.SENDING)  # still within its patience: nobody waited for it
        dead.hang_up()
        wait_for(lambda: sources[0].state["0"] is State.UNKNOWN)
        wait_for(lambda: sources[0].state["1"] is State.NOT_SENT)
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(60)
        assert State.UNKNOWN not in list(sources[0].state.values())[1:], "what is behind a dead printer is not burned"
        assert [decode(printer.paper).cuts for printer in (a, b, c)] == [50, 50, 50]


@pytest.mark.parametrize(
    "fault",
    [{"behaviour": "late"}, {"paper_out_after": 1}, {"paper_out_after": 300}],
    ids=["late", "byte 1", "byte 300"],
)
def test_a_late_word_settles_the_question_unless_a_person_did(rows, ticket, monkeypatch, fault):
    """Its answer comes after the deadline on the same line, late, or once it was refilled with paper: the job ends confirmed,
    printed once, nobody is needed."""
    monkeypatch.setattr(handshake, "BARRIER_S", 0.1)
    monkeypatch.setattr("printing.ports.FRESH_S", 3600.0)  # it is not asked again before the job
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 1_000_000)
    told = []
    settle = rows.result
    with FaultPrinter(**fault) as printer:

        def result(job, outcome):
            settle(job, outcome)
            told.append(outcome.state)
            printer.may_answer.set()

        rows.result = result
        port = open_port(printer.url)
        printer.may_answer.set()
        port.check()  # it has answered before: its silence means trouble
        printer.may_answer.clear()
        worker = Worker(rows, port)
        drain(worker)
        assert told == [State.UNKNOWN, State.CONFIRMED]
        assert rows.state["1"] is State.CONFIRMED
        assert decode(printer.paper).cuts == 1


def test_a_printer_that_never_spoke_is_not_listened_to_after_the_deadline(rows, monkeypatch):
    monkeypatch.setattr(handshake, "BARRIER_S", 0.1)
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 1_000_000)
    monkeypatch.setattr(handshake, "PREFLIGHT_S", 0.1)
    with FaultPrinter("mute") as printer:
        worker = Worker(rows, open_port(printer.url))
        heard = []
        monkeypatch.setattr(handshake.Exchange, "late", lambda self, wait_s: heard.append(wait_s))
        drain(worker)
    assert rows.state["1"] is State.UNKNOWN and not heard


def test_a_stopped_worker_listens_no_more(rows, monkeypatch):
    monkeypatch.setattr(handshake, "BARRIER_S", 0.1)
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 1_000_000)
    with FaultPrinter() as printer:
        port = open_port(printer.url)
        port.check()
        printer.behaviour = "mute"
        worker = Worker(rows, port)
        thread = threading.Thread(target=worker.loop)
        thread.start()
        wait_for(lambda: rows.state["1"] is State.UNKNOWN)
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()


def test_a_pulled_cable_is_noticed_within_five_seconds():
    assert spool.CHECK_S + spool.POLL_S <= 5


def test_an_idle_printer_that_goes_away_is_noticed_and_comes_back(ticket, monkeypatch):
    monkeypatch.setattr("printing.spool.CHECK_S", 0.1)
    monkeypatch.setattr("printing.spool.POLL_S", 0.05)
    rows = Rows({})
    printer = FaultPrinter()
    with printer:
        worker = Worker(rows, open_port(printer.url))
        thread = threading.Thread(target=worker.loop)
        thread.start()
        wait_for(lambda: rows.said[-1:] == [Health()])
    wait_for(lambda: rows.said[-1].problem is not None)
    with FaultPrinter(port=printer.port):
        wait_for(lambda: rows.said[-1] == Health())
        worker.stop()
        thread.join(30)


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
