"""How far the wait told at issue can be believed: simulated days, whose true waits are known at their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median

from rich.progress import track

from bench.day import CLOSED, KINDS, OPENS, Day, Kind
from bench.report import Line, Report
from ticketing.estimate import Wait, estimate
from ticketing.observed import OPEN, PAUSED, observe
from ticketing.policy import Waiting, ahead
from ticketing.room import Busy
from ticketing.rules import DEFAULT, Policy

SEEDS, QUICK_SEEDS = (1, 2, 3), (1,)
EVERY = 5  # one newcomer in so many is asked about
OBSERVED = 60  # latest attentions of a service the centre looks at
STEPS = 1500  # latest moves of the sala the centre looks at
LEAST, MOST = 0.75, 0.90  # of the true waits lie inside the range
MIN_GAIN = 0.30  # how much nearer the middle is than people ahead x mean time / open ventanillas


@dataclass(frozen=True, slots=True)
class Told:
    """What a newcomer was told, and what happened. Seconds."""

    wait: Wait
    simple_s: float
    true_s: float

    @property
    def holds(self) -> bool:
        return self.wait.low_minutes * 60 <= self.true_s <= self.wait.high_minutes * 60


def run(*, seconds: float) -> Report:
    seeds, every = (SEEDS, EVERY) if seconds > 1 else (QUICK_SEEDS, 4 * EVERY)
    report = Report("estimate", f"Espera estimada al emitir, {len(seeds)} días simulados de cada clase")
    for kind in KINDS:
        told = [one for seed in track(seeds, kind.name, transient=True) for one in day(kind, seed, every=every)]
        report.add(line(kind.name, told))
    for found in report.lines:
        inside, nearer = found.ratios["dentro_del_rango"], found.ratios["más_cerca"]
        report.judge(f"{found.what}: {inside:.0%} dentro del rango (75 a 90 %)", LEAST <= inside <= MOST)
        report.judge(f"{found.what}: {nearer:.0%} más cerca que la cuenta simple (mínimo 30 %)", nearer >= MIN_GAIN)
    return report


def line(what: str, told: list[Told]) -> Line:
    ours = median(abs(one.wait.likely_s - one.true_s) for one in told) / 60
    simple = median(abs(one.simple_s - one.true_s) for one in told) / 60
    return Line(
        what,
        ratios={"dentro_del_rango": fmean(one.holds for one in told), "más_cerca": 1 - ours / simple},
        values={
            "preguntas": len(told),
            "espera_mediana_min": median(one.true_s for one in told) / 60,
            "ancho_mediano_min": median(one.wait.high_minutes - one.wait.low_minutes for one in told),
            "error_min": ours,
            "error_simple_min": simple,
            "por_debajo": fmean(one.true_s < one.wait.low_minutes * 60 for one in told),
            "por_encima": fmean(one.true_s > one.wait.high_minutes * 60 for one in told),
        },
    )


def day(kind: Kind, seed: int, *, every: int = EVERY, policy: Policy = DEFAULT) -> list[Told]:
    """A day of this kind after an ordinary one, and what one newcomer in `every` was told in it."""
    before = Day(KINDS[0], seed + 1000, policy=policy, opens=OPENS - timedelta(days=1))
    for _ in before.live():
        pass
    today = Day(kind, seed, policy=policy)
    asked: dict[int, tuple[Wait, float]] = {}
    for ticket in today.live():
        if ticket.ticket_id % every == 0 and (wait := _ask(before, today, ticket)):
            asked[ticket.ticket_id] = (wait, _simple(before, today, ticket))
    return [Told(wait, simple, today.waited[number]) for number, (wait, simple) in asked.items()]


def _ask(before: Day, today: Day, ticket: Waiting) -> Wait | None:
    """As the centre asks: from the latest moves of the sala, and where its ventanillas stand."""
    now = ticket.turn_at
    steps = [*before.steps, *today.steps][-STEPS:]
    services = {name: [*before.times[name], *times][-OBSERVED:] for name, times in today.times.items()}
    seen = observe(steps, [*before.shifts, *today.shifts], services, now=now)
    at = today.issued[ticket.ticket_id]
    desks = [
        Busy(place.desk, place.service, at - place.since, place.attending, place.state == PAUSED)
        for place in today.places.values()
        if place.state != CLOSED
    ]
    return estimate(
        ticket, list(today.waiting.values()), desks, seen, policy=today.policy, now=now, seed=ticket.ticket_id
    )


def _simple(before: Day, today: Day, ticket: Waiting) -> float:
    """People ahead x mean service time / open ventanillas."""
    attended = [seconds for day in (before, today) for times in day.times.values() for seconds in times]
    desks = [place.desk for place in today.places.values() if place.state == OPEN]
    before_me = ahead(ticket, today.waiting.values(), desks, policy=today.policy, now=ticket.turn_at)
    return before_me * fmean(attended) / max(len(desks), 1)
