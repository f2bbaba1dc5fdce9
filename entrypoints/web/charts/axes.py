"""Axes of charts with round ends and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor, log10

from entrypoints.web.charts.specification import Axis

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
WHOLE_STEPS = (1, 2, 5, 10)
SHARES = Axis(min=0, max=100, step=25)
"""Percentages from 0 to 100."""
SHARES_ACROSS = replace(SHARES, unit="%")
"""The same for an x axis, which has a different unit."""


def round_step(span: float, steps: int) -> float:
    """The smallest step of 1, 2, 2.5 or 5 times a power of ten that covers the span in about `steps` steps."""
    if span <= 0:
        return 1.0
    rough = span / steps
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999)


def whole_step(largest: float, steps: int = 4) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten, at least 1, that reaches `largest` in `steps` steps."""
    rough = max(largest, 1) / steps
    power = 10 ** int(log10(rough)) if rough >= 1 else 1
    return next(step * power for step in WHOLE_STEPS if step * power >= rough)


def round_axis(low: float, high: float, *, steps: int = 5, whole: bool = False) -> Axis:
    """An axis around the values from `low` to `high`; `whole` keeps to whole numbers."""
    step = round_step(high - low, steps)
    if whole:
        step = max(1.0, ceil(step))
    bottom, top = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    if top <= bottom:
        top = bottom + step
    return Axis(min=_clean(bottom), max=_clean(top), step=_clean(step))


def in_thousands(axis: Axis, sign: str) -> Axis:
    """An axis of large amounts with ticks in thousands or millions; unchanged for a sign that starts with a letter."""
    if axis.step is None or axis.step < 1000 or sign[:1].isalpha():
        return axis
    return replace(axis, unit=f"{sign}{'M' if axis.step >= 1_000_000 else 'k'}")


def thinned(points: Sequence[object], most: int = 200) -> list[int]:
    """Positions of at most `most` evenly spaced points of a long line, always including the last."""
    positions = list(range(0, len(points), max(1, ceil(len(points) / most))))
    if points and positions[-1] != len(points) - 1:
        positions.append(len(points) - 1)
    return positions


def _clean(value: float) -> float:
    """Rounded to remove floating-point noise, which would appear in the JSON."""
    rounded = round(value, 10)
    return int(rounded) if rounded == int(rounded) else rounded
