"""How an attribute is cut into groups: chosen once, for all customers of a run, while they are being scored.

The finest pieces that any page needs are called slots. An axis puts slots together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.results.binning import (
    MOST_BINS,
    MOST_BINS_CROSSED,
    MOST_LEVELS,
    MOST_LEVELS_CROSSED,
    OTHERS,
    Bin,
    Spread,
    number_bins,
)
from adapters.results.codes import UNLISTED
from adapters.results.layout import StoredAttribute
from application.ports.results import AttributeFilter

Floats = NDArray[np.float64]
Slots = NDArray[np.uint8]

MISSING = -1
MOST_KEPT = 65_536
"""Numbers of a column that are looked at for its middle: every so many rows, evenly."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The groups that a page shows: `places` is the bin of each slot, MISSING for the last slot."""

    bins: tuple[Bin, ...]
    places: tuple[int, ...]

    def bin_at(self, place: int) -> Bin:
        return Bin("", None, None) if place == MISSING else self.bins[place]


@dataclass(frozen=True, slots=True)
class Cut:
    """One attribute. Slots are numbers between `edges`, or `levels` and one for all others; the last is the missing.

    `alone` is the axis on its own, `crossed` the coarser one beside another attribute.
    """

    column: str
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    alone: Axis
    crossed: Axis

    @property
    def slots(self) -> int:
        return len(self.alone.places)

    def of_numbers(self, values: Floats) -> Slots:
        """The slot of each number, NaN where missing."""
        slots = np.searchsorted(np.asarray(self.edges, np.float64), values, side="right").astype(np.uint8)
        slots[np.isnan(values)] = self.slots - 1
        return slots

    def of_codes(self, codes: NDArray[np.integer[Any]], texts: Sequence[str]) -> Slots:
        """The slot of each code into `texts`; those that are not listed are among the others."""
        known = {level: slot for slot, level in enumerate(self.levels)}
        table = [known.get(text, len(known)) for text in texts]
        return np.array([*table, min(len(known), self.slots - 1), self.slots - 1], np.uint8)[codes]

    def chosen(self, wanted: AttributeFilter) -> NDArray[np.bool_] | None:
        """Which slots pass a filter; None where it runs through the middle of one."""
        if wanted.level is not None:
            if wanted.level in self.levels:
                return np.arange(self.slots) == self.levels.index(wanted.level)
            return None if self.slots - 1 > len(self.levels) else np.zeros(self.slots, np.bool_)
        if wanted.low is None and wanted.high is None:
            return np.arange(self.slots) == self.slots - 1
        for axis in (self.alone, self.crossed):
            for place, own in enumerate(axis.bins):
                if (own.low, own.high) == (wanted.low, wanted.high):
                    return np.asarray(axis.places) == place
        return None


def to_document(cut: Cut) -> dict[str, Any]:
    def axis(own: Axis) -> dict[str, Any]:
        return {"bins": [[b.label, b.low, b.high] for b in own.bins], "places": list(own.places)}

    return {
        "column": cut.column,
        "edges": list(cut.edges),
        "levels": list(cut.levels),
        "alone": axis(cut.alone),
        "crossed": axis(cut.crossed),
    }


def from_document(document: Mapping[str, Any]) -> Cut:
    def axis(own: Mapping[str, Any]) -> Axis:
        return Axis(tuple(Bin(*b) for b in own["bins"]), tuple(own["places"]))

    return Cut(
        document["column"],
        tuple(document["edges"]),
        tuple(document["levels"]),
        axis(document["alone"]),
        axis(document["crossed"]),
    )


