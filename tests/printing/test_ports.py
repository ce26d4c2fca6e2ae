"""Each port on something real: sockets, a pty, a folder, a full disk. What it says is what happened."""

from __future__ import annotations

import os
import pty
import socket
import threading
import time
import tty
from contextlib import closing
from functools import partial

import pytest
import usb.core
from hypothesis import given
from hypothesis import strategies as st

from printing import Profile, build, handshake
from printing.decoder import decode
from printing.handshake import LOW_PAPER
from printing.outcome import Health, NotReady, State
from printing.ports import BadPrinterUrl, check_url, is_agent, open_port
from tests.printing.fault_printer import FaultPrinter
from tests.printing.usb_printer import UsbBus, UsbPrinter


@pytest.fixture
def data(ticket) -> bytes:
    return build(ticket, Profile())


@pytest.fixture
def hasty(monkeypatch):
    """Deadlines of a test, not of paper."""
    monkeypatch.setattr(handshake, "BARRIER_S", 0.6)
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 100_000)
    monkeypatch.setattr(handshake, "PREFLIGHT_S", 0.2)


def print_once(url, data, job_id="7"):
    link = open_port(url).open()
    try:
        return link.send(job_id, data)
    finally:
        link.close()


def test_a_printer_that_answers_after_the_cut_confirms(data):
    with FaultPrinter() as printer:
        outcome = print_once(printer.url, data)
        assert outcome.state is State.CONFIRMED
        assert printer.paper == data


def test_a_refused_connection_sends_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotReady, match="No se pudo conectar"):
        open_port(f"tcp://127.0.0.1:{port}").open()


@pytest.mark.parametrize("byte", [70, 200, 500])
def test_a_connection_reset_in_the_middle_is_unknown(data, byte):
    with FaultPrinter(reset_after=byte) as printer:
        outcome = print_once(printer.url, data)
        assert outcome.state is State.UNKNOWN
        assert outcome.sent_bytes > 0


def test_a_mute_printer_is_unknown_within_its_deadline(data, hasty):
    with FaultPrinter("mute") as printer:
        outcome = print_once(printer.url, data)
        assert outcome.state is State.UNKNOWN
        assert printer.paper == data


def test_a_printers_address_says_how_long_it_is_waited_for(data, hasty, monkeypatch):
    monkeypatch.setattr(handshake, "BARRIER_S", 3600.0)
    with FaultPrinter("mute") as printer:
        assert print_once(f"{printer.url}?wait=1", data).state is State.UNKNOWN


def test_a_printer_that_accepts_and_never_reads_is_unknown_within_its_deadline(hasty):
    with FaultPrinter("stalled") as printer:
        outcome = print_once(printer.url, b"x" * 8_000_000)
        assert outcome.state is State.UNKNOWN


def test_no_paper_is_known_before_the_first_byte(data):
    with FaultPrinter("no_paper") as printer:
        with pytest.raises(NotReady, match="no tiene papel"):
            open_port(printer.url).open()
        assert printer.paper == b""


@pytest.mark.parametrize(
    ("cause", "paper", "said"),
    [
        (0x12, 0x12, Health()),
        (0x12, 0x1E, Health(warning=LOW_PAPER)),
        (0x12, 0x7E, Health(problem="La impresora no tiene papel.")),
        (0x32, 0x12, Health(problem="La impresora no tiene papel.")),
        (0x16, 0x12, Health(problem="La impresora tiene la tapa abierta.")),
        (0x52, 0x12, Health(problem="La impresora señala un error. Apáguela y vuelva a encenderla.")),
    ],
)
def test_what_a_printer_answers_is_told_in_words(cause, paper, said):
    """DLE EOT 2 and DLE EOT 4 of the ESC/POS command reference."""
    assert handshake.read_health([cause, paper]) == said


def test_paper_that_ends_while_printing_is_a_question(data):
    with FaultPrinter("paper_out") as printer:
        outcome = print_once(printer.url, data)
        assert outcome.state is State.UNKNOWN
        assert "papel se acabó" in outcome.detail


def test_a_printer_as_slow_as_9600_baud_confirms(data):
    with FaultPrinter(bytes_per_s=960) as printer:
        assert print_once(printer.url, data).state is State.CONFIRMED


@given(st.lists(st.sampled_from([b"\x12", b"\x16", b"\x32", b"\x10\x00\x00\x00", b"\x14\x0f\x0f\x0f"]), max_size=8))
def test_nothing_a_printer_says_by_itself_confirms_a_job(noise):
    """Late answers to the questions before the job, and automatic status, in any order and pieces."""
    owed = sum(len(piece) == 1 for piece in noise)
    stream = ScriptedStream([*noise, TimeoutError()])
    outcome = handshake.send(stream, b"paper", answers=True, owed=owed)
    assert outcome.state is State.UNKNOWN
    confirmed = handshake.send(ScriptedStream([*noise, b"\x00"]), b"paper", answers=True, owed=owed)
    assert confirmed.state is State.CONFIRMED


