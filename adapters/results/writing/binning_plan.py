"""The bins of an attribute, chosen once for all customers of a run while they are scored.

The finest bins that any page needs are called fine bins; a bin code is the number of one. An axis combines fine bins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.results.files.layout import StoredAttribute
from adapters.results.writing.bin_edges import (
    MAX_BINS,
    MAX_BINS_CROSSED,
    MAX_LEVELS,
    MAX_LEVELS_CROSSED,
    OTHERS,
    Bin,
    Spread,
    number_bins,
)
from adapters.results.writing.text_dictionary import UNLISTED
from domain.customer_query import AttributeFilter

Floats = NDArray[np.float64]
BinCodes = NDArray[np.uint8]

MISSING = -1
MAX_KEPT = 65_536
"""Numbers of a column that are sampled evenly to find its quantiles."""


@dataclass(frozen=True, slots=True)
class AttributeBins:
    """The bins that a page shows. `places` is the bin of each fine bin, MISSING for the last one."""

    bins: tuple[Bin, ...]
    places: tuple[int, ...]

    def bin_at(self, place: int) -> Bin:
        return Bin("", None, None) if place == MISSING else self.bins[place]


@dataclass(frozen=True, slots=True)
class BinningPlan:
    """The fine bins of an attribute: numbers between `edges`, or `levels` and one for the others. The last: missing.

    `alone` is the axis of the attribute alone, `crossed` the coarser one in combination with another attribute.
    """

    column: str
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    alone: AttributeBins
    crossed: AttributeBins

    @property
    def fine_bins(self) -> int:
        return len(self.alone.places)

    def of_numbers(self, values: Floats) -> BinCodes:
        """The fine bin of each number (NaN if missing)."""
        bin_codes = np.searchsorted(np.asarray(self.edges, np.float64), values, side="right").astype(np.uint8)
        bin_codes[np.isnan(values)] = self.fine_bins - 1
        return bin_codes

    def of_codes(self, codes: NDArray[np.integer[Any]], texts: Sequence[str]) -> BinCodes:
        """The fine bin of each code into `texts`. Unlisted texts belong to the others."""
        known = {level: fine_bin for fine_bin, level in enumerate(self.levels)}
        table = [known.get(text, len(known)) for text in texts]
        bin_codes: BinCodes = np.array([*table, min(len(known), self.fine_bins - 1), self.fine_bins - 1], np.uint8)[
            codes
        ]
        return bin_codes

    def chosen(self, wanted: AttributeFilter) -> NDArray[np.bool_] | None:
        """Which fine bins pass a filter; None if the filter cuts through one."""
        if wanted.level is not None:
            if wanted.level in self.levels:
                return self._only(self.levels.index(wanted.level))
            return None if self.fine_bins - 1 > len(self.levels) else np.zeros(self.fine_bins, np.bool_)
        if wanted.low is None and wanted.high is None:
            return self._only(self.fine_bins - 1)
        for axis in (self.alone, self.crossed):
            for place, own in enumerate(axis.bins):
                if (own.low, own.high) == (wanted.low, wanted.high):
                    return np.array([own_place == place for own_place in axis.places], np.bool_)
        return None

    def _only(self, fine_bin: int) -> NDArray[np.bool_]:
        chosen = np.zeros(self.fine_bins, np.bool_)
        chosen[fine_bin] = True
        return chosen


def to_document(plan: BinningPlan) -> dict[str, Any]:
    def axis(own: AttributeBins) -> dict[str, Any]:
        return {"bins": [[b.label, b.low, b.high] for b in own.bins], "places": list(own.places)}

    return {
        "column": plan.column,
        "edges": list(plan.edges),
        "levels": list(plan.levels),
        "alone": axis(plan.alone),
        "crossed": axis(plan.crossed),
    }


def from_document(document: Mapping[str, Any]) -> BinningPlan:
    def axis(own: Mapping[str, Any]) -> AttributeBins:
        return AttributeBins(tuple(Bin(*b) for b in own["bins"]), tuple(own["places"]))

    return BinningPlan(
        document["column"],
        tuple(document["edges"]),
        tuple(document["levels"]),
        axis(document["alone"]),
        axis(document["crossed"]),
    )


class NumbersSeen:
    """Statistics of a column of numbers for its bins, in constant memory. They do not depend on the size of batches."""

    def __init__(self, attribute: StoredAttribute) -> None:
        self._attribute = attribute
        self._low, self._high = np.inf, -np.inf
        self._integers: set[int] | None = set()
        self._kept: list[Floats] = []
        self._every, self._rows = 1, 0

    def add(self, values: Floats) -> None:
        """Add numbers, NaN if missing."""
        self._keep(values)
        known = values[~np.isnan(values)]
        if len(known):
            self._low, self._high = min(self._low, float(known.min())), max(self._high, float(known.max()))
            self._look_for_integers(known)

    def _keep(self, values: Floats) -> None:
        self._kept.append(values[-self._rows % self._every :: self._every].copy())
        self._rows += len(values)
        while sum(map(len, self._kept)) > MAX_KEPT:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._every *= 2

    def _look_for_integers(self, known: Floats) -> None:
        """Collect distinct integers until there are more than bins, or a fraction.

        Mostly ends in the first few rows.
        """
        for part in (known[:1_000], known[1_000:]):
            if self._integers is not None and len(part):
                distinct = np.unique(part)
                whole = len(distinct) <= MAX_BINS and bool((distinct == np.floor(distinct)).all())
                self._integers = self._integers | set(map(int, distinct.tolist())) if whole else None
                if self._integers is not None and len(self._integers) > MAX_BINS:
                    self._integers = None

    def plan(self) -> BinningPlan:
        alone, crossed = (self._bins(most) for most in (MAX_BINS, MAX_BINS_CROSSED))
        edges = sorted({float(own.low) for bins in (alone, crossed) for own in bins[1:] if own.low is not None})
        starts = [None, *edges] if alone else []
        return BinningPlan(
            self._attribute.column, tuple(edges), (), *(_axis_of_numbers(bins, starts) for bins in (alone, crossed))
        )

    def _bins(self, most: int) -> tuple[Bin, ...]:
        sample = np.concatenate(self._kept) if self._kept else np.empty(0)
        sample = sample[~np.isnan(sample)]
        if self._low > self._high:
            return ()
        first, last = np.quantile(sample, (0.01, 0.99)).tolist() if len(sample) else (self._low, self._high)
        integers = tuple(sorted(self._integers or ()))
        spread = Spread(self._low, self._high, first, last, integers=integers)
        return number_bins(spread, most=most, months=self._attribute.tenure)


def _axis_of_numbers(bins: tuple[Bin, ...], starts: Sequence[float | None]) -> AttributeBins:
    """`starts` are the lower limits of the fine bins. The first has none."""
    lows = [own.low for own in bins[1:]]
    places = [sum(low is not None and start is not None and start >= low for low in lows) for start in starts]
    return AttributeBins(bins, (*places, MISSING))


class LevelsSeen:
    """Counts of a column's text codes, for its bins."""

    def __init__(self, attribute: StoredAttribute) -> None:
        self._attribute = attribute
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)

    def add(self, codes: NDArray[np.integer[Any]]) -> None:
        """Add codes. Unlisted texts are too many to become levels."""
        counts = np.bincount(codes[codes != UNLISTED] + 1, minlength=len(self._counts))
        counts[: len(self._counts)] += self._counts
        self._counts = counts

    def plan(self, texts: Sequence[str]) -> BinningPlan:
        """The plan; `texts` by code. Levels are sorted by size, ties by name."""
        counts = self._counts[1:].tolist()
        by_size = sorted(
            (code for code, count in enumerate(counts) if count), key=lambda code: (-counts[code], texts[code])
        )
        levels = [texts[code] for code in by_size]
        shown = levels[:MAX_LEVELS]
        fine_bins = len(shown) + (len(levels) > MAX_LEVELS)
        return BinningPlan(
            self._attribute.column,
            (),
            tuple(shown),
            *(_axis_of_levels(levels, most, fine_bins) for most in (MAX_LEVELS, MAX_LEVELS_CROSSED)),
        )


def _axis_of_levels(levels: Sequence[str], most: int, fine_bins: int) -> AttributeBins:
    bins = [Bin(level, None, None) for level in levels[:most]]
    if len(levels) > most:
        bins.append(Bin(OTHERS, None, None))
    return AttributeBins(tuple(bins), (*(min(fine_bin, most) for fine_bin in range(fine_bins)), MISSING))
