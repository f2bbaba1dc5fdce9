"""Sums over groups of customers, added up in NumPy: in a file sorted by risk, a threshold is a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.binning import (
    MOST_BINS,
    MOST_BINS_CROSSED,
    MOST_LEVELS,
    MOST_LEVELS_CROSSED,
    Spread,
    number_bins,
)
from adapters.results.grouping import MISSING, Axis, group_of, level_axis, number_axis
from adapters.results.layout import StoredAttribute
from application.ports.results import Group

Floats = NDArray[np.float64]
Places = NDArray[np.uint8]
Rows = slice | NDArray[np.int64]

COLUMNS = ("probability", "revenue", "actual")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is summed up, in the file's order (n): what is unknown counts 0, and its own column says whether it is.

    `paying` and `known` are None where all, or none, of the customers have a revenue or an outcome.
    """

    probability: Floats
    rising: Floats
    revenue: Floats | None
    paying: Floats | None
    at_risk: Floats | None
    left: Floats | None
    known: Floats | None

    @classmethod
    def of(cls, table: pa.Table) -> Figures:
        probability = _numbers(table.column("probability"))
        revenue, paying = _filled(_numbers(table.column("revenue")))
        left, known = _filled(_numbers(table.column("actual").cast(pa.int8()).cast(pa.float64())))
        return cls(
            probability=probability,
            rising=probability[::-1],
            revenue=revenue,
            paying=paying,
            at_risk=None if revenue is None else revenue * probability,
            left=left,
            known=known,
        )

    def likely(self, threshold: float) -> int:
        """How many lie at or above the threshold: the first ones of the file."""
        return len(self.rising) - int(np.searchsorted(self.rising, threshold, side="left"))


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _filled(values: Floats) -> tuple[Floats | None, Floats | None]:
    unknown = np.isnan(values)
    if unknown.all():
        return None, None
    if not unknown.any():
        return values, None
    return np.where(unknown, 0.0, values), (~unknown).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Numbers:
    """An attribute's numbers (n), NaN where missing."""

    values: Floats

    def axis(self, rows: Rows, attribute: StoredAttribute, *, crossed: bool) -> Axis:
        most = MOST_BINS_CROSSED if crossed else MOST_BINS
        spread = _spread(self.values[rows], most)
        return number_axis(attribute, number_bins(spread, most=most, months=attribute.tenure) if spread else ())

    def places(self, axis: Axis) -> Places:
        """Each customer's place on the axis; the missing have the last place."""
        places = np.searchsorted(np.asarray(axis.parameters, float), self.values, side="right")
        return np.where(np.isnan(self.values), len(axis.bins), places).astype(np.uint8)


def _spread(values: Floats, most: int) -> Spread | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    ends = np.quantile(known, (0.01, 0.99))
    whole = np.floor(known) == known
    return Spread(low, high, float(ends[0]), float(ends[1]), integers=_integers(known, most) if whole.all() else ())


def _integers(known: Floats, most: int) -> tuple[int, ...]:
    """The distinct numbers, rising; too many to tell apart are cut off, as `most` says."""
    low, high = int(known.min()), int(known.max())
    if high - low <= len(known):
        seen = np.flatnonzero(np.bincount((known - low).astype(np.int64))) + low
    else:
        seen = np.unique(known).astype(np.int64)
    return tuple(seen[: most + 1].tolist())


@dataclass(frozen=True, slots=True)
class Levels:
    """An attribute's texts as codes (n) into `texts`; the last code, past the texts, is that of the missing."""

    texts: tuple[str, ...]
    codes: NDArray[np.unsignedinteger]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Levels:
        """Each row group has a dictionary of its own."""
        known: dict[str, int] = {}
        found = []
        for chunk in column.chunks:
            encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            table = [known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()]
            codes = encoded.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
            found.append(np.array([*table, -1], np.int32)[codes])
        codes = np.concatenate(found) if found else np.zeros(0, np.int32)
        small = np.uint8 if len(known) < 255 else np.uint32
        return cls(tuple(known), np.where(codes < 0, len(known), codes).astype(small))

    def axis(self, rows: Rows, attribute: StoredAttribute, *, crossed: bool) -> Axis:
        counts = np.bincount(self.codes[rows], minlength=len(self.texts) + 1)[:-1].tolist()
        by_size = sorted(
            (code for code, count in enumerate(counts) if count), key=lambda code: (-counts[code], self.texts[code])
        )
        most = MOST_LEVELS_CROSSED if crossed else MOST_LEVELS
        return level_axis(attribute, [self.texts[code] for code in by_size[: most + 1]], most)

    def places(self, axis: Axis) -> Places:
        shown: list[str] = axis.parameters[0]
        known = {level: place for place, level in enumerate(shown)}
        table = [known.get(text, len(shown)) for text in self.texts]
        return np.array([*table, len(axis.bins)], np.uint8)[self.codes]