class NumbersSeen:
    """A column of numbers as its bins need to know it, in flat memory. However it is cut, the same comes out."""

    def __init__(self, attribute: StoredAttribute) -> None:
        self._attribute = attribute
        self._low, self._high = np.inf, -np.inf
        self._integers: set[int] | None = set()
        self._kept: list[Floats] = []
        self._every, self._rows = 1, 0

    def add(self, values: Floats) -> None:
        """NaN where missing."""
        self._keep(values)
        known = values[~np.isnan(values)]
        if len(known):
            self._low, self._high = min(self._low, float(known.min())), max(self._high, float(known.max()))
            self._look_for_integers(known)

    def _keep(self, values: Floats) -> None:
        self._kept.append(values[-self._rows % self._every :: self._every].copy())
        self._rows += len(values)
        while sum(map(len, self._kept)) > MOST_KEPT:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._every *= 2

    def _look_for_integers(self, known: Floats) -> None:
        """Only until there are more of them than bins, or a broken number: mostly in the first few rows."""
        for part in (known[:1_000], known[1_000:]):
            if self._integers is not None and len(part):
                distinct = np.unique(part)
                whole = len(distinct) <= MOST_BINS and bool((distinct == np.floor(distinct)).all())
                self._integers = self._integers | set(map(int, distinct.tolist())) if whole else None
                if self._integers is not None and len(self._integers) > MOST_BINS:
                    self._integers = None

    def cut(self) -> Cut:
        alone, crossed = (self._bins(most) for most in (MOST_BINS, MOST_BINS_CROSSED))
        edges = sorted({float(own.low) for bins in (alone, crossed) for own in bins[1:] if own.low is not None})
        slots = [None, *edges] if alone else []
        return Cut(
            self._attribute.column, tuple(edges), (), *(_axis_of_numbers(bins, slots) for bins in (alone, crossed))
        )

    def _bins(self, most: int) -> tuple[Bin, ...]:
        kept = np.concatenate(self._kept) if self._kept else np.empty(0)
        kept = kept[~np.isnan(kept)]
        if self._low > self._high:
            return ()
        ends = np.quantile(kept, (0.01, 0.99)).tolist() if len(kept) else (self._low, self._high)
        integers = tuple(sorted(self._integers or ()))
        spread = Spread(self._low, self._high, *ends, integers=integers)
        return number_bins(spread, most=most, months=self._attribute.tenure)


def _axis_of_numbers(bins: tuple[Bin, ...], slots: Sequence[float | None]) -> Axis:
    """`slots` are the low ends of the slots; the first is open."""
    lows = [own.low for own in bins[1:]]
    places = [sum(low is not None and start is not None and start >= low for low in lows) for start in slots]
    return Axis(bins, (*places, MISSING))


class LevelsSeen:
    """A column of text codes as its groups need to know it: how many customers have which."""

    def __init__(self, attribute: StoredAttribute) -> None:
        self._attribute = attribute
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)

    def add(self, codes: NDArray[np.integer[Any]]) -> None:
        """Texts that are not listed are too many to be levels of their own."""
        found = np.bincount(codes[codes != UNLISTED] + 1, minlength=len(self._counts))
        found[: len(self._counts)] += self._counts
        self._counts = found

    def cut(self, texts: Sequence[str]) -> Cut:
        """`texts` by code. Levels stand by size, equals by name."""
        counts = self._counts[1:].tolist()
        by_size = sorted(
            (code for code, count in enumerate(counts) if count), key=lambda code: (-counts[code], texts[code])
        )
        levels = [texts[code] for code in by_size]
        shown = levels[:MOST_LEVELS]
        slots = len(shown) + (len(levels) > MOST_LEVELS)
        return Cut(
            self._attribute.column,
            (),
            tuple(shown),
            *(_axis_of_levels(levels, most, slots) for most in (MOST_LEVELS, MOST_LEVELS_CROSSED)),
        )


def _axis_of_levels(levels: Sequence[str], most: int, slots: int) -> Axis:
    bins = [Bin(level, None, None) for level in levels[:most]]
    if len(levels) > most:
        bins.append(Bin(OTHERS, None, None))
    return Axis(tuple(bins), (*(min(slot, most) for slot in range(slots)), MISSING))
