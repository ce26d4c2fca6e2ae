"""A cabin's till against a bare durable insert of the same rows, its day's work on the way to the centre, and nine of them at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from sqlalchemy import func, select

from bench.disk import Disk, disks
from bench.place import ROOT, Place, Server, demonstration, postgres_place
from bench.report import Line, Report
from cac.expedientes.models import Expediente
from cac.treasury.ledger import all_balances
from core import ledger
from storage import Store

MIN_SHARE = 0.30  # of the floor: registering
MIN_DRAIN = 2.0  # times the floor, on the slow disk: an event that reaches the centre and is applied
MIN_AGAIN = 20.0  # times quicker: a batch after its answer was lost
MAX_SLICE_MS = 20.0  # p99 of the writer's time that a slice takes from tickets
QUEUED, QUEUED_QUICK = 10_000, 600
FILINGS, AT_ONCE, CABINAS = 900, 20, 9
MAX_FILING_MS = 1_000.0  # p99, twenty at once


def run(*, seconds: float) -> Report:
    report = Report("cabina", "La caja de una cabina: registrar, enviar, enviar otra vez")
    queued = QUEUED if seconds >= 5 else QUEUED_QUICK
    for disk in disks():
        with demonstration(disk) as here, here.server() as server:
            _one_cabin(report, here, server, disk, queued=queued, seconds=seconds)
    with postgres_place(disks()[0]) as apart:
        if apart is not None:
            apart.command("tupa", "import", "data/tupa.json")
            with apart.server() as server:
                _again(report, "PostgreSQL", _till(apart, server, disks()[0], queued=QUEUED_QUICK, seconds=seconds / 5))
    with demonstration(disks()[0]) as here, here.server() as server:
        _nine_cabins(report, here, server)
    return report


def _one_cabin(report: Report, here: Place, server: Server, disk: Disk, *, queued: int, seconds: float) -> None:
    told = _till(here, server, disk, queued=queued, seconds=seconds)
    floor, filed, sent = told["floor"], told["filed"], told["sent"]
    report.floor(f"las {told['rows']:.0f} filas de un registro, un COMMIT durable, {disk.name}", per_second=floor)
    slices = server.slices_ms()
    p99 = slices[int(len(slices) * 0.99)]
    report.add(Line(f"registrar, papel en cola, {disk.name}", {"del piso": filed / floor}, {"por_segundo": filed}))
    values = {"por_segundo": sent, "turno_p99_ms": told["ticket_p99_ms"], "tajada_p99_ms": p99}
    report.add(Line(f"enviar y aplicar {queued}, {disk.name}", {"del piso": sent / floor}, values))
    _again(report, disk.name, told)
    share, slow = filed / floor, bool(disk.environment)
    report.judge(f"registrar, {disk.name}: {share:.0%} del piso (mínimo {MIN_SHARE:.0%})", share >= MIN_SHARE)
    if slow:  # nearer to a municipality's PC: it decides
        drain = sent / floor
        report.judge(f"enviar, {disk.name}: {drain:.1f} veces el piso (mínimo {MIN_DRAIN:.0f})", drain >= MIN_DRAIN)
    report.judge(f"tajadas con turnos, {disk.name}: p99 {p99:.1f} ms (máximo {MAX_SLICE_MS:.0f})", p99 <= MAX_SLICE_MS)


def _again(report: Report, where: str, told: dict[str, float]) -> None:
    first, whole, asked = told["first_ms"], told["again_ms"], told["asked_ms"]
    report.floor(f"lo mismo firmado a una ruta que no hace nada, {where}", ms=told["bare_ms"])
    report.add(Line(f"un lote la primera vez, {where}", {}, {"ms": first}))
    report.add(Line(f"el mismo lote entero otra vez, {where}", {"más rápido": first / whole}, {"ms": whole}))
    report.add(Line(f"tras una respuesta perdida, {where}", {"más rápido": first / asked}, {"ms": asked}))
    times = first / asked
    report.judge(
        f"un lote otra vez, {where}: {times:.0f} veces más rápido (mínimo {MIN_AGAIN:.0f})", times >= MIN_AGAIN
    )


def _nine_cabins(report: Report, here: Place, server: Server) -> None:
    codes = [_convenio(here, f"C{71 + number}") for number in range(CABINAS)]
    before = _at_the_centre(here)
    told = _child(
        "bench.nine_tills", _url(server), here.token("kiosko"), str(FILINGS), str(AT_ONCE), *codes, environment={}
    )
    cases, owed = (now - then for now, then in zip(_at_the_centre(here), before, strict=True))
    slices = server.slices_ms()
    values = {
        "por_segundo": FILINGS / told["whole_s"],
        "p50_ms": told["filing_p50_ms"],
        "p99_ms": told["filing_p99_ms"],
        "turno_p99_ms": told["ticket_p99_ms"],
        "tajada_p99_ms": slices[int(len(slices) * 0.99)],
    }
    report.add(Line(f"{CABINAS} cabinas, {FILINGS} registros, {AT_ONCE} a la vez", {}, values))
    whole = (cases, owed, told["left"]) == (FILINGS, told["owed_centimos"], 0)
    report.judge(f"{CABINAS} cabinas: {cases} de {FILINGS} expedientes en el centro, y su dinero al céntimo", whole)
    p99 = told["filing_p99_ms"]
    report.judge(f"{AT_ONCE} registros a la vez: p99 {p99:.0f} ms (máximo {MAX_FILING_MS:.0f})", p99 <= MAX_FILING_MS)


def _at_the_centre(here: Place) -> tuple[int, int]:
    """Cases of cabins, and the municipal money that all of them hold."""
    store = Store(here.url)
    try:
        with store.read() as session:
            cases = session.scalar(select(func.count()).select_from(Expediente).where(Expediente.cabina.is_not(None)))
            return cases or 0, sum(map(ledger.municipal_held, all_balances(session).values()))
    finally:
        store.close()


def _till(here: Place, server: Server, disk: Disk, *, queued: int, seconds: float) -> dict[str, float]:
    arguments = (_url(server), _convenio(here, "C77"), here.token("kiosko"), str(queued), str(seconds))
    server.slices_ms()  # what came before is not of this measure
    return _child("bench.till", *arguments, environment=disk.environment)


def _convenio(here: Place, code: str) -> str:
    """A cabin whose guarantee no measurement reaches; its pairing code."""
    terms = ("--name", "Medición", "--partner", "Medición S.A.C.", "--ruc", "20512333797", "--guarantee", "900000.00")
    here.command("convenio", "add", code, *terms)
    return here.command("convenio", "code", code)


def _url(server: Server) -> str:
    return "http://{}:{}".format(*server.address)


def _child(module: str, *arguments: str, environment: dict[str, str]) -> dict[str, Any]:
    """What a process that feels its own disk measured."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told
