"""Rounds the parts of a difference so that they add up to the difference of the rounded ends, in every digit.

Largest remainders (Hamilton's method), for parts of either sign: each part is rounded down to a whole unit, and the
units that are missing go to the parts with the largest remainders. A part is at most one unit away from its value,
and none changes its sign.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

NOISE_DECIMALS = 6
"""Decimals of a unit beyond which a part has only errors of arithmetic."""


def percent_units(fraction: float, decimals: int) -> int:
    """A fraction in units of the last digit shown, rounded as `Formats.percent` rounds: 0.1825, one decimal → 182."""
    units: int = round(round(100.0 * fraction, decimals) * 10.0**decimals)
    return units


def shown_parts(parts: Mapping[str, float], total: int, *, decimals: int) -> dict[str, int]:
    """The parts (fractions) in units of the last digit shown, which add up to `total` units.

    A part of 0 stays 0. Equal remainders are taken by the larger part, then by name, so the order of the parts
    does not matter. Raises ValueError if the total is further than rounding from the sum of the parts.
    """
    scaled = {name: round(part * 100.0 * 10**decimals, NOISE_DECIMALS) for name, part in parts.items()}
    units = {name: math.floor(value) for name, value in scaled.items()}
    missing = total - sum(units.values())
    open_parts = [name for name, value in scaled.items() if value] or list(scaled)
    if abs(missing) > len(open_parts):
        raise ValueError(f"parts of {math.fsum(scaled.values())} units do not add up to {total}")
    step = 1 if missing > 0 else -1
    open_parts.sort(key=lambda name: (-step * (scaled[name] - units[name]), -abs(scaled[name]), name))
    for name in open_parts[: abs(missing)]:
        units[name] += step
    return units
