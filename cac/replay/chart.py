"""A picture of two days over each other, as lines that the page draws by itself: no script, no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clock import LIMA

WIDTH, HEIGHT = 960, 300  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 16, 36
STEPS_MINUTES = (5, 10, 15, 30, 60, 120)  # between two lines of the scale

Points = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    lines: tuple[str, ...]  # points of each polyline
    minutes: tuple[tuple[float, str], ...]  # height and words of the scale
    hours: tuple[tuple[float, str], ...]  # place and words along the foot


def chart(*lines: Points) -> Chart:
    """Lines over the same hours, each of at least one point."""
    moments = [at for line in lines for at, _ in line]
    first, last = min(moments), max(moments)
    span = max((last - first).total_seconds(), 1.0)
    highest = max(1.0, *(value for line in lines for _, value in line))
    step = next((step for step in STEPS_MINUTES if highest / step <= 5), STEPS_MINUTES[-1])
    top = step * (int(highest / step) + 1)

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - first).total_seconds() / span, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)

    marks = sorted({at.astimezone(LIMA).replace(minute=0) for at in moments if at >= first})
    return Chart(
        lines=tuple(" ".join(f"{x(at)},{y(value)}" for at, value in line) for line in lines),
        minutes=tuple((y(value), f"{value} min") for value in range(0, top + 1, step)),
        hours=tuple((x(at), f"{at:%H:%M}") for at in marks if first <= at <= last),
    )