def column_of(column: pa.ChunkedArray, attribute: StoredAttribute) -> Numbers | Levels:
    return Numbers(_numbers(column)) if attribute.numeric else Levels.of(column)


@dataclass(frozen=True, slots=True)
class Tally:
    """Customers by their place on one axis or two, added up over `rows` of the file."""

    axes: tuple[Axis, ...]
    places: NDArray[np.unsignedinteger]
    rows: Rows
    customers: NDArray[np.int64]
    sums: tuple[Floats | None, ...]
    """Σ probability, revenue, paying, at risk, left, known."""

    @classmethod
    def of(cls, axes: tuple[Axis, ...], places: tuple[Places, ...], figures: Figures, rows: Rows) -> Tally:
        joined = places[0] if len(places) == 1 else _joined(axes, *places)
        size = int(np.prod([len(axis.bins) + 1 for axis in axes]))
        own = joined[rows].astype(np.intp)  # once, and not by each sum
        columns = (
            figures.probability,
            figures.revenue,
            figures.paying,
            figures.at_risk,
            figures.left,
            figures.known,
        )
        sums = tuple(None if column is None else np.bincount(own, column[rows], size) for column in columns)
        return cls(axes, joined, rows, np.bincount(own, minlength=size), sums)

    def groups(self, figures: Figures, threshold: float) -> dict[tuple[int, ...], Group]:
        """By place on each axis, in order; the missing stand at −1. Those without customers are left out."""
        first = _first(self.rows, figures.likely(threshold))
        own, size = self.places[first].astype(np.intp), len(self.customers)
        likely = np.bincount(own, minlength=size)
        leaving = None if figures.revenue is None else np.bincount(own, figures.revenue[first], size)
        found = {}
        for cell in np.flatnonzero(self.customers).tolist():
            found[self._places(cell)] = self._group(cell, int(likely[cell]), leaving)
        return dict(sorted(found.items()))

    def _places(self, cell: int) -> tuple[int, ...]:
        cells = [cell] if len(self.axes) == 1 else list(divmod(cell, len(self.axes[1].bins) + 1))
        return tuple(
            MISSING if place == len(axis.bins) else place for place, axis in zip(cells, self.axes, strict=True)
        )

    def _group(self, cell: int, likely: int, leaving: Floats | None) -> Group:
        customers = int(self.customers[cell])
        probability, revenue, paying, at_risk, left, known = (
            None if column is None else float(column[cell]) for column in self.sums
        )
        pays = leaving is not None and (paying is None or paying > 0)
        seen = None if left is None else customers if known is None else known
        sums = (
            customers,
            (probability or 0.0) / customers,
            likely,
            revenue if pays else None,
            float(leaving[cell]) if leaving is not None else 0.0,
            at_risk,
            left / seen if seen and left is not None else None,
        )
        return group_of(self.axes, self._places(cell), sums)


def _joined(axes: tuple[Axis, ...], first: Places, second: Places) -> NDArray[np.uint16]:
    return first.astype(np.uint16) * np.uint16(len(axes[1].bins) + 1) + second


def _first(rows: Rows, likely: int) -> Rows:
    """Of these rows those before the threshold's place in the file."""
    if isinstance(rows, slice):
        return slice(rows.start, max(rows.start, min(rows.stop, likely)))
    return rows[: int(np.searchsorted(rows, likely, side="left"))]


def those(rows: int, chosen: NDArray[np.int64] | None, likely: bool | None, first: int) -> Rows:
    """The rows of a label among those chosen (rising places; None: all)."""
    if likely is None:
        return slice(0, rows) if chosen is None else chosen
    if chosen is None:
        return slice(0, first) if likely else slice(first, rows)
    cut = int(np.searchsorted(chosen, first, side="left"))
    return chosen[:cut] if likely else chosen[cut:]
