"""A day of 20,000 tickets, as fast as the centre takes it: each is issued, called, begun and ended over HTTP. The last hour must be
as quick as the first, and what is kept must be worth its room."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.disk import Disk
from bench.load import Client, at, measure
from bench.place import model, place
from bench.report import Line, Report

TICKETS, QUICK_TICKETS = 20_000, 1_200
HOURS = 8
VENTANILLAS = 12
QUEUE = 60  # people who wait, all day long
MAX_SLOWER = 1.5  # last hour against first, each measured in bare routes of its moment
MAX_MEMORY_MIB = 32.0  # grown after the first hour
MAX_TICKET_KIB = 12.0  # in the database, with its moves, log, paper and answers
BARE = "/api/v1/bench"


def run(*, seconds: float) -> Report:
    tickets = TICKETS if seconds > 1 else QUICK_TICKETS
    report = Report("full_day", f"Un día de {tickets:,} tickets por HTTP, {VENTANILLAS} ventanillas")
    with (
        model(ventanillas=VENTANILLAS) as sala,
        place(sala, Disk("este disco", {})) as here,
        here.server() as server,
    ):
        kiosk = Client(server.address, here.token("kiosko"))
        for _ in range(QUEUE):
            kiosk.ask("/api/v1/tickets", {"service": "A"})
        kiosk.close()
        kiosks, clerks = (
            [Client(server.address, here.token(role)) for _ in range(VENTANILLAS)] for role in ("kiosko", "ventanilla")
        )
        before = _size(here.data)
        hours: list[Hour] = []
        for number in range(HOURS):
            hours.append(_hour(kiosks, clerks, tickets // HOURS))
            if number in (0, HOURS - 1):
                load = measure(server.address, here.token("kiosko"), BARE, {}, clients=VENTANILLAS, seconds=seconds / 5)
                hours[-1].bare_ms, hours[-1].memory_mib = load.p50_ms, server.memory_kib() / 1024
        for client in (*kiosks, *clerks):
            client.close()
        ticket_kib = (_size(here.data) - before) / 1024 / tickets
    for name, hour in (("primera hora", hours[0]), ("última hora", hours[-1])):
        report.floor(f"ruta mínima, {VENTANILLAS} clientes, tras la {name}", p50_ms=hour.bare_ms)
        report.add(hour.line(name))
    slower = hours[-1].in_bare(0.5) / hours[0].in_bare(0.5)
    report.judge(f"última hora, {slower:.2f} veces la primera (máximo {MAX_SLOWER})", slower <= MAX_SLOWER)
    grown = hours[-1].memory_mib - hours[0].memory_mib
    sentence = f"la memoria creció {grown:.1f} MiB desde la primera hora (máximo {MAX_MEMORY_MIB:.0f})"
    report.judge(sentence, grown <= MAX_MEMORY_MIB)
    sentence = f"un ticket ocupa {ticket_kib:.1f} KiB de la base de datos (máximo {MAX_TICKET_KIB:.0f})"
    report.judge(sentence, ticket_kib <= MAX_TICKET_KIB)
    return report


@dataclass(slots=True)
class Hour:
    lasted: float
    times: list[float] = field(default_factory=list)
    bare_ms: float = 0.0
    memory_mib: float = 0.0

    def in_bare(self, share: float) -> float:
        return at(self.times, share) * 1000 / self.bare_ms

    def line(self, name: str) -> Line:
        return Line(
            name,
            ratios={"p50 en rutas": self.in_bare(0.5), "p99 en rutas": self.in_bare(0.99)},
            values={
                "movimientos_por_segundo": len(self.times) / self.lasted,
                "p50_ms": at(self.times, 0.5) * 1000,
                "p99_ms": at(self.times, 0.99) * 1000,
                "memoria_MiB": self.memory_mib,
            },
        )


def _hour(kiosks: list[Client], clerks: list[Client], tickets: int) -> Hour:
    """For each who leaves another one comes."""
    times: list[list[float]] = [[] for _ in clerks]

    def work(number: int) -> None:
        kiosk, clerk, took = kiosks[number], clerks[number], times[number]
        here = {"ventanilla": number + 1}
        for _ in range(tickets // VENTANILLAS):
            moments = [time.perf_counter()]
            kiosk.ask("/api/v1/tickets", {"service": "ABCDEF"[number % 6]})
            moments.append(time.perf_counter())
            ticket = clerk.ask(f"/api/v1/ventanillas/{number + 1}/llamados", {})["ticket"]["id"]
            moments.append(time.perf_counter())
            clerk.ask(f"/api/v1/tickets/{ticket}/atenciones", here)
            moments.append(time.perf_counter())
            clerk.ask(f"/api/v1/tickets/{ticket}/cierres", here)
            moments.append(time.perf_counter())
            took += [after - before for before, after in zip(moments, moments[1:], strict=False)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(clerks))]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Hour(time.perf_counter() - began, sorted(took for one in times for took in one))


def _size(data: Path) -> int:
    """Bytes of the database, its journal included."""
    return sum(file.stat().st_size for file in data.glob("cac.db*"))
