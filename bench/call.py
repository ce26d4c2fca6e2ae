"""Calling the next ticket with 32 clerks at once, against the same server's bare route asked in the same rounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.disk import Disk
from bench.load import Client, at
from bench.place import Place, Server, model, place
from bench.report import Line, Report

CLERKS = 32
EACH = 4  # ventanillas of a clerk's program: so many calls in a round before any of them is free again
QUEUE = 2 * CLERKS * EACH
MIN_OF_BARE = 0.40
BARE = "/api/v1/bench"


def run(*, seconds: float) -> Report:
    report = Report("call", f"Llamar al siguiente, {CLERKS} ventanillas a la vez")
    with model(ventanillas=CLERKS * EACH) as sala, place(sala, Disk("este disco", {})) as here, here.server() as server:
        clerks = [Clerk(server, here, number) for number in range(CLERKS)]
        kiosk = Client(server.address, here.token("kiosko"))
        for _ in range(QUEUE):
            kiosk.ask("/api/v1/tickets", {"service": "A"})
        called, bare = Rounds(), Rounds()
        until = time.perf_counter() + 2 * seconds
        while time.perf_counter() < until or not called.times:
            called.measure([clerk.call for clerk in clerks])
            in_threads([clerk.give_back for clerk in clerks])
            bare.measure([clerk.bare for clerk in clerks])
        seen = [seq for clerk in clerks for seq in clerk.seqs]
        for clerk in clerks:
            clerk.close()
        kiosk.close()
    share = called.per_second / bare.per_second
    report.floor(f"ruta mínima, {CLERKS} clientes, las mismas rondas", per_second=bare.per_second, p50_ms=bare.ms(0.5))
    report.add(
        Line(
            f"{len(seen):,} llamados, {CLERKS} clientes",
            ratios={"de la ruta mínima": share},
            values={"por_segundo": called.per_second, "p50_ms": called.ms(0.5), "p99_ms": called.ms(0.99)},
        )
    )
    report.judge(f"{share:.2f} de la ruta mínima (mínimo {MIN_OF_BARE:.2f})", share >= MIN_OF_BARE)
    once = sorted(seen) == list(range(1, len(seen) + 1))
    report.judge("cada llamado tiene un lugar propio y seguido en el registro", once)
    return report


class Clerk:
    """A program at `EACH` ventanillas: calls somebody to each, then sends everybody back to the queue."""

    def __init__(self, server: Server, here: Place, number: int):
        self._client = Client(server.address, here.token("ventanilla"))
        self._places = range(number * EACH + 1, (number + 1) * EACH + 1)
        self._tickets: list[int] = []
        self._service = "A"
        self.seqs: list[int] = []

    def call(self) -> Iterator[None]:
        for place_number in self._places:
            called = self._client.ask(f"/api/v1/ventanillas/{place_number}/llamados", {})
            self.seqs.append(called["seq"])
            self._tickets.append(called["ticket"]["id"])
            yield

    def give_back(self) -> None:
        """Forwarded to the other service, they wait again."""
        self._service = "B" if self._service == "A" else "A"
        for ticket in self._tickets:
            self._client.ask(f"/api/v1/tickets/{ticket}/derivaciones", {"service": self._service})
        self._tickets.clear()

    def bare(self) -> Iterator[None]:
        for _ in self._places:
            self._client.ask(BARE, {})
            yield

    def close(self) -> None:
        self._client.close()


@dataclass(slots=True)
class Rounds:
    """Requests of all clerks at once, measured only while they ask."""

    times: list[float] = field(default_factory=list)
    lasted: float = 0.0

    def measure(self, asks: list[Callable[[], Iterator[None]]]) -> None:
        start = threading.Barrier(len(asks) + 1)

        def ask(requests: Callable[[], Iterator[None]]) -> None:
            start.wait()
            before = time.perf_counter()
            for _ in requests():
                now = time.perf_counter()
                self.times.append(now - before)
                before = now

        threads = [threading.Thread(target=ask, args=(one,)) for one in asks]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        self.lasted += time.perf_counter() - began

    @property
    def per_second(self) -> float:
        return len(self.times) / self.lasted

    def ms(self, share: float) -> float:
        return at(sorted(self.times), share) * 1000


def in_threads(work: list[Callable[[], Any]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
