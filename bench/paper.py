"""Making and sending paper: against python-escpos and qrcode making the same, and a bare socket asking the same printer."""

from __future__ import annotations

import io
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select
from sqlcipher3 import dbapi2 as sqlcipher

from bench.place import ROOT
from bench.report import Line, Report
from cac.access.actions import SYSTEM
from cac.base import Base
from cac.paper.actions import add_printer, enqueue, route_papers
from cac.paper.loop import PrinterJobs
from cac.paper.models import PrintJob
from cac.portal.tupa_sheet import tupa_sheet
from core.clock import now_utc
from intake.tramite import entry_to_json
from intake.tupa import parse_tupa
from printing import Profile, build, qr
from printing.handshake import ASK_AFTER_THE_CUT, ASK_OFFLINE_CAUSE, ASK_PAPER
from printing.outcome import Health, Outcome, State
from printing.papers import CargoPaper, Charge, Payment, TicketPaper
from printing.pdf import cargo_pdf, tupa_pdf
from printing.pdf.page import REGULAR
from printing.ports import open_port
from printing.spool import Job, Worker
from storage import Store, upgrade

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
MAX_OF_DUMMY, MAX_OF_IMAGE, MAX_OF_SOCKET, MAX_OF_NOTED, MAX_OF_MATRIX, MAX_OF_CANVAS = 3.0, 1 / 25, 2.0, 2.0, 2.0, 3.0
NO_MIGRATIONS = Path("no-migrations")
COMMAND = re.compile(rb"(\x1b@|\x1c\.|\x1b[tE3ad].|\x1d[!B].|\x1dV..)", re.DOTALL)
ROUND = 20  # of one thing before the other's turn: a slow moment of the machine falls on both
JOBS = 200


def run(*, seconds: float) -> Report:
    report = Report("paper", "Papel: armarlo, enviarlo y dibujarlo")
    _tickets(report, seconds)
    _sends(report)
    _documents(report, seconds)
    _tupa(report, seconds)
    return report


def _tickets(report: Report, seconds: float) -> None:
    profile, number = Profile(), iter(range(10**9))

    def ours() -> None:
        build(_numbered(next(number)), profile)

    assert _by_hand(7) == build(_numbered(7), profile), "the floor does not print the same paper"
    with redirect_stdout(None):  # python-escpos prints at each image that its profile has no width
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
    """The worker with jobs in memory, and with the centre's own rows, each taken, marked before its first byte and settled on disk."""
    data = build(TICKET, Profile())
    with _printer() as port, _rows(f"tcp://127.0.0.1:{port}") as rows, _bare_rows(data) as kept:
        source, url = _Endless(data), f"tcp://127.0.0.1:{port}"
        bare, noted, ours, stored = _medians(
            [lambda: _bare_job(port, data)] * JOBS,
            [lambda: _bare_noted_job(port, data, kept)] * JOBS,
            _jobs(source, url),
            _jobs(rows, url),
        )
        with rows.store.read() as session:
            ended = set(session.scalars(select(PrintJob.state)))
    assert set(source.outcomes) == ended == {State.CONFIRMED}, "a job was not confirmed"
    report.floor("un socket que pregunta, envía y espera lo mismo", ms=bare * 1e3)
    report.floor("y que además lee y anota dos veces en SQLite, sin más", ms=noted * 1e3)
    report.add(Line("enviar y confirmar", ratios={"de_socket": ours / bare}, values={"ms": ours * 1e3}))
    ratios = {"de_socket": stored / bare, "de_socket_y_filas": stored / noted}
    report.add(Line("lo mismo, con sus filas en disco", ratios=ratios, values={"ms": stored * 1e3}))
    said = f"enviar y confirmar, {ours / bare:.2f} veces el socket (máximo {MAX_OF_SOCKET:.0f})"
    report.judge(said, ours / bare <= MAX_OF_SOCKET)
    said = f"con sus filas, {stored / noted:.2f} veces el socket que anota lo mismo (máximo {MAX_OF_NOTED:.0f})"
    report.judge(said, stored / noted <= MAX_OF_NOTED)


def _jobs(source: Any, url: str) -> list[Callable[[], object]]:
    """Jobs of a worker that was already there, each asking first how the printer is: it has not heard of it just now."""
    worker = Worker(source, open_port(url))
    worker._tell(Health())

    def step(port: Any) -> object:
        worker.port = port
        return worker.step()

    return [partial(step, open_port(url)) for _ in range(JOBS)]


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


