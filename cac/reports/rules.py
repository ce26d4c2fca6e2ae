"""The figures of the live page, pure: curves of people waiting, medians, what needs a person now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

SAMPLE = timedelta(minutes=15)
SCREEN_SILENT = timedelta(seconds=30)
CLOCK_OFF = timedelta(seconds=60)  # an hour on a screen that is another minute than ours misleads
LEFT, RIGHT, TOP, BOTTOM = 34, 750, 20, 164  # of the drawing, in its own units
STEPS = (5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000)

Curve = tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter hour: who came, whose attention ended, how many waited at its end."""

    at: datetime
    arrived: int
    attended: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


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
    arrived: tuple[Bar, ...]
    attended: tuple[Bar, ...]


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


def quarters(
    arrived: Iterable[datetime], attended: Iterable[datetime], waiting: Curve, *, start: datetime, until: datetime
) -> tuple[Quarter, ...]:
    """Each quarter hour from `start` to `until`, the last one as far as it has gone; `waiting` is sampled at their ends."""
    span = max(1, -(-int((until - start).total_seconds()) // int(SAMPLE.total_seconds())))
    counts = [[0, 0] for _ in range(span)]
    for of, instants in enumerate((arrived, attended)):
        for at in instants:
            place = int((at - start) // SAMPLE)
            if 0 <= place < span:
                counts[place][of] += 1
    ends = [count for _, count in waiting[1:]] or [waiting[-1][1]]
    return tuple(
        Quarter(start + place * SAMPLE, came, went, ends[min(place, len(ends) - 1)])
        for place, (came, went) in enumerate(counts)
    )


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


def chart(
    curve: Curve, typical: Curve, *, end: datetime, by_quarter: Sequence[Quarter] = (), hour: str = "%H:%M"
) -> Chart:
    """Draw `curve` (today, until now) and `typical` (the whole day) between the first sample and `end`, over bars of who came
    and who was attended in each quarter hour. Instants are in Lima."""
    start = curve[0][0]
    most = [count for _, count in (*curve, *typical)] + [max(one.arrived, one.attended) for one in by_quarter]
    top = scale(max(most, default=0))
    span = max((end - start).total_seconds(), 1.0)

    def point(at: datetime, count: int) -> tuple[float, float]:
        x = LEFT + (RIGHT - LEFT) * (at - start).total_seconds() / span
        return round(x, 1), round(BOTTOM - (BOTTOM - TOP) * count / top, 1)

    def path(points: Curve) -> str:
        drawn = [point(at, count) for at, count in points if start <= at <= end]
        return "M" + " ".join(f"{x} {y}" for x, y in drawn) if drawn else ""

    def bars(counts: Sequence[int], *, second: bool) -> tuple[Bar, ...]:
        half = (RIGHT - LEFT) * SAMPLE.total_seconds() / span * 0.4
        drawn = [
            (point(one.at + SAMPLE / 2, count), count) for one, count in zip(by_quarter, counts, strict=True) if count
        ]
        return tuple(
            Bar(round(x - (0 if second else half), 1), y, round(half * 0.9, 1), round(BOTTOM - y, 1))
            for (x, y), _ in drawn
            if x - half >= LEFT and x + half <= RIGHT
        )

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
        arrived=bars([one.arrived for one in by_quarter], second=False),
        attended=bars([one.attended for one in by_quarter], second=True),
    )


def span_of(span_s: float, share: float) -> timedelta:
    return timedelta(seconds=span_s * share)


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is, as a state is shown."""

    ground: str
    icon: str
    words: str
    silent: bool = False
    clock_off: bool = False


def device_health(*, paired: bool, seen_at: datetime | None, clock_offset_s: int | None, now: datetime) -> Health:
    """How a hall device is: only what is known. `clock_offset_s`: how far ahead of ours its clock said it was."""
    if not paired:
        return Health("quieto", icon="plug-off", words="Sin emparejar")
    if seen_at is None:
        return Health("quieto", icon="help", words="Aún sin señal")
    silent = now - seen_at
    if silent > SCREEN_SILENT:
        return Health("error", icon="wifi-off", words=f"Sin señal, {duration(silent)}", silent=True)
    off = timedelta(seconds=abs(clock_offset_s or 0))
    if off > CLOCK_OFF:
        which = "adelantado" if (clock_offset_s or 0) > 0 else "atrasado"
        words = f"Reloj {which} {duration(off)}"
        return Health("aviso", icon="clock-exclamation", words=words, clock_off=True)
    return Health("bien", icon="check", words="Bien")


def duration(span: timedelta) -> str:
    """`45 s`, `12 min`, `3 h`, `2 días`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 2 * 86400 else f"{seconds // 86400} días"