class ScriptedStream:
    """A stream whose reads are told beforehand."""

    slow = 0.0

    def __init__(self, reads):
        self.reads = list(reads)

    def write(self, data, timeout_s):
        return len(data)

    def read(self, timeout_s):
        time.sleep(self.slow)
        said = self.reads.pop(0) if self.reads else b""
        if isinstance(said, Exception):
            raise said
        return said

    def close(self):
        pass


@pytest.fixture
def bus(monkeypatch) -> UsbBus:
    bus = UsbBus()
    monkeypatch.setattr(usb.core, "find", partial(usb.core.find, backend=bus))
    return bus


@pytest.mark.parametrize(
    "printer", [UsbPrinter(), UsbPrinter(odd_first_interface=True), UsbPrinter(kernel_has_it=True)]
)
def test_a_usb_printer_is_spoken_to_both_ways(data, bus, printer):
    bus.plugged.append(printer)
    assert print_once("usb://04b8:0e15", data).state is State.CONFIRMED
    assert printer.paper == data
    assert not printer.claimed, "the device was let go"


def test_a_usb_printer_that_is_pulled_and_plugged_in_again_is_found_without_a_restart(data, bus):
    port = open_port("usb://04b8:0e15")
    for _ in range(2):
        bus.plugged[:] = [UsbPrinter()]
        link = port.open()
        assert link.send("1", data).state is State.CONFIRMED
        link.close()
        bus.plugged.clear()
        with pytest.raises(NotReady, match="no está conectada"):
            port.open()


def test_a_usb_cable_pulled_inside_a_write_is_a_question_because_nobody_knows_how_much_had_left(data, bus):
    """libusb then gives no count: calling it not sent would print the paper twice."""
    printer = UsbPrinter(breaks_after=len(data) // 2)
    bus.plugged.append(printer)
    link = open_port("usb://04b8:0e15").open()
    outcome = link.send("1", data)
    link.close()
    assert outcome.state is State.UNKNOWN and printer.paper


def test_a_serial_cable_pulled_inside_a_write_is_a_question(data):
    class Pulled(ScriptedStream):
        def write(self, data, timeout_s):
            raise handshake.MayHaveLeft(5, "dejó de responder")

    assert handshake.send(Pulled([]), data, answers=True).state is State.UNKNOWN


def test_a_word_that_comes_after_the_deadline_is_still_heard(data, monkeypatch):
    """Paper ran out, the question went to a person, the roll was changed: the printer ends the job and says so."""
    monkeypatch.setattr(handshake, "BARRIER_S", 0.05)
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 1_000_000)
    exchange = handshake.Exchange(ScriptedStream([b"", b"", b"\x00"]), answers=True)
    exchange.stream.slow = 0.03
    assert exchange.send(data).state is State.UNKNOWN and exchange.open
    assert exchange.late(30).state is State.CONFIRMED
    assert not exchange.open


def test_a_late_answer_is_listened_to_until_the_deadline(data):
    with FaultPrinter(delay_s=1.0) as printer:
        assert print_once(printer.url, data).state is State.CONFIRMED


def test_a_late_real_time_answer_is_not_taken_for_the_end_of_the_job(data, hasty):
    """Both answers to the questions before the job arrive after it: they confirm nothing."""

    class Late(FaultPrinter):
        def _answer(self, sock, received):
            if received.endswith(b"\x1dr\x01"):
                sock.sendall(b"\x12\x12")

    with Late() as printer:
        assert print_once(printer.url, data).state is State.UNKNOWN


def test_automatic_status_is_not_taken_for_the_end_of_the_job(data, hasty):
    class Chatty(FaultPrinter):
        def _answer(self, sock, received):
            if received.endswith(b"\x1dr\x01"):
                sock.sendall(b"\x10\x00\x00\x00")

    with Chatty() as printer:
        assert print_once(printer.url, data).state is State.UNKNOWN


def test_a_printer_said_to_be_mute_is_never_confirmed_and_never_waited_for(data, monkeypatch):
    monkeypatch.setattr(handshake, "BARRIER_S", 3600.0)  # whoever waited would wait for ever
    with FaultPrinter("mute") as printer:
        outcome = print_once(printer.url + "?status=no", data)
        assert outcome.state is State.UNKNOWN


def test_a_printer_that_stops_answering_is_given_no_more_jobs(data, hasty):
    with FaultPrinter() as printer:
        port = open_port(printer.url)
        port.check()
        printer.behaviour = "mute"
        with pytest.raises(NotReady, match="dejó de contestar"):
            port.check()
        with pytest.raises(NotReady):
            port.open()


