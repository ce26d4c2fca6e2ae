"""From a clerk's call to 200 screens, against a bare loop that sends the same bytes to 200 sockets."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import gevent
from gevent import socket

from bench.disk import Disk
from bench.load import Client, at
from bench.place import ROOT, model, place
from bench.report import Line, Report
from bench.sockets import Screen, read_line

SCREENS = 200
GAP_S = 0.3  # between calls, as in a busy hall
PATIENCE_S = 20.0


def run(*, seconds: float) -> Report:
    calls = max(5, int(seconds / GAP_S))
    report = Report("screens", f"Del llamado a {SCREENS} pantallas, en milisegundos")
    delays, size = _ours(calls)
    bare = _bare(calls, size)
    report.floor(f"lazo mínimo, {SCREENS} conexiones, {size} bytes", p50_ms=at(bare, 0.5), p99_ms=at(bare, 0.99))
    p50, p99 = at(delays, 0.5), at(delays, 0.99)
    report.add(
        Line(
            f"{calls} llamados",
            ratios={"p50 del lazo": p50 / at(bare, 0.5), "p99 del lazo": p99 / at(bare, 0.99)},
            values={"p50_ms": p50, "p99_ms": p99, "peor_ms": delays[-1]},
        )
    )
    report.judge(f"el 99 % se ve antes de un segundo ({p99:.0f} ms)", p99 < 1000)
    return report


def _ours(calls: int) -> tuple[list[float], int]:
    """Delays from sending the call to each screen's board, and how many bytes a board is."""
    with model() as data, place(data, Disk("este disco", {})) as here, here.server() as address:
        desk, kiosk, screen = (here.token(role) for role in ("ventanilla", "kiosko", "pantalla"))
        clerk, heard, seen = _Caller(address, desk), {}, [0]  # type: ignore[var-annotated]
        for _ in range(calls + 1):
            _Caller(address, kiosk).ask("/tickets", {"service": "A"})
        screens = [Screen(address, "/salas", {"token": screen, "sala": "principal"}) for _ in range(SCREENS)]

        def watch(one: Screen) -> None:
            while True:
                name, board = one.hear()
                now = time.perf_counter()
                if name == "tablero":
                    seen[0] = len(json.dumps(board))
                    for call in board["calls"]:
                        heard.setdefault(call["seq"], {}).setdefault(id(one), now)

        watchers = [gevent.spawn(watch, one) for one in screens]
        gevent.sleep(1)
        delays = []
        for number in range(calls):
            began = time.perf_counter()
            called = clerk.ask("/ventanillas/1/llamados", {})
            _until(lambda: len(heard.get(called["seq"], {})) == SCREENS)  # noqa: B023 - used at once
            delays += [(when - began) * 1000 for when in heard[called["seq"]].values()]
            ticket = called["ticket"]["id"]
            clerk.ask(f"/tickets/{ticket}/atenciones", {"ventanilla": 1})
            clerk.ask(f"/tickets/{ticket}/cierres", {"ventanilla": 1, "resultado": "atendido"})
            gevent.sleep(GAP_S if number + 1 < calls else 0)
        gevent.killall(watchers)
        for one in screens:
            one.close()
        return sorted(delays), seen[0]


class _Caller:
    """A program at a desk, whose waiting lets the screens be read meanwhile."""

    def __init__(self, address: tuple[str, int], token: str):
        self._client = Client(address, token)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        post = gevent.get_hub().threadpool.apply
        status, answer = post(self._client.post, (f"/api/v1{path}", json.dumps(body).encode()))
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer[:300]!r}")
        return json.loads(answer)


def _bare(calls: int, size: int) -> list[float]:
    """The same of a bare loop."""
    command = [sys.executable, "-m", "bench.bare_send"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        address = ("127.0.0.1", int(process.stdout.readline()))
        links = [socket.create_connection(address) for _ in range(SCREENS)]
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
            _until(lambda: len(delays) == SCREENS * (number + 1))  # noqa: B023 - used at once
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
