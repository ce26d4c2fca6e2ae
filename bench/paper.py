"""Making and sending paper: against python-escpos and qrcode making the same, and a bare socket asking the same printer."""

from __future__ import annotations

import logging
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy

from bench.place import ROOT
from bench.report import Line, Report
from printing import Profile, build, qr
from printing.handshake import ASK_AFTER_THE_CUT, ASK_OFFLINE_CAUSE, ASK_PAPER
from printing.outcome import Health, Outcome, State
from printing.papers import CargoPaper, Charge, Payment, TicketPaper
from printing.pdf import cargo_pdf
from printing.ports import open_port
from printing.spool import Job, Worker

AT = datetime(2026, 11, 20, 15, 42, tzinfo=UTC)
SITE, OFFICE = "MUNICIPALIDAD PROVINCIAL DE CAJAMARCA", "Centro de Atención al Ciudadano"
TICKET = TicketPaper(
    site=SITE,
    office=OFFICE,
    code="A-047",
    service="Partidas",
    issued_at=AT,
    ahead=6,
    wait_minutes=(15, 25),
    follow_url="https://cac.ejemplo.gob.pe/t/7KQ4M2",
)
CARGO = CargoPaper(
    site=SITE,
    office=OFFICE,
    number="2026-MPA-000214-1",
    received_at=AT,
    place="Ventanilla 3",
    tramite_code="RC-01",
    tramite="Copia certificada de partida de nacimiento",
    applicant="Nélida Chuquimango Soto",
    applicant_document="DNI ****7410",
    folios=1,
    annexes=("Solicitud (FUT)",),
    due_on=date(2026, 11, 23),
    term_business_days=1,
    payment=Payment((Charge("Derecho TUPA (Municipalidad)", 1100),), 1100, "Efectivo", 2000, 900),
    track_url="https://cac.ejemplo.gob.pe/seguimiento?numero=2026-MPA-000214-1&clave=K7M4-2QRX",
    track_key="K7M4-2QRX",
    received_by="Elva R.",
    check_code="9F2C-41B7-E01B",
)
MAX_OF_DUMMY, MAX_OF_IMAGE, MAX_OF_SOCKET, MAX_OF_MATRIX = 3.0, 1 / 25, 2.0, 2.0
COMMAND = re.compile(rb"(\x1b@|\x1c\.|\x1b[tE3ad].|\x1d[!B].|\x1dV..)", re.DOTALL)
ROUND = 20  # of one thing before the other's turn: a slow moment of the machine falls on both
JOBS = 60


def run(*, seconds: float) -> Report:
    logging.getLogger("escpos").setLevel(logging.ERROR)  # it says at each image that its profile has no width
    report = Report("paper", "Papel: armarlo, enviarlo y dibujarlo")
    _tickets(report, seconds)
    _sends(report)
    _documents(report, seconds)
    return report


def _tickets(report: Report, seconds: float) -> None:
    profile, number = Profile(), iter(range(10**9))

    def ours() -> None:
        build(_numbered(next(number)), profile)

    assert _by_hand(7) == build(_numbered(7), profile), "the floor does not print the same paper"
    made, bare, image = _alternating(
        (ours, lambda: _by_hand(next(number)), lambda: _by_hand(next(number), native=False)), seconds
    )
    report.floor("python-escpos, los mismos bytes a mano", us=bare * 1e6)
    report.floor("python-escpos con el QR como imagen", us=image * 1e6)
    ratios = {"de_dummy": made / bare, "de_imagen": made / image}
    report.add(Line("armar un ticket", ratios=ratios, values={"us": made * 1e6}))
    report.judge(
        f"un ticket, {made / bare:.2f} veces python-escpos (máximo {MAX_OF_DUMMY:.0f})", made / bare <= MAX_OF_DUMMY
    )
    report.judge(f"y 1/{image / made:.0f} del que lleva el QR dibujado (máximo 1/25)", made / image <= MAX_OF_IMAGE)


def _by_hand(n: int, *, native: bool = True) -> bytes:
    """The same paper as python-escpos prints one: its commands as they are, its texts through its own `text`."""
    printer = Dummy()
    printer.magic.encoding, printer.magic.disabled = "CP850", True
    for kind, piece in _pieces():
        if kind == "command":
            printer._raw(piece)
        elif kind == "qr":
            printer.qr(f"https://cac.ejemplo.gob.pe/t/{n:06d}", ec=QR_ECLEVEL_M, size=6, native=native)
        else:
            printer.text(piece.format(n=n) if kind == "numbered" else piece)
    return bytes(printer.output)