class SerialPrinter:
    """A printer at the other end of a pty, plugged in as `device`; it answers until `pulled_after` bytes of paper."""

    def __init__(self, device, pulled_after=None):
        self.device, self.pulled_after = device, pulled_after
        self.received = bytearray()

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.master)
        self.device.symlink_to(os.ttyname(self.slave))
        self.thread = threading.Thread(target=self._print)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.pull()
        self.thread.join(60)

    def pull(self):
        """The cable goes: whoever holds the device gets an error, and its name is gone."""
        self.device.unlink(missing_ok=True)
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1

    def _print(self):
        try:
            while self.pulled_after is None or len(self.received) < self.pulled_after:
                chunk = os.read(self.master, 256)
                self.received += chunk
                os.write(self.master, b"\x12" * (chunk.count(b"\x10\x04\x02") + chunk.count(b"\x10\x04\x04")))
                if self.received.endswith(b"\x1dr\x01"):
                    os.write(self.master, b"\x00")
            self.pull()
        except OSError:
            pass  # nobody holds the other end any more
        os.close(self.master)


def test_a_serial_printer_is_spoken_to_both_ways(data, tmp_path):
    with SerialPrinter(tmp_path / "ttyUSB0") as printer:
        outcome = print_once(f"serial://{tmp_path}/ttyUSB0?baud=9600", data)
        assert outcome.state is State.CONFIRMED
        assert data in printer.received


def test_a_serial_printer_that_is_pulled_and_plugged_in_again_is_found_without_a_restart(data, tmp_path):
    port = open_port(f"serial://{tmp_path}/ttyUSB0")
    for _ in range(2):
        with SerialPrinter(tmp_path / "ttyUSB0") as printer:
            link = port.open()
            assert link.send("1", data).state is State.CONFIRMED
            link.close()
            assert printer.received.count(data) == 1
        with pytest.raises(NotReady, match="No se pudo conectar"):
            port.open()


def test_a_serial_printer_pulled_in_the_middle_of_a_paper_is_a_question_and_the_next_paper_prints(data, tmp_path):
    port = open_port(f"serial://{tmp_path}/ttyUSB0")
    with SerialPrinter(tmp_path / "ttyUSB0", pulled_after=100):
        link = port.open()
        outcome = link.send("1", data)
        link.close()
    assert outcome.state is State.UNKNOWN and "cortó" in outcome.detail
    with SerialPrinter(tmp_path / "ttyUSB0") as printer:
        link = port.open()
        assert link.send("2", data).state is State.CONFIRMED
        link.close()
        assert printer.received.count(data) == 1


def test_a_serial_port_that_is_not_there_sends_nothing():
    with pytest.raises(NotReady):
        open_port("serial:///dev/ttyNADA").open()


def test_a_full_device_takes_nothing(data):
    link = open_port("file:///dev/full?status=no").open()
    outcome = link.send("1", data)
    link.close()
    assert outcome.state is State.NOT_SENT


def test_a_file_collects_jobs(tmp_path, data):
    for _ in range(2):
        assert print_once(f"file://{tmp_path}/paper.bin", data).state is State.CONFIRMED
    assert decode((tmp_path / "paper.bin").read_bytes()).cuts == 2


def test_a_folder_keeps_one_whole_file_a_job(tmp_path, data):
    url = f"folder://{tmp_path}/papel?png=yes"
    for _ in range(2):
        assert print_once(url, data, "31").state is State.CONFIRMED
    assert sorted(path.name for path in (tmp_path / "papel").iterdir()) == ["31.bin", "31.png"]
    assert (tmp_path / "papel" / "31.bin").read_bytes() == data


def test_a_dead_network_breaks_a_connection_within_the_deadline_and_not_in_the_kernels_quarter_of_an_hour():
    with FaultPrinter() as printer, closing(open_port(printer.url).open()) as link:
        sock = link.stream.sock
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == handshake.BARRIER_S * 1000
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_absent_usb_printer_and_a_windows_one_elsewhere_send_nothing():
    with pytest.raises(NotReady):
        open_port("usb://04b8:0e15").open()
    with pytest.raises(NotReady, match="Windows"):
        open_port("windows://Ticketera").open()


WRONG = [
    "tcp://",
    "usb://zz",
    "http://printer",
    "printer",
    "serial://",
    "tcp://h:puerto",
    "tcp://h?wait=0",
    "tcp://h?wait=31",
]


@pytest.mark.parametrize("url", [*WRONG, "tcp://h?wait=mucho"])
def test_a_url_that_is_not_understood_is_refused(url):
    with pytest.raises(BadPrinterUrl):
        check_url(url)


def test_an_agent_url_is_known_and_opens_nothing_here():
    check_url("agent://cargos")
    assert is_agent("agent://cargos")
    with pytest.raises(BadPrinterUrl):
        open_port("agent://cargos")


def test_a_printer_that_says_nothing_is_not_called_ready(hasty):
    with FaultPrinter("mute") as printer:
        assert open_port(printer.url).check().warning
    with FaultPrinter() as printer:
        assert open_port(printer.url).check() == Health()
