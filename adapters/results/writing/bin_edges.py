"""Divides numbers into a few readable bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_LEVELS = 30
OTHERS = "Other values"
MAX_BINS = 12
MAX_BINS_CROSSED = 5
MAX_LEVELS_CROSSED = 12

FAR_OUT = 0.25
"""Numbers further outside the middle 98 % than this share of its width go into an open bin."""

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTHS = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0, 240.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Numbers in [low, high). None means no limit."""

    label: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a column's numbers: extremes, the middle 98 %, and the distinct values of a few integers."""

    minimum: float
    maximum: float
    low: float
    high: float
    integers: tuple[int, ...] = ()


def number_bins(spread: Spread, *, most: int, months: bool = False) -> tuple[Bin, ...]:
    """At most `most` bins with round edges. A few distinct integers get one bin each; outliers get an open bin.

    `months` prefers whole years.
    """
    if spread.integers and len(spread.integers) <= most:
        return tuple(Bin(number_in_words(value), float(value), value + 1.0) for value in spread.integers)
    edges = _edges(spread, most, months=months)
    bins = [Bin(f"{number_in_words(a)}–{number_in_words(b)}", a, b) for a, b in pairwise(edges)]
    if bins[-1].low == spread.maximum:  # nobody is above the lower end of the last bin
        bins[-1] = Bin(number_in_words(spread.maximum), *edges[-2:])
    if spread.minimum < edges[0]:
        bins.insert(0, Bin(f"under {number_in_words(edges[0])}", None, edges[0]))
    if spread.maximum >= edges[-1]:
        bins.append(Bin(f"{number_in_words(edges[-1])} and over", edges[-1], None))
    return tuple(bins)


def _edges(spread: Spread, most: int, *, months: bool) -> list[float]:
    """Multiples of a round step: over all numbers if there are no outliers, otherwise around the middle.

    Around the middle, two bins are reserved for outliers.
    """
    reach = (spread.high - spread.low) * FAR_OUT
    if spread.low - spread.minimum <= reach and spread.maximum - spread.high <= reach:
        edges = _rounded(spread.minimum, spread.maximum, most, months=months)
        if edges and edges[0] <= spread.minimum and spread.maximum < edges[-1]:
            return edges
    middle = _rounded(spread.low, spread.high, max(most - 2, 1), months=months)
    return middle or [spread.low, math.nextafter(spread.high, math.inf)]


def _rounded(low: float, high: float, most: int, *, months: bool) -> list[float]:
    """Multiples of the smallest round step that divides [low, high] into at most `most` bins; empty if there is
    none."""
    for step in _steps(high - low, high, most, months=months):
        first = math.floor(low / step + 1e-9)
        last = math.floor(high / step + 1e-9) + 1
        if last - first <= most:
            return [round(place * step, 10) for place in range(first, last + 1)]
    return []


def _steps(reach: float, high: float, inner: int, *, months: bool) -> Sequence[float]:
    width = reach or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(width / inner))
    usual = [factor * power * scale for scale in (1.0, 10.0, 100.0) for factor in _ROUND]
    return [*(step for step in _MONTHS if step >= width / inner), *usual] if months else usual


def number_in_words(number: float) -> str:
    """ "1,000", "0.25", "12"."""
    if float(number).is_integer():
        return f"{int(number):,}"
    return f"{number:,.6f}".rstrip("0") if abs(number) >= 1e-4 else f"{number:.3g}"
