"""Sums over groups of customers with NumPy. In a file sorted by risk, a threshold is a position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.writing.binning_plan import MISSING, AttributeBins, BinCodes, BinningPlan, Floats
from application.ports.results import Group

Rows = slice | NDArray[np.int64]

CUSTOMERS, PROBABILITY, REVENUE, PAYING, AT_RISK, LEFT, KNOWN = range(7)
"""Rows of the sums: count, Σ probability, Σ revenue, count with revenue, Σ of both, count who left, count with
outcome."""
MAX_CELLS = 4_096
"""Cells of attributes that are summed together, so that the sums fit into a processor's cache."""


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """The summed figures, in the file's order (n). Unknown values are 0, and another column marks them as unknown.

    `paying` and `known` are None if all, or none, of the customers have a revenue or an outcome.
    """

    probability: Floats
    revenue: Floats | None
    paying: Floats | None
    at_risk: Floats | None
    left: Floats | None
    known: Floats | None

    @classmethod
    def of(cls, probability: Floats, revenue: Floats | None, left: Floats | None) -> GroupTotals:
        """`revenue` and `left` have NaN for unknown values; None if all are unknown."""
        revenue, paying = _filled(revenue)
        left, known = _filled(left)
        return cls(probability, revenue, paying, None if revenue is None else revenue * probability, left, known)

    def of_rows(self, rows: Rows) -> GroupTotals:
        def part(column: Floats | None) -> Floats | None:
            return None if column is None else column[rows]

        return GroupTotals(
            probability=self.probability[rows],
            revenue=part(self.revenue),
            paying=part(self.paying),
            at_risk=part(self.at_risk),
            left=part(self.left),
            known=part(self.known),
        )

    def likely(self, threshold: float) -> int:
        """Number of customers at or above the threshold. They are the first rows."""
        return len(self.probability) - int(np.searchsorted(self.probability[::-1], threshold, side="left"))

    def sums(self, cells: NDArray[np.integer], size: int) -> Floats:
        """The sums (7 × size) by the cell of each customer."""
        places = cells.astype(np.intp)  # converted once, not in each sum
        totals = np.zeros((7, size))
        totals[CUSTOMERS] = np.bincount(places, minlength=size)
        for row, column in (
            (PROBABILITY, self.probability),
            (REVENUE, self.revenue),
            (PAYING, self.paying),
            (AT_RISK, self.at_risk),
            (LEFT, self.left),
            (KNOWN, self.known),
        ):
            if column is not None:
                totals[row] = np.bincount(places, column, size)
        if self.revenue is not None and self.paying is None:
            totals[PAYING] = totals[CUSTOMERS]
        if self.left is not None and self.known is None:
            totals[KNOWN] = totals[CUSTOMERS]
        return totals


def revenue_and_truth(table: pa.Table) -> tuple[Floats | None, Floats | None]:
    """Revenue and outcome of a piece of the Parquet file, for GroupTotals; None for a column that was not read."""
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


def joined(plans: Sequence[BinningPlan], bin_codes: Sequence[BinCodes]) -> NDArray[np.integer]:
    """Customers' bin codes in several attributes combined to one number, the last attribute varying fastest."""
    if len(bin_codes) == 1:
        return bin_codes[0]
    cells = bin_codes[0].astype(np.uint16)
    for plan, own in zip(plans[1:], bin_codes[1:], strict=True):
        cells *= np.uint16(plan.fine_bins)
        cells += own
    return cells


def each_alone(plans: Sequence[BinningPlan], bin_codes: Sequence[BinCodes], figures: GroupTotals) -> Floats:
    """Sums (7 × fine bins of all attributes). Several attributes are summed in one pass."""
    parts: list[Floats] = []
    for together in _bundles(plans):
        chosen, sizes = plans[together], tuple(plan.fine_bins for plan in plans[together])
        cube = figures.sums(joined(chosen, bin_codes[together]), int(np.prod(sizes))).reshape(7, *sizes)
        axes = set(range(1, len(sizes) + 1))
        parts.extend(cube.sum(axis=tuple(axes - {axis})) for axis in sorted(axes))
    return np.concatenate(parts, axis=1) if parts else np.zeros((7, 0))


def _bundles(plans: Sequence[BinningPlan]) -> Iterator[slice]:
    start, cells = 0, 1
    for place, plan in enumerate(plans):
        if place > start and cells * plan.fine_bins > MAX_CELLS:
            yield slice(start, place)
            start, cells = place, 1
        cells *= plan.fine_bins
    if len(plans) > start:
        yield slice(start, len(plans))


def groups_of(everyone: Floats, leaving: Floats, axes: Sequence[AttributeBins]) -> dict[tuple[int, ...], Group]:
    """Groups by position on each axis, in order; missing values are at −1. Omits empty groups.

    `everyone`, and `leaving` for likely leavers only, are sums (7 × cells of the axes' fine bins).
    """
    bins = tuple(len(axis.bins) + 1 for axis in axes)
    everyone, leaving = along(axes, everyone), along(axes, leaving)
    groups = {}
    for cell in np.flatnonzero(everyone[CUSTOMERS]).tolist():
        at = [int(place) for place in np.unravel_index(cell, bins)]
        places = tuple(MISSING if own == len(axis.bins) else own for own, axis in zip(at, axes, strict=True))
        groups[places] = _group(everyone[:, cell].tolist(), leaving[:, cell].tolist(), places, axes)
    return dict(sorted(groups.items()))


def along(axes: Sequence[AttributeBins], sums: Floats) -> Floats:
    """Combine fine bins into the axes' bins. Missing values come after the last bin."""
    bins = tuple(len(axis.bins) + 1 for axis in axes)
    by_axis = [[place % size for place in axis.places] for axis, size in zip(axes, bins, strict=True)]
    places = np.ravel_multi_index(np.array(list(product(*by_axis)), np.intp).T, bins)
    totals = np.zeros((len(sums), int(np.prod(bins))))
    for row, own in zip(totals, sums, strict=True):
        np.add.at(row, places, own)
    return totals


def _group(sums: list[float], leaving: list[float], places: tuple[int, ...], axes: Sequence[AttributeBins]) -> Group:
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
