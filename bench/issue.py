"""Durable tickets over HTTP, against the same server's bare route and against a bare durable insert."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.disk import Disk, disks
from bench.load import measure
from bench.place import ROOT, model, place
from bench.report import Line, Report

CLIENTS = (1, 8, 64)
MIN_GAIN = 8.0  # 64 clients on the slow disk, against one: the writer must share its fsyncs
MAX_POST_MS = 40.0  # a keep-alive POST on loopback; 40 means that Nagle's delay is back
ISSUE, BARE = "/api/v1/tickets", "/api/v1/bench"


def run(*, seconds: float) -> Report:
    report = Report("issue", "Tickets emitidos por HTTP, durables al responder")
    with model() as data:
        for disk in disks():
            insert = bare_insert(disk, seconds)
            report.floor(f"insert mínimo con fsync, {disk.name}", per_second=insert)
            for clients in CLIENTS:
                report.add(_line(data, disk, clients=clients, insert=insert, seconds=seconds))
    _judge(report)
    return report


def _line(data: Path, disk: Disk, *, clients: int, insert: float, seconds: float) -> Line:
    """One number of clients on fresh data: the bare route first, then the tickets."""
    with place(data, disk) as here, here.server() as address:
        token = here.token("kiosko")
        measure(address, token, BARE, {}, clients=clients, seconds=0.5)  # warm
        bare = measure(address, token, BARE, {}, clients=clients, seconds=seconds)
        issued = measure(address, token, ISSUE, {"service": "A"}, clients=clients, seconds=seconds)
    return Line(
        f"{clients} clientes, {disk.name}",
        ratios={"de la ruta mínima": issued.per_second / bare.per_second, "del insert": issued.per_second / insert},
        values={
            "por_segundo": issued.per_second,
            "p50_ms": issued.p50_ms,
            "p99_ms": issued.p99_ms,
            "ruta_por_segundo": bare.per_second,
            "ruta_p50_ms": bare.p50_ms,
        },
        tags={"clients": clients, "slow": bool(disk.environment)},
    )


def bare_insert(disk: Disk, seconds: float) -> float:
    """Durable one-row commits a second on `disk`, in a process that feels it."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        command = [sys.executable, "-m", "bench.bare_insert", f"{folder}/floor.db", str(seconds)]
        environment = {**os.environ, **disk.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _judge(report: Report) -> None:
    slow = {line.tags["clients"]: line.values["por_segundo"] for line in report.lines if line.tags["slow"]}
    if slow:
        gain = slow[64] / slow[1]
        report.judge(f"64 clientes en disco lento, {gain:.1f} veces uno (mínimo {MIN_GAIN:.0f})", gain >= MIN_GAIN)
    worst = max(line.values["ruta_p50_ms"] for line in report.lines if line.tags["clients"] == 1)
    report.judge(f"un POST por conexión abierta, {worst:.2f} ms (máximo {MAX_POST_MS:.0f})", worst < MAX_POST_MS)
