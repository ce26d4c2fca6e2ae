"""From a clerk's call to the screens of a hall, against a bare loop that sends the same bytes to as many sockets."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import gevent
from gevent import socket

from bench.disk import Disk
from bench.load import Client, at
from bench.place import ROOT, Place, Server, model, place
from bench.report import Line, Report
from bench.sockets import Screen, read_line

SCREENS = (200, 1_000)
GAP_S = 0.3  # between calls, as in a busy hall
PATIENCE_S = 20.0
MAX_OF_BARE = 4.0
MAX_KIB = 80.0  # of memory, one connection

Arrived = tuple[float, int, str]  # when, at which screen, what


def run(*, seconds: float) -> Report:
    calls = max(5, int(2 * seconds / GAP_S))
    report = Report("screens", "Del llamado a las pantallas, en milisegundos")
    with model() as sala:
        for screens in SCREENS:
            with place(sala, Disk("este disco", {})) as here, here.server() as server:
                delays, size, kib = _ours(here, server, screens, calls)
            bare = _bare(screens, calls, size)
            _tell(report, f"{screens} pantallas, {calls} llamados", delays, bare, size, kib)
    return report


def _tell(report: Report, what: str, delays: list[float], bare: list[float], size: int, kib: float) -> None:
    report.floor(f"lazo mínimo, {what}, {size} bytes", p50_ms=at(bare, 0.5), p99_ms=at(bare, 0.99))
    p50, p99 = at(delays, 0.5), at(delays, 0.99)
    of_p50, of_p99 = p50 / at(bare, 0.5), p99 / at(bare, 0.99)
    values = {"p50_ms": p50, "p99_ms": p99, "peor_ms": delays[-1], "KiB_por_conexión": kib}
    report.add(Line(what, ratios={"p50 del lazo": of_p50, "p99 del lazo": of_p99}, values=values))
    met = of_p50 <= MAX_OF_BARE and of_p99 <= MAX_OF_BARE
    report.judge(f"{what}: {of_p50:.1f} y {of_p99:.1f} veces el lazo (máximo {MAX_OF_BARE:.0f})", met)
    report.judge(f"{what}: {kib:.0f} KiB por conexión (máximo {MAX_KIB:.0f}), ninguno perdido", kib <= MAX_KIB)


def _ours(here: Place, server: Server, screens: int, calls: int) -> tuple[list[float], int, float]:
    """Delays from sending the call to each screen's board, how many bytes a board is, and the memory of a connection."""
    clerk, kiosk = (_Caller(server.address, here.token(role)) for role in ("ventanilla", "kiosko"))
    for _ in range(calls + 1):
        kiosk.ask("/tickets", {"service": "A"})
    empty = server.memory_kib()
    hall = [Screen(server.address, "/salas", {"token": here.token("pantalla"), "sala": "principal"})]
    hall += [Screen(server.address, "/salas", {"token": here.token("pantalla")}) for _ in range(screens - 1)]
    gevent.sleep(1)
    kib = (server.memory_kib() - empty) / screens
    arrived: list[Arrived] = []

    def watch(one: Screen) -> None:
        while True:
            message = one.next_message()
            arrived.append((time.perf_counter(), id(one), message))

    watchers = [gevent.spawn(watch, one) for one in hall]
    delays, size = [], 0
    for number in range(calls):
        arrived.clear()
        began = time.perf_counter()
        called = clerk.ask("/ventanillas/1/llamados", {})
        heard = _Heard(called["seq"])
        _until(lambda: heard.count(arrived) >= screens)  # noqa: B023 - used at once
        delays += [(when - began) * 1000 for when in heard.moments.values()]
        size = heard.size
        ticket = called["ticket"]["id"]
        clerk.ask(f"/tickets/{ticket}/atenciones", {"ventanilla": 1})
        clerk.ask(f"/tickets/{ticket}/cierres", {"ventanilla": 1, "resultado": "atendido"})
        gevent.sleep(GAP_S if number + 1 < calls else 0)
    gevent.killall(watchers)
    for one in hall:
        one.close()
    return sorted(delays), size, kib


class _Heard:
    """Of what arrived, the first board of each screen that has this call."""

    def __init__(self, seq: int):
        self._seq, self._looked = f'{{"seq":{seq},"code"', 0
        self.moments: dict[int, float] = {}
        self.size = 0

    def count(self, arrived: list[Arrived]) -> int:
        new, self._looked = arrived[self._looked :], len(arrived)
        for when, screen, message in new:
            if screen not in self.moments and self._seq in message:
                self.moments[screen] = when
                self.size = len(message)
        return len(self.moments)


class _Caller:
    """A program at a desk, whose waiting lets the screens be read meanwhile."""

    def __init__(self, address: tuple[str, int], token: str):
        self._client = Client(address, token)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        return gevent.get_hub().threadpool.apply(self._client.ask, (f"/api/v1{path}", body))


def _bare(screens: int, calls: int, size: int) -> list[float]:
    """The same of a bare loop."""
    command = [sys.executable, "-m", "bench.bare_send"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        address = ("127.0.0.1", int(process.stdout.readline()))
        links = [socket.create_connection(address) for _ in range(screens)]
        for link in links:
            link.sendall(b"S")
            assert read_line(link) == b"ready\n"
        caller, delays = socket.create_connection(address), []
        caller.sendall(b"C")
        began = [0.0]

        def watch(link: Any) -> None:
            while read_line(link):
                delays.append((time.perf_counter() - began[0]) * 1000)

        watchers = [gevent.spawn(watch, link) for link in links]
        for number in range(calls):
            began[0] = time.perf_counter()
            caller.sendall(b"x" * size + b"\n")
            _until(lambda: len(delays) == screens * (number + 1))  # noqa: B023 - used at once
            gevent.sleep(0.05)
        gevent.killall(watchers)
        process.stdin.close()
        process.terminate()
    return sorted(delays)


def _until(condition: Any) -> None:
    until = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > until:
            raise RuntimeError("not every screen heard the call")
        gevent.sleep(0.001)