@cache
def _pieces() -> list[tuple[str, Any]]:
    """A ticket cut into its commands, its texts, those that carry its number, and its QR."""
    head, rest = build(_numbered(0), Profile()).split(b"\x1d(k", 1)
    found = [*_cut(head), ("qr", None), *_cut(rest[rest.index(b"\x1b") :])]
    return [_marked(kind, piece) for kind, piece in found]


def _marked(kind: str, piece: Any) -> tuple[str, Any]:
    if kind == "text" and "000" in piece:
        return "numbered", piece.replace("000000", "{n:06d}").replace("A-000", "A-{n:03d}")
    return kind, piece


def _cut(data: bytes) -> list[tuple[str, Any]]:
    parts = COMMAND.split(data)
    return [("command", part) if n % 2 else ("text", part.decode("cp850")) for n, part in enumerate(parts) if part]


def _numbered(n: int) -> TicketPaper:
    return replace(TICKET, code=f"A-{n:03d}", follow_url=f"https://cac.ejemplo.gob.pe/t/{n:06d}")


def _sends(report: Report) -> None:
    data = build(TICKET, Profile())
    with _printer() as port:
        bare = _median([lambda: _bare_job(port, data)] * JOBS)
        source = _Endless(data)
        worker = Worker(source, open_port(f"tcp://127.0.0.1:{port}"))
        ours = _median([worker.step] * JOBS)
    assert set(source.outcomes) == {State.CONFIRMED}, "a job was not confirmed"
    report.floor("un socket que pregunta, envía y espera lo mismo", ms=bare * 1e3)
    report.add(Line("enviar y confirmar", ratios={"de_socket": ours / bare}, values={"ms": ours * 1e3}))
    said = f"enviar y confirmar, {ours / bare:.2f} veces el socket (máximo {MAX_OF_SOCKET:.0f})"
    report.judge(said, ours / bare <= MAX_OF_SOCKET)


class _Endless:
    """A job source that always has one more, and keeps what it is told as a row would be kept."""

    def __init__(self, data: bytes):
        self.data, self.number = data, 0
        self.outcomes: list[State] = []

    def recover(self) -> None: ...

    def claim(self) -> Job:
        self.number += 1
        return Job(str(self.number), self.data)

    def mark(self, job: Job) -> bool:
        return True

    def result(self, job: Job, outcome: Outcome) -> None:
        self.outcomes.append(outcome.state)

    def health(self, health: Health) -> None: ...


def _bare_job(port: int, data: bytes) -> None:
    """Connect, ask how it is, send, ask whether it ended."""
    with socket.create_connection(("127.0.0.1", port)) as printer:
        printer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        printer.sendall(ASK_OFFLINE_CAUSE + ASK_PAPER)
        heard = b""
        while len(heard) < 2:
            heard += printer.recv(64)
        printer.sendall(data + ASK_AFTER_THE_CUT)
        printer.recv(64)


@contextmanager
def _printer():
    """A printer that answers at once, in a process of its own."""
    command = [sys.executable, "-m", "bench.bare_printer"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def _documents(report: Report, seconds: float) -> None:
    number = iter(range(10**9))

    def ours() -> None:
        cargo_pdf(replace(CARGO, track_url=f"{CARGO.track_url}{next(number):06d}"))

    def matrix() -> None:
        qr.matrix.__wrapped__(f"{CARGO.track_url}{next(number):06d}")

    ours()  # fonts are read once
    made, bare = _alternating((ours, matrix), seconds)
    report.floor("la matriz de su QR", ms=bare * 1e3)
    report.add(Line("cargo A4 con QR", ratios={"de_matriz": made / bare}, values={"ms": made * 1e3}))
    report.judge(
        f"un cargo A4, {made / bare:.2f} veces la matriz de su QR (máximo {MAX_OF_MATRIX:.0f})",
        made / bare <= MAX_OF_MATRIX,
    )


def _alternating(works: tuple[Callable[[], object], ...], seconds: float) -> list[float]:
    """Median processor seconds of one call of each, turn about, so that the machine's moods are shared."""
    taken: list[list[float]] = [[] for _ in works]
    until = time.monotonic() + seconds
    while time.monotonic() < until or not taken[-1]:
        for work, times in zip(works, taken, strict=True):
            for _ in range(ROUND):
                begun = time.process_time()
                work()
                times.append(time.process_time() - begun)
    return [statistics.median(times) for times in taken]


def _median(works: list[Callable[[], object]]) -> float:
    taken = []
    for work in works:
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
