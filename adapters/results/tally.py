"""Sums over groups of customers, added up in NumPy: in a file sorted by risk, a threshold is a place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.cutting import MISSING, Axis, Cut, Floats, Slots
from application.ports.results import Group

Rows = slice | NDArray[np.int64]

COLUMNS = ("probability", "revenue", "actual")


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
    def of(cls, table: pa.Table) -> Figures:
        probability = _numbers(table.column("probability"))
        revenue, paying = _filled(_numbers(table.column("revenue")))
        truth = table.column("actual")
        left, known = (None, None) if truth.null_count == len(truth) else _filled(_numbers(truth.cast(pa.int8())))
        return cls(
            probability=probability,
            revenue=revenue,
            paying=paying,
            at_risk=None if revenue is None else revenue * probability,
            left=left,
            known=known,
        )

    @property
    def columns(self) -> tuple[Floats | None, ...]:
        return self.probability, self.revenue, self.paying, self.at_risk, self.left, self.known

    def of_rows(self, rows: Rows) -> Figures:
        return Figures(*(None if column is None else column[rows] for column in self.columns))  # type: ignore[arg-type]

    def likely(self, threshold: float) -> int:
        """How many lie at or above the threshold: the first ones, wherever the rows rise."""
        return len(self.probability) - int(np.searchsorted(self.probability[::-1], threshold, side="left"))


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
class Tally:
    """Customers by their slot in one attribute or in two, added up. `sums`: as Figures has its columns."""

    slots: tuple[int, ...]
    customers: NDArray[np.int64]
    sums: tuple[Floats | None, ...]

    @classmethod
    def of(cls, slots: tuple[int, ...], own: NDArray[np.integer], figures: Figures) -> Tally:
        """`own`: each customer's slot (see `joined`); `slots`: how many there are of each attribute."""
        size, places = int(np.prod(slots)), own.astype(np.intp)  # converted once, and not by each sum
        sums = tuple(None if column is None else np.bincount(places, column, size) for column in figures.columns)
        return cls(slots, np.bincount(places, minlength=size), sums)

    def along(self, axes: tuple[Axis, ...]) -> Tally:
        """Slots put together as the axes have them; the missing stand behind the last bin."""
        bins = tuple(len(axis.bins) + 1 for axis in axes)
        by_axis = [[place % size for place in axis.places] for axis, size in zip(axes, bins, strict=True)]
        places = np.ravel_multi_index(np.array(list(product(*by_axis)), np.intp).T, bins)

        def together(column: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(places, column, int(np.prod(bins)))

        sums = tuple(None if column is None else together(column) for column in self.sums)
        return Tally(bins, together(self.customers.astype(np.float64)).astype(np.int64), sums)


@dataclass(frozen=True, slots=True)
class Leaving:
    """The likely leavers by slot: how many, and what they pay (None where nobody's revenue is known)."""

    customers: NDArray[np.int64]
    revenue: Floats | None

    @classmethod
    def of(cls, slots: tuple[int, ...], own: NDArray[np.integer], figures: Figures) -> Leaving:
        """`own` and `figures` of the likely leavers alone."""
        size, places = int(np.prod(slots)), own.astype(np.intp)
        paid = None if figures.revenue is None else np.bincount(places, figures.revenue, size)
        return cls(np.bincount(places, minlength=size), paid)


def joined(cuts: tuple[Cut, ...], slots: tuple[Slots, ...]) -> NDArray[np.integer]:
    """Customers' slots in one attribute, or in two as one number."""
    if len(slots) == 1:
        return slots[0]
    return slots[0].astype(np.uint16) * np.uint16(cuts[1].slots) + slots[1]


def groups_of(tally: Tally, leaving: Leaving, axes: tuple[Axis, ...]) -> dict[tuple[int, ...], Group]:
    """By place on each axis, in order; the missing stand at −1. Those without customers are left out."""
    left = Tally(tally.slots, leaving.customers, (leaving.revenue,)).along(axes)
    everyone = tally.along(axes)
    found = {}
    for cell in np.flatnonzero(everyone.customers).tolist():
        places = tuple(int(place) for place in np.unravel_index(cell, everyone.slots))
        places = tuple(MISSING if place == len(axis.bins) else place for place, axis in zip(places, axes, strict=True))
        found[places] = _group(everyone, left, cell, places, axes)
    return dict(sorted(found.items()))


def _group(everyone: Tally, left: Tally, cell: int, places: tuple[int, ...], axes: tuple[Axis, ...]) -> Group:
    customers = int(everyone.customers[cell])
    probability, revenue, paying, at_risk, churned, known = (
        None if column is None else float(column[cell]) for column in everyone.sums
    )
    pays = revenue is not None and (paying is None or paying > 0)
    seen = None if churned is None else customers if known is None else known
    bins = [axis.bin_at(place) for axis, place in zip(axes, places, strict=True)]
    paid = left.sums[0]
    return Group(
        label=" · ".join(own.label for own in bins),
        customers=customers,
        mean_probability=(probability or 0.0) / customers,
        likely=int(left.customers[cell]),
        revenue=revenue if pays else None,
        revenue_likely=float(paid[cell]) if pays and paid is not None else None,
        revenue_at_risk=at_risk if pays else None,
        observed=churned / seen if seen and churned is not None else None,
        low=bins[0].low if len(bins) == 1 else None,
        high=bins[0].high if len(bins) == 1 else None,
        missing=places == (MISSING,),
    )
