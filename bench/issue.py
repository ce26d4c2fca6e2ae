"""Durable tickets over HTTP, each with its audit entry and its paper queued, against the same server's bare route and against a
bare durable insert."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import psycopg

from bench.disk import SLOW_MS, Disk, disks
from bench.load import measure, repeated
from bench.place import ROOT, Place, model, place, postgres_place
from bench.report import Line, Report

CLIENTS = (1, 8, 64)
MIN_OF_BARE = {1: 0.20, 64: 0.40}  # clients: least share of the bare route
MIN_GAIN = 12.0  # 64 clients on the slow disk, against one: the writer must share its fsyncs
MAX_P99_FSYNCS = 25.0  # and nobody waits longer than so many fsyncs
MAX_POST_MS = 40.0  # a keep-alive POST on loopback; 40 means that Nagle's delay is back
ISSUE, BARE = "/api/v1/tickets", "/api/v1/bench"


def run(*, seconds: float) -> Report:
    report = Report("issue", "Tickets emitidos por HTTP, con su papel en cola, durables al responder")
    with model() as sala:
        for disk in disks():
            insert = bare_insert(disk, seconds / 2)
            report.floor(f"insert mínimo con fsync, {disk.name}", per_second=insert)
            for clients in CLIENTS:
                with place(sala, disk) as here:
                    report.add(_line(here, disk, clients=clients, insert=insert, seconds=seconds))
    for line in report.lines:
        clients = line.tags["clients"]
        if clients in MIN_OF_BARE and not line.tags["slow"]:
            share, least = line.ratios["de la ruta mínima"], MIN_OF_BARE[clients]
            report.judge(f"{line.what}: {share:.2f} de la ruta mínima (mínimo {least:.2f})", share >= least)
    judge_group_commit(report, "disco lento")
    worst = max(line.values["ruta_p50_ms"] for line in report.lines if line.tags["clients"] == 1)
    report.judge(f"un POST por conexión abierta, {worst:.2f} ms (máximo {MAX_POST_MS:.0f})", worst < MAX_POST_MS)
    return report


def run_postgres(*, seconds: float) -> Report:
    """The same on PostgreSQL whose fsync is slow: a single service, so every ticket waits for the same counter."""
    report = Report("postgres", "Tickets de un solo servicio en PostgreSQL con el disco lento")
    slow = [disk for disk in disks() if disk.environment]
    for disk in slow:
        with postgres_place(disk) as here:
            if here is None:
                continue
            insert = _postgres_insert(here, seconds / 2)
            if insert > 1000 / SLOW_MS:
                raise RuntimeError("PostgreSQL does not feel the slow disk: can its account read bench/out?")
            report.floor(f"insert mínimo con fsync, {disk.name}", per_second=insert)
            for clients in CLIENTS:
                report.add(_line(here, disk, clients=clients, insert=insert, seconds=seconds))
    judge_group_commit(report, "PostgreSQL, disco lento")
    return report


def _line(here: Place, disk: Disk, *, clients: int, insert: float, seconds: float) -> Line:
    """One number of clients: the bare route first, then the tickets."""
    with here.server() as server:
        address, token = server.address, here.token("kiosko")
        measure(address, token, BARE, {}, clients=clients, seconds=0.5)  # warm
        bare = measure(address, token, BARE, {}, clients=clients, seconds=seconds / 2)
        measure(address, token, ISSUE, {"service": "A"}, clients=clients, seconds=0.5)
        issued = measure(address, token, ISSUE, {"service": "A"}, clients=clients, seconds=seconds)
    return Line(
        f"{clients} clientes, {disk.name}",
        ratios={"de la ruta mínima": issued.per_second / bare.per_second, "del insert": issued.per_second / insert},
        values={
            "por_segundo": issued.per_second,
            "p50_ms": issued.p50_ms,
            "p99_ms": issued.p99_ms,
            "p99_en_fsyncs": issued.p99_ms * insert / 1000,
            "ruta_por_segundo": bare.per_second,
            "ruta_p50_ms": bare.p50_ms,
        },
        tags={"clients": clients, "slow": bool(disk.environment)},
    )


def judge_group_commit(report: Report, where: str) -> None:
    slow = {line.tags["clients"]: line.values for line in report.lines if line.tags["slow"]}
    if not slow:
        return
    gain, late = slow[64]["por_segundo"] / slow[1]["por_segundo"], slow[64]["p99_en_fsyncs"]
    report.judge(f"64 clientes, {where}: {gain:.1f} veces uno (mínimo {MIN_GAIN:.0f})", gain >= MIN_GAIN)
    report.judge(
        f"64 clientes, {where}: p99 de {late:.1f} fsyncs (máximo {MAX_P99_FSYNCS:.0f})", late <= MAX_P99_FSYNCS
    )


def bare_insert(disk: Disk, seconds: float) -> float:
    """Durable one-row commits a second on `disk`, in a process that feels it."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        command = [sys.executable, "-m", "bench.bare_insert", f"{folder}/floor.db", str(seconds)]
        environment = {**os.environ, **disk.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _postgres_insert(here: Place, seconds: float) -> float:
    with psycopg.connect(here.url.replace("+psycopg", ""), autocommit=True) as link:
        link.execute("CREATE TABLE bench_row (id bigserial PRIMARY KEY, code text, at text)")
        add = "INSERT INTO bench_row (code, at) VALUES ('A-001', '2026-11-20T13:05:09.000120Z')"
        return repeated(lambda: link.execute(add), seconds=seconds)
