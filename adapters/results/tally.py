"""Sums over groups of customers, added up in NumPy: in a file sorted by risk, a threshold is a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.cutting import MISSING, Axis, Cut, Floats, Slots
from application.ports.results import Group

Rows = slice | NDArray[np.int64]

CUSTOMERS, PROBABILITY, REVENUE, PAYING, AT_RISK, LEFT, KNOWN = range(7)
"""Rows of the sums: how many, Σ probability, Σ revenue, how many have one, Σ of both, who left, of whom it is known."""
MOST_CELLS = 4_096
"""Cells of attributes that are added up together: their sums fit in a processor's nearest memory."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is summed up, in the file's order (n): what is unknown counts 0, and its own column says whether it is.

    `paying` and `known` are None where all, or none, of the customers have a revenue or an outcome.
    """

    probability: Floats
    revenue: Floats | None
    paying: Floats | None
    at_risk: Floats | None
    left: Floats | None
    known: Floats | None

    @classmethod
    def of(cls, probability: Floats, revenue: Floats | None, left: Floats | None) -> Figures:
        """`revenue` and `left` with NaN for what is unknown, None where nothing is known."""
        revenue, paying = _filled(revenue)
        left, known = _filled(left)
        return cls(probability, revenue, paying, None if revenue is None else revenue * probability, left, known)

    def of_rows(self, rows: Rows) -> Figures:
        columns = (getattr(self, field.name) for field in fields(self))
        return Figures(*(None if column is None else column[rows] for column in columns))  # type: ignore[arg-type]

    def likely(self, threshold: float) -> int:
        """How many lie at or above the threshold: the first ones, wherever the rows rise."""
        return len(self.probability) - int(np.searchsorted(self.probability[::-1], threshold, side="left"))

    def sums(self, cells: NDArray[np.integer], size: int) -> Floats:
        """7 × size: the rows of sums by the cell of each customer."""
        places = cells.astype(np.intp)  # converted once, and not by each sum
        found = np.zeros((7, size))
        found[CUSTOMERS] = np.bincount(places, minlength=size)
        for row, column in (
            (PROBABILITY, self.probability),
            (REVENUE, self.revenue),
            (PAYING, self.paying),
            (AT_RISK, self.at_risk),
            (LEFT, self.left),
            (KNOWN, self.known),
        ):
            if column is not None:
                found[row] = np.bincount(places, column, size)
        if self.revenue is not None and self.paying is None:
            found[PAYING] = found[CUSTOMERS]
        if self.left is not None and self.known is None:
            found[KNOWN] = found[CUSTOMERS]
        return found


def revenue_and_truth(table: pa.Table) -> tuple[Floats | None, Floats | None]:
    """Of a piece of the Parquet file, as Figures takes them; None for a column that was not read."""
    named = {name: table.column(name) for name in table.column_names}
    revenue, truth = named.get("revenue"), named.get("actual")
    return (
        None if revenue is None else np.asarray(revenue.to_numpy(), np.float64),
        None if truth is None else np.asarray(truth.cast(pa.int8()).cast(pa.float64()).to_numpy(), np.float64),
    )


def _filled(values: Floats | None) -> tuple[Floats | None, Floats | None]:
    if values is None:
        return None, None
    unknown = np.isnan(values)
    if unknown.all():
        return None, None
    if not unknown.any():
        return values, None
    return np.where(unknown, 0.0, values), (~unknown).astype(np.float64)


def joined(cuts: Sequence[Cut], slots: Sequence[Slots]) -> NDArray[np.integer]:
    """Customers' slots in several attributes as one number, the last attribute's counting fastest."""
    if len(slots) == 1:
        return slots[0]
    cells = slots[0].astype(np.uint16)
    for cut, own in zip(cuts[1:], slots[1:], strict=True):
        cells *= np.uint16(cut.slots)
        cells += own
    return cells


def each_alone(cuts: Sequence[Cut], slots: Sequence[Slots], figures: Figures) -> Floats:
    """7 × all slots of all attributes side by side: few passes for many attributes, by adding up several at once."""
    parts = []
    for together in _bundles(cuts):
        chosen, sizes = cuts[together], tuple(cut.slots for cut in cuts[together])
        cube = figures.sums(joined(chosen, slots[together]), int(np.prod(sizes))).reshape(7, *sizes)
        axes = set(range(1, len(sizes) + 1))
        parts.extend(cube.sum(axis=tuple(axes - {axis})) for axis in sorted(axes))
    return np.concatenate(parts, axis=1) if parts else np.zeros((7, 0))


def _bundles(cuts: Sequence[Cut]) -> Iterator[slice]:
    start, cells = 0, 1
    for place, cut in enumerate(cuts):
        if place > start and cells * cut.slots > MOST_CELLS:
            yield slice(start, place)
            start, cells = place, 1
        cells *= cut.slots
    if len(cuts) > start:
        yield slice(start, len(cuts))


def groups_of(everyone: Floats, leaving: Floats, axes: Sequence[Axis]) -> dict[tuple[int, ...], Group]:
    """By place on each axis, in order; the missing stand at −1. Those without customers are left out.

    `everyone`, and `leaving` for the likely leavers alone: 7 × cells of the axes' slots.
    """
    bins = tuple(len(axis.bins) + 1 for axis in axes)
    everyone, leaving = along(axes, everyone), along(axes, leaving)
    found = {}
    for cell in np.flatnonzero(everyone[CUSTOMERS]).tolist():
        at = [int(place) for place in np.unravel_index(cell, bins)]
        places = tuple(MISSING if own == len(axis.bins) else own for own, axis in zip(at, axes, strict=True))
        found[places] = _group(everyone[:, cell].tolist(), leaving[:, cell].tolist(), places, axes)
    return dict(sorted(found.items()))


def along(axes: Sequence[Axis], sums: Floats) -> Floats:
    """Slots put together as the axes have them; the missing stand behind the last bin."""
    bins = tuple(len(axis.bins) + 1 for axis in axes)
    by_axis = [[place % size for place in axis.places] for axis, size in zip(axes, bins, strict=True)]
    places = np.ravel_multi_index(np.array(list(product(*by_axis)), np.intp).T, bins)
    found = np.zeros((len(sums), int(np.prod(bins))))
    for row, own in zip(found, sums, strict=True):
        np.add.at(row, places, own)
    return found


def _group(sums: list[float], leaving: list[float], places: tuple[int, ...], axes: Sequence[Axis]) -> Group:
    customers, pays, seen = int(sums[CUSTOMERS]), sums[PAYING] > 0, sums[KNOWN]
    bins = [axis.bin_at(place) for axis, place in zip(axes, places, strict=True)]
    return Group(
        label=" · ".join(own.label for own in bins),
        customers=customers,
        mean_probability=sums[PROBABILITY] / customers,
        likely=int(leaving[CUSTOMERS]),
        revenue=sums[REVENUE] if pays else None,
        revenue_likely=leaving[REVENUE] if pays else None,
        revenue_at_risk=sums[AT_RISK] if pays else None,
        observed=sums[LEFT] / seen if seen else None,
        low=bins[0].low if len(bins) == 1 else None,
        high=bins[0].high if len(bins) == 1 else None,
        missing=places == (MISSING,),
    )
