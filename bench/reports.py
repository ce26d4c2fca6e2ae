"""Period reports over a million ticket moves: the days kept against one scan of all the moves."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.progress import track
from sqlalchemy import insert
from sqlalchemy.orm import Session
from sqlcipher3 import dbapi2 as sqlcipher

import cac.app  # noqa: F401 - with every feature's tables
from bench.load import at
from bench.report import Line, Report
from cac.base import Base
from cac.desk import demo
from cac.desk.actions.rows import MOVE, TICKET
from cac.reports.loop import keep_days
from cac.reports.period import period_report
from core.clock import LIMA
from storage import Store, upgrade
from ticketing.moves import Move, State

TICKETS_A_DAY, DAYS, QUICK_DAYS = 2_000, 100, 5  # five moves a ticket: a million
SLICE = 200  # tickets in one write: the writer is never held long
MAX_ALL_MS, MAX_DAY_MS = 1_000.0, 500.0
NO_MIGRATIONS = Path("no-migrations")
FIRST = date(2026, 1, 5)
SCAN = """SELECT service_id, move, count(*), avg(seconds) FROM ticket_move WHERE at >= ? AND at < ? GROUP BY service_id, move"""


def run(*, seconds: float) -> Report:
    days = DAYS if seconds > 1 else QUICK_DAYS
    report = Report("reports", f"Reportes sobre {days * TICKETS_A_DAY * 5:,} movimientos (SQLite), milisegundos")
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        path = f"{folder}/cac.db"
        upgrade(f"sqlite:///{path}", NO_MIGRATIONS, metadata=Base.metadata)
        store = Store(f"sqlite:///{path}")
        store.write(demo.seed, now=_instant(FIRST, 8))
        for day in track(range(days), description="llenando", transient=True):
            for first in range(1, TICKETS_A_DAY + 1, SLICE):
                store.write(_add, day, first)
        last = FIRST + timedelta(days=days - 1)
        now = _instant(last, 20)
        bare = sqlcipher.connect(path)
        # instants as SQLite keeps them: text of UTC
        scan = at(_times(lambda: bare.execute(SCAN, ("2026", "2036")).fetchall(), seconds / 5), 0.5)
        report.floor("un recorrido de todos los movimientos", ms=scan)
        one_day = _period(store, last, last, now)
        report.add(_line("un día que no terminó, de sus movimientos", one_day, scan, seconds))
        began, kept = time.perf_counter(), 0
        while more := keep_days(store, lambda session: None, now=now):
            kept += more
        report.floor("guardar un día que terminó", ms=(time.perf_counter() - began) * 1000 / max(kept, 1))
        everything = _line("todos los días", _period(store, FIRST, last, now), scan, seconds)
        report.add(everything)
        report.add(_line("todos los días, un servicio", _period(store, FIRST, last, now, "B"), scan, seconds))
        bare.close()
        store.close()
    worst = everything.values["p95_ms"]
    report.judge(f"todos los días bajo {MAX_ALL_MS:.0f} ms ({worst:.0f} ms)", worst < MAX_ALL_MS)
    worst = report.lines[0].values["p95_ms"]
    report.judge(f"un día de {TICKETS_A_DAY} tickets bajo {MAX_DAY_MS:.0f} ms ({worst:.0f} ms)", worst < MAX_DAY_MS)
    return report


def _period(store: Store, first: date, last: date, now: datetime, service: str = "") -> Callable[[], object]:
    def read() -> object:
        with store.read() as session:
            return period_report(session, sala=None, service=service, first=first, last=last, now=now)

    return read


def _line(what: str, ours: Callable[[], object], scan: float, seconds: float) -> Line:
    took = _times(ours, seconds / 5)
    p50 = at(took, 0.5)
    return Line(what, ratios={"del recorrido": p50 / scan}, values={"p50_ms": p50, "p95_ms": at(took, 0.95)})


def _times(action: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of each run, sorted; at least three runs."""
    until = time.perf_counter() + seconds
    took: list[float] = []
    while time.perf_counter() < until or len(took) < 3:
        before = time.perf_counter()
        action()
        took.append((time.perf_counter() - before) * 1000)
    return sorted(took)


def _instant(on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=LIMA)


def _add(session: Session, day: int, first: int) -> None:
    """A part of a day of 2,000 visits: came, called, attended, finished; one in twelve did not come, one in twenty gave up."""
    dice, on = random.Random(day * TICKETS_A_DAY + first), FIRST + timedelta(days=day)
    opening, tickets, moves = _instant(on, 8), [], []
    for number in range(first, first + SLICE):
        ticket, service = day * TICKETS_A_DAY + number, dice.randint(1, 6)
        issued = opening + timedelta(seconds=number * 14)
        tickets.append(_ticket(ticket, number, service, on, issued, dice))
        moves += _moves(ticket, service, issued, dice)
    session.execute(insert(TICKET), tickets)
    session.execute(insert(MOVE), sorted(moves, key=lambda move: move["at"]))


def _ticket(ticket: int, number: int, service: int, on: date, issued: datetime, dice: random.Random) -> dict[str, Any]:
    return {
        "id": ticket,
        "site_id": 1,
        "sala_id": 1,
        "service_id": service,
        "series": "ABCDEF"[service - 1],
        "number": number,
        "day": on,
        "code": f"A-{number:03d}",
        "preferente": dice.random() < 0.2,
        "channel": "kiosko",
        "state": State.FINISHED,
        "state_at": issued,
        "issued_at": issued,
        "turn_at": issued,
        "token": f"medición-{ticket}",
    }


def _moves(ticket: int, service: int, issued: datetime, dice: random.Random) -> list[dict[str, Any]]:
    waited, served = round(dice.gammavariate(2, 480)), round(dice.gammavariate(3, 90))
    called = issued + timedelta(seconds=waited)
    place, end = dice.randint(1, 4), dice.random()

    def move(name: Move, before: State | None, after: State, when: datetime, seconds: int | None = None) -> dict:
        here = None if name in (Move.ISSUE, Move.CANCEL) else place
        return {
            "ticket_id": ticket,
            "move": name,
            "from_state": before,
            "to_state": after,
            "service_id": service,
            "ventanilla_id": here,
            "principal": f"staff:{place}" if here else "device:1",
            "reason": None,
            "detail": None,
            "seconds": seconds,
            "at": when,
        }

    steps = [move(Move.ISSUE, None, State.WAITING, issued)]
    if end < 0.05:
        return [*steps, move(Move.CANCEL, State.WAITING, State.CANCELLED, called)]
    steps.append(move(Move.CALL, State.WAITING, State.CALLED, called, waited))
    if end < 0.13:
        return [*steps, move(Move.ABSENT, State.CALLED, State.ABSENT, called + timedelta(seconds=90))]
    recalled, started = called + timedelta(seconds=30), called + timedelta(seconds=50)
    done = started + timedelta(seconds=served)
    return [
        *steps,
        move(Move.RECALL, State.CALLED, State.CALLED, recalled),
        move(Move.START, State.CALLED, State.ATTENDED, started),
        move(Move.FINISH, State.ATTENDED, State.FINISHED, done, served),
    ]
