"""The port of Windows against a spooler of the tests, with the calls and errors of pywin32. Not tried on Windows."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType

import pytest

from printing.outcome import NotReady, State
from printing.ports import open_port
from printing.windows import PROBLEMS, SAYS_LITTLE, WORKS_OFFLINE


class SpoolerError(Exception):
    """(number, function, text), as pywintypes.error."""


@dataclass
class Spooler:
    """`fails` names the call that breaks; `takes` are the bytes each write accepts, all of them when it ends."""

    status: int = 0
    attributes: int = 0
    fails: str = ""
    takes: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    document: tuple | None = None
    received: bytes = b""

    def __getattr__(self, name: str):
        calls = {
            "OpenPrinter": lambda printer: f"handle of {printer}",
            "GetPrinter": lambda handle, level: {"Status": self.status, "Attributes": self.attributes},
            "StartDocPrinter": self._start,
            "WritePrinter": self._write,
        }

        def call(*args):
            self.calls.append(name)
            if name == self.fails:
                raise SpoolerError(1801, name, "El nombre de impresora no es válido.")
            return calls.get(name, lambda *args: None)(*args)

        return call

    def _start(self, handle, level, document):
        assert (handle, level) == ("handle of Ticketera 1", 1)
        self.document = document
        return 12

    def _write(self, handle, data):
        taken = data[: self.takes.pop(0)] if self.takes else data
        self.received += taken
        return len(taken)


@pytest.fixture
def spooler(monkeypatch) -> Spooler:
    spooler, module = Spooler(), ModuleType("win32print")
    module.error = SpoolerError
    module.__getattr__ = lambda name: getattr(spooler, name)
    monkeypatch.setitem(sys.modules, "win32print", module)
    return spooler


def send(data: bytes):
    return open_port("windows://Ticketera%201").open().send("41", data)


def test_a_paper_is_one_raw_document_of_the_queue_and_nobody_says_that_it_came_out(spooler):
    spooler.takes = [3, 2]
    outcome = send(b"\x1b@papel")
    assert (outcome.state, outcome.sent_bytes) == (State.UNKNOWN, 7)
    assert (spooler.received, spooler.document) == (b"\x1b@papel", ("41", None, "RAW"))
    assert spooler.calls[-3:] == ["EndPagePrinter", "EndDocPrinter", "ClosePrinter"]
    assert spooler.calls.count("OpenPrinter") == spooler.calls.count("ClosePrinter") == 2


@pytest.mark.parametrize("flag", PROBLEMS)
def test_nothing_is_given_to_a_queue_whose_printer_cannot_print(spooler, flag):
    spooler.status = flag
    with pytest.raises(NotReady, match=PROBLEMS[flag]):
        open_port("windows://Ticketera%201").open()
    assert "StartDocPrinter" not in spooler.calls


def test_a_queue_set_offline_and_one_that_is_gone_take_nothing(spooler):
    spooler.attributes = WORKS_OFFLINE
    with pytest.raises(NotReady, match="sin conexión"):
        open_port("windows://Ticketera%201").open()
    spooler.fails = "OpenPrinter"
    with pytest.raises(NotReady, match="no encuentra la impresora Ticketera 1"):
        open_port("windows://Ticketera%201").check()


def test_a_queue_that_seems_well_is_said_to_say_little(spooler):
    assert open_port("windows://Ticketera%201").check().warning == SAYS_LITTLE


@pytest.mark.parametrize("broken", ["StartDocPrinter", "StartPagePrinter"])
def test_what_breaks_before_the_first_byte_was_not_sent(spooler, broken):
    spooler.fails = broken
    assert send(b"papel").state is State.NOT_SENT
    assert spooler.calls[-1] == "ClosePrinter"


@pytest.mark.parametrize("broken", ["WritePrinter", "EndPagePrinter", "EndDocPrinter", "ClosePrinter"])
def test_what_breaks_afterwards_is_a_question(spooler, broken):
    link = open_port("windows://Ticketera%201").open()
    spooler.fails = broken
    assert link.send("41", b"papel").state is State.UNKNOWN


def test_a_queue_that_stops_taking_is_a_question_and_its_document_is_undone(spooler):
    spooler.takes = [3, 0]
    outcome = send(b"papel")
    assert (outcome.state, outcome.sent_bytes) == (State.UNKNOWN, 3)
    assert spooler.calls[-2:] == ["AbortPrinter", "ClosePrinter"]
