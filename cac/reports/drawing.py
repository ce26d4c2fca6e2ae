"""Pictures of a report, pure: bars and lines as shapes ready to draw, in the drawing's own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cac.reports.rules import Bar, scale

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 750, 14, 188
MAX_BAR = 34.0
LABELS = 10  # as many as fit without touching


@dataclass(frozen=True, slots=True)
class Picture:
    """`bars` and `lines` are one entry a series; a line is an SVG path, broken where there is nothing to show."""

    bars: tuple[tuple[Bar, ...], ...]
    lines: tuple[str, ...]
    dots: tuple[tuple[tuple[float, float], ...], ...]
    ticks_x: tuple[tuple[float, str], ...]
    ticks_y: tuple[tuple[float, str], ...]


def bars(labels: Sequence[str], series: Sequence[Sequence[int]]) -> Picture:
    """Side by side, a group a label."""
    top = scale(max((value for values in series for value in values), default=0))
    slot = (RIGHT - LEFT) / max(len(labels), 1)
    width = min(MAX_BAR, slot * 0.8 / max(len(series), 1))
    drawn = tuple(
        tuple(
            Bar(
                round(_middle(place, slot) + (of - len(series) / 2) * width, 1),
                _y(value, top),
                round(width * 0.94, 1),
                round(BOTTOM - _y(value, top), 1),
            )
            for place, value in enumerate(values)
        )
        for of, values in enumerate(series)
    )
    return Picture(drawn, (), (), _labels(labels, slot), _ticks(top))


def lines(labels: Sequence[str], series: Sequence[Sequence[int | None]]) -> Picture:
    """A line a series through the middle of each label; None is a gap, never a zero."""
    top = scale(max((value for values in series for value in values if value is not None), default=0))
    slot = (RIGHT - LEFT) / max(len(labels), 1)
    paths, dots = [], []
    for values in series:
        points = [
            (round(_middle(place, slot), 1), _y(value, top)) if value is not None else None
            for place, value in enumerate(values)
        ]
        paths.append(_path(points))
        dots.append(tuple(point for point in points if point) if len(labels) <= 40 else ())
    return Picture((), tuple(paths), tuple(dots), _labels(labels, slot), _ticks(top))


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    drawn, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        drawn.append(f"{pen}{point[0]} {point[1]}")
        pen = "L"
    return "".join(drawn)


def _middle(place: int, slot: float) -> float:
    return LEFT + slot * (place + 0.5)


def _y(value: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _labels(labels: Sequence[str], slot: float) -> tuple[tuple[float, str], ...]:
    every = max(1, -(-len(labels) // LABELS))
    return tuple((round(_middle(place, slot), 1), label) for place, label in enumerate(labels) if place % every == 0)


def _ticks(top: int) -> tuple[tuple[float, str], ...]:
    parts = 5 if top == 5 else 2 if top == 10 else 3 if top % 3 == 0 else 4
    return tuple((_y(top * part // parts, top), str(top * part // parts)) for part in range(parts + 1))
