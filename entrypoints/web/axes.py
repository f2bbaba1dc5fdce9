"""Round axes for charts: ends and steps that a person can read off."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_step(span: float, steps: int) -> float:
    """The smallest step of 1, 2, 2.5 or 5 times a power of ten that covers a span in about so many steps."""
    if span <= 0:
        return 1.0
    rough = span / steps
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999)


def round_axis(low: float, high: float, *, steps: int = 5, whole: bool = False) -> dict[str, float]:
    """yMin, yMax and yStep around the values from `low` to `high`; `whole` keeps to whole numbers."""
    step = round_step(high - low, steps)
    if whole:
        step = max(1.0, ceil(step))
    bottom, top = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    if top <= bottom:
        top = bottom + step
    return {"yMin": _clean(bottom), "yMax": _clean(top), "yStep": _clean(step)}


def kept(points: Sequence[object], most: int = 200) -> list[int]:
    """Positions to draw of a long line: evenly thinned, the last one always."""
    positions = list(range(0, len(points), max(1, ceil(len(points) / most))))
    if points and positions[-1] != len(points) - 1:
        positions.append(len(points) - 1)
    return positions


def _clean(value: float) -> float:
    """Without the binary dust that a step of 0.1 leaves: JSON shows what stands here."""
    rounded = round(value, 10)
    return int(rounded) if rounded == int(rounded) else rounded
