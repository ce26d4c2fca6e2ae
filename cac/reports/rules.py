"""The figures of the live page, pure: curves of people waiting, medians, what needs a person now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

SAMPLE = timedelta(minutes=15)
SCREEN_SILENT = timedelta(seconds=30)
LEFT, RIGHT, TOP, BOTTOM = 34, 750, 20, 164  # of the drawing, in its own units
STEPS = (5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000)

Curve = tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True)
class Alert:
    grave: bool
    icon: str
    title: str
    text: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve ready to draw: SVG paths, ticks and labels."""

    line: str
    area: str
    typical: str
    ticks_x: tuple[tuple[float, str], ...]
    ticks_y: tuple[tuple[float, str], ...]
    now_x: float
    now_y: float
    now: int
    peak_x: float
    peak_y: float
    peak: int
    peak_hour: str
    start_hour: str


def waiting_curve(changes: Iterable[tuple[datetime, int]], *, start: datetime, until: datetime, waiting: int) -> Curve:
    """How many waited at each sample from `start` to `until`; `changes` are (instant, +1 or -1), `waiting` those at `until`."""
    steps = sorted(changes)
    count = waiting - sum(change for at, change in steps if at <= until)
    points, place, at = [], 0, start
    while True:
        at = min(at, until)
        while place < len(steps) and steps[place][0] <= at:
            count += steps[place][1]
            place += 1
        points.append((at, max(count, 0)))
        if at == until:
            return tuple(points)
        at += SAMPLE


def mean_curve(curves: Sequence[Curve], *, days_before: Sequence[int]) -> Curve:
    """The mean of earlier days' curves, each moved forward to today."""
    if not curves:
        return ()
    moved = [
        [(at + timedelta(days=days), count) for at, count in curve]
        for curve, days in zip(curves, days_before, strict=True)
    ]
    return tuple(
        (points[0][0], round(sum(count for _, count in points) / len(points))) for points in zip(*moved, strict=False)
    )


def median_minutes(waits_s: Sequence[int]) -> int | None:
    return round(median(waits_s) / 60) if waits_s else None


def scale(most: int) -> int:
    """The top of the axis: the first round number that holds `most`, divisible by what it is drawn in."""
    return next((step for step in STEPS if step >= most), most)


def chart(curve: Curve, typical: Curve, *, end: datetime, hour: str = "%H:%M") -> Chart:
    """Draw `curve` (today, until now) and `typical` (the whole day) between the first sample and `end`. Instants are in Lima."""
    start = curve[0][0]
    top = scale(max((count for _, count in (*curve, *typical)), default=0))
    span = max((end - start).total_seconds(), 1.0)

    def point(at: datetime, count: int) -> tuple[float, float]:
        x = LEFT + (RIGHT - LEFT) * (at - start).total_seconds() / span
        return round(x, 1), round(BOTTOM - (BOTTOM - TOP) * count / top, 1)

    def path(points: Curve) -> str:
        drawn = [point(at, count) for at, count in points if start <= at <= end]
        return "M" + " ".join(f"{x} {y}" for x, y in drawn) if drawn else ""

    line = path(curve)
    now_x, now_y = point(*curve[-1])
    peak_at, peak = max(curve, key=lambda sample: sample[1])
    peak_x, peak_y = point(peak_at, peak)
    parts = 5 if top % 5 == 0 and top // 5 in (1,) else 2 if top == 10 else 3 if top % 3 == 0 else 4
    ticks_y = tuple((point(start, top * n // parts)[1], str(top * n // parts)) for n in range(parts + 1))
    hours = [start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=n) for n in range(1, 25)]
    inside = [at for at in hours if start < at < end - span_of(span, 0.06)]
    every = max(1, round(len(inside) / 4))
    ticks_x = tuple((point(at, 0)[0], at.strftime(hour)) for at in inside[::every] if point(at, 0)[0] > LEFT + 40)
    return Chart(
        line=line,
        area=f"{line}V{BOTTOM}H{LEFT}Z" if line else "",
        typical=path(typical),
        ticks_x=((LEFT, start.strftime(hour)), *ticks_x, (RIGHT, end.strftime(hour))),
        ticks_y=ticks_y,
        now_x=now_x,
        now_y=now_y,
        now=curve[-1][1],
        peak_x=peak_x,
        peak_y=peak_y,
        peak=peak,
        peak_hour=peak_at.strftime(hour),
        start_hour=start.strftime(hour),
    )


def span_of(span_s: float, share: float) -> timedelta:
    return timedelta(seconds=span_s * share)


def device_health(kind: str, *, paired: bool, seen_at: datetime | None, now: datetime) -> tuple[str, str, str]:
    """How a hall device is, as (ground, icon, words): only what is known."""
    if not paired:
        return "quieto", "plug-off", "Sin emparejar"
    if seen_at is None:
        return "quieto", "help", "Aún sin señal"
    silent = now - seen_at
    if silent <= SCREEN_SILENT:
        return "bien", "check", "Bien"
    return "error", "wifi-off", f"Sin señal, {duration(silent)}"


def duration(span: timedelta) -> str:
    """`45 s`, `12 min`, `3 h`, `2 días`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 2 * 86400 else f"{seconds // 86400} días"
