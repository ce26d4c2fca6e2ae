"""The centre killed without warning while 32 clients ask of it, again and again: what it had answered must stand."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

from sqlcipher3 import dbapi2 as sqlcipher

from bench.disk import Disk
from bench.load import Client
from bench.place import Place, Server, model, place
from bench.report import Line, Report

KIOSKS, CLERKS = 28, 4
KILLS, QUICK_KILLS = 8, 2
LIVES_S = (0.7, 2.0)  # from, to: how long it lives under load


def run(*, seconds: float) -> Report:
    kills = KILLS if seconds > 1 else QUICK_KILLS
    report = Report("kill", f"SIGKILL con {KIOSKS + CLERKS} clientes, {kills} veces")
    dice, told, restarts = Random(7), Told(), []
    with model() as sala, place(sala, Disk("este disco", {})) as here:
        server = here.start()
        people: list[Kiosk | Clerk] = [*(Kiosk() for _ in range(KIOSKS)), *(Clerk(n) for n in range(1, CLERKS + 1))]
        for _ in range(kills):
            _live(people, server, here, told, dice.uniform(*LIVES_S))
            before = time.perf_counter()
            server = here.start()
            restarts.append(time.perf_counter() - before)
        _settle(people, server, here, told)
        server.stop()
        _judge(report, here, told)
    report.add(
        Line(
            f"{kills} muertes",
            ratios={},
            values={
                "tickets_contestados": len(told.tickets),
                "llamados_contestados": len(told.calls),
                "repetidos_al_volver": told.repeated,
                "vuelve_en_s": max(restarts),
            },
        )
    )
    return report


@dataclass(slots=True)
class Told:
    """What the server had answered when it died."""

    tickets: dict[int, str] = field(default_factory=dict)  # id: code
    calls: dict[int, int] = field(default_factory=dict)  # seq: ticket
    repeated: int = 0  # requests whose answer a death had cut off, sent again with the same key
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ticket(self, ticket: dict[str, Any]) -> None:
        with self.lock:
            self.tickets[ticket["id"]] = ticket["code"]

    def call(self, call: dict[str, Any]) -> None:
        with self.lock:
            self.calls[call["seq"]] = call["ticket"]["id"]


class Person:
    """Asks one thing after another; what was not answered it asks again, with the same key."""

    role = ""

    def __init__(self) -> None:
        self._asked: tuple[str, dict[str, Any], str] | None = None

    def live(self, client: Client, told: Told, stop: threading.Event) -> None:
        try:
            while self._asked or not stop.is_set():
                if self._asked:
                    told.repeated += 1
                else:
                    self._asked = (*self.wants(), uuid4().hex)
                path, body, key = self._asked
                answer = client.ask(path, body, key=key)
                self._asked = None
                self.hears(answer, told)
        except OSError:  # it died, this request with it
            pass

    def wants(self) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def hears(self, answer: Any, told: Told) -> None:
        raise NotImplementedError


class Kiosk(Person):
    role = "kiosko"

    def wants(self) -> tuple[str, dict[str, Any]]:
        return "/api/v1/tickets", {"service": "A"}

    def hears(self, answer: Any, told: Told) -> None:
        told.ticket(answer)


class Clerk(Person):
    """Calls, begins, ends."""

    role = "ventanilla"

    def __init__(self, number: int):
        super().__init__()
        self._number, self._ticket, self._step = number, 0, 0

    def wants(self) -> tuple[str, dict[str, Any]]:
        if self._step == 0:
            return f"/api/v1/ventanillas/{self._number}/llamados", {}
        noun = ("atenciones", "cierres")[self._step - 1]
        return f"/api/v1/tickets/{self._ticket}/{noun}", {"ventanilla": self._number}

    def hears(self, answer: Any, told: Told) -> None:
        if self._step == 0 and answer is None:
            return
        if self._step == 0:
            told.call(answer)
            self._ticket = answer["ticket"]["id"]
        self._step = (self._step + 1) % 3


def _live(people: list[Any], server: Server, here: Place, told: Told, seconds: float) -> None:
    """So long, then the power goes."""
    threads = _begin(people, server, here, told, threading.Event())
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join()


def _settle(people: list[Any], server: Server, here: Place, told: Told) -> None:
    """After the last death: everybody learns what became of the last request."""
    stop = threading.Event()
    stop.set()
    for thread in _begin(people, server, here, told, stop):
        thread.join()


def _begin(people: list[Any], server: Server, here: Place, told: Told, stop: threading.Event) -> list[threading.Thread]:
    threads = []
    for one in people:
        client = Client(server.address, here.token(one.role))
        threads.append(threading.Thread(target=one.live, args=(client, told, stop)))
        threads[-1].start()
    return threads


def _judge(report: Report, here: Place, told: Told) -> None:
    link = sqlcipher.connect(str(here.data / "cac.db"))
    tickets = dict(link.execute("SELECT id, code FROM ticket"))
    numbers = [row[0] for row in link.execute("SELECT number FROM ticket WHERE series = 'A' ORDER BY number")]
    calls = dict(link.execute("SELECT seq, ticket_id FROM llamado"))
    moves = Counter(row[0] for row in link.execute("SELECT ticket_id FROM ticket_move WHERE move = 'llamado'"))
    papers = {row[0] for row in link.execute("SELECT subject FROM print_job")}
    link.close()
    missing = sum(tickets.get(number) != code for number, code in told.tickets.items())
    unsaid = sum(calls.get(seq) != ticket for seq, ticket in told.calls.items())
    gaps = len(set(range(1, len(numbers) + 1)) - set(numbers))
    report.judge(f"tickets contestados que faltan: {missing}", missing == 0)
    report.judge(f"llamados contestados que faltan: {unsaid}", unsaid == 0)
    report.judge(f"huecos en los números: {gaps}", gaps == 0)
    twice = len(numbers) - len(set(numbers))
    report.judge(f"números dados dos veces: {twice}", twice == 0)
    twice = sum(count > 1 for count in moves.values())
    report.judge(f"turnos llamados dos veces: {twice}", twice == 0)
    jumps = len(set(range(1, len(calls) + 1)) - set(calls))
    report.judge(f"huecos en el registro de llamados: {jumps}", jumps == 0)
    unprinted = sum(f"ticket:{number}" not in papers for number in tickets)
    report.judge(f"tickets sin su papel en cola: {unprinted}", unprinted == 0)