@contextmanager
def _rows(url: str) -> Iterator[PrinterJobs]:
    """The centre's jobs of one printer, as its worker sees them: as many queued as are printed."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        upgrade(f"sqlite:///{folder}/cac.db", NO_MIGRATIONS, metadata=Base.metadata)
        store, now = Store(f"sqlite:///{folder}/cac.db"), now_utc()
        try:
            printer = store.write(add_printer, name="kiosko", url=url, principal=SYSTEM, now=now)
            store.write(route_papers, purpose="tickets", sala=None, printer="kiosko", principal=SYSTEM, now=now)
            for n in range(JOBS):
                ticket = {"purpose": "tickets", "sala_code": None, "paper": _numbered(n), "subject": f"ticket:{n}"}
                store.write(enqueue, **ticket, now=now)
            jobs = PrinterJobs(store, printer, "bench")
            jobs.hold()
            yield jobs
        finally:
            store.close()


@contextmanager
def _bare_rows(data: bytes) -> Iterator[Any]:
    """A table of the same jobs in a bare, durable SQLite."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        link = sqlcipher.connect(f"{folder}/piso.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
            link.execute(statement)
        link.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, state TEXT, data BLOB)")
        link.execute("CREATE INDEX waiting ON job (state, id)")
        link.executemany("INSERT INTO job (state, data) VALUES ('en_cola', ?)", [(data,)] * JOBS)
        yield link
        link.close()


def _bare_noted_job(port: int, data: bytes, link: Any) -> None:
    """`_bare_job` of the next row, marked before and settled after, each by a commit of its own."""
    job, data = link.execute("SELECT id, data FROM job WHERE state = 'en_cola' ORDER BY id LIMIT 1").fetchone()
    for state, send in (("enviando", True), ("confirmada", False)):
        link.execute("BEGIN IMMEDIATE")
        link.execute("UPDATE job SET state = ? WHERE id = ?", (state, job))
        link.execute("COMMIT")
        if send:
            _bare_job(port, data)


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


def _tupa(report: Report, seconds: float) -> None:
    """The whole TUPA as a PDF, against the same words on as many pages by the bare canvas, in the same fonts, a string a line."""
    published = parse_tupa((ROOT / "data" / "tupa.json").read_text(encoding="utf-8"))
    plain = [entry_to_json(entry) for entry in published.entries]
    entries = [{**entry["tramite"], "sheet": entry["sheet"]} for entry in plain]
    sheet = tupa_sheet(entries, site=SITE, office=OFFICE, version=published.version, made_on=AT.date(), demo=False)
    pages = [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(tupa_pdf(sheet))).pages]

    def bare() -> None:
        canvas = Canvas(io.BytesIO(), pagesize=A4, invariant=1)
        for lines in pages:
            for n, line in enumerate(lines):
                canvas.setFont(REGULAR, 10)
                canvas.drawString(56, 800 - 12 * n, line)
            canvas.showPage()
        canvas.save()

    made, floor = _alternating((lambda: tupa_pdf(sheet), bare), seconds, round_of=2)
    report.floor("las mismas palabras en las mismas páginas, sin componer", ms=floor * 1e3)
    values = {"ms": made * 1e3, "páginas": len(pages)}
    report.add(Line(f"TUPA de {len(entries)} trámites en PDF", ratios={"de_canvas": made / floor}, values=values))
    said = f"el TUPA, {made / floor:.2f} veces sus palabras sin componer (máximo {MAX_OF_CANVAS:.0f})"
    report.judge(said, made / floor <= MAX_OF_CANVAS)


def _alternating(works: tuple[Callable[[], object], ...], seconds: float, round_of: int = ROUND) -> list[float]:
    """Median processor seconds of one call of each, turn about, so that the machine's moods are shared."""
    taken: list[list[float]] = [[] for _ in works]
    until = time.monotonic() + seconds
    while time.monotonic() < until or not taken[-1]:
        for work, times in zip(works, taken, strict=True):
            for _ in range(round_of):
                begun = time.process_time()
                work()
                times.append(time.process_time() - begun)
    return [statistics.median(times) for times in taken]


def _medians(*works: list[Callable[[], object]]) -> list[float]:
    """Median seconds of each, turn about, so that the machine's moods are shared."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in zip(*works, strict=True):
        for work, times in zip(turn, taken, strict=True):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
    return [statistics.median(times) for times in taken]
