"""Evidence in a labelled file that a column with repeats identifies customers: what their rows have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.text_columns import TextColumn

MIN_PAIRS = 30
"""Pairs of rows of one customer from which their likeness is measured."""
SAMPLE_ROWS = 20_000
HELD = 0.6
"""Likeness from which an attribute counts as the customer's own. It is 0 for rows of different customers, 1 for equal
rows of one customer."""
MIN_VARIETY = 0.02
"""Difference between random rows below which a column is nearly constant and says nothing."""
FEW_VALUES = 10
_SEED = 20261122

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """What the rows that share a value have in common, beyond what random rows have.

    `target` is the likeness of the outcome; `held` of the `informative` other columns are nearly constant.
    """

    target: float = 0.0
    held: int = 0
    informative: int = 0

    @property
    def held_share(self) -> float:
        return self.held / self.informative if self.informative else 0.0


def evidence_of(
    column: TextColumn, others: Sequence[TextColumn], churned: NDArray[np.bool_], rows: Rows | None = None
) -> Evidence:
    """Measured on pairs of rows of a sample of the column's values; no evidence for fewer than 30 pairs.

    `rows` restricts the measure to some rows.
    """
    draw = np.random.default_rng(_SEED)
    chosen = _rows_of_some_values(column.codes if rows is None else column.codes[rows], draw)
    chosen = chosen if rows is None else rows[chosen]
    shuffled = draw.permutation(chosen)
    ordered = shuffled[np.argsort(column.codes[shuffled], kind="stable")]
    same = column.codes[ordered[1:]] == column.codes[ordered[:-1]]
    if int(same.sum()) < MIN_PAIRS:
        return Evidence()
    pairs = (ordered[:-1][same], ordered[1:][same])
    random = (shuffled, np.roll(shuffled, 1))
    outcome = _likeness(churned.astype(np.float64), pairs, random)
    likeness = [_likeness(_measures(other, chosen), pairs, random) for other in others]
    known = [like for like in likeness if like is not None]
    return Evidence(outcome or 0.0, sum(like >= HELD for like in known), len(known))


def distinct_rows(columns: Sequence[TextColumn], churned: NDArray[np.bool_]) -> Rows:
    """The first of every group of rows that are equal in all columns and in the outcome."""
    import pandas as pd

    frame = pd.DataFrame({place: column.codes for place, column in enumerate(columns)}, copy=False)
    hashes = pd.util.hash_pandas_object(frame.assign(churned=churned), index=False).to_numpy()
    return np.sort(np.unique(hashes, return_index=True)[1]).astype(np.int64)


def _rows_of_some_values(codes: NDArray[np.int32], draw: np.random.Generator) -> Rows:
    """All rows of as many random values as fit into the sample."""
    counts = np.bincount(codes[codes >= 0])
    order = draw.permutation(len(counts))
    enough = max(1, int(np.searchsorted(np.cumsum(counts[order]), SAMPLE_ROWS)))
    taken = np.zeros(len(counts) + 1, bool)
    taken[order[:enough]] = True
    return np.flatnonzero(taken[codes])


def _measures(column: TextColumn, rows: Rows) -> NDArray[np.float64]:
    """Ranks from 0 to 1 of a number with many values, for all rows; otherwise the codes. Only `rows` are used."""
    measures = np.full(len(column.codes), -1.0)
    codes = column.codes[rows]
    if not column.is_numeric or len(column.values) <= FEW_VALUES:
        measures[rows] = codes
        return measures
    numbers = np.append(column.numbers, np.nan)[codes]
    filled = np.sort(numbers[~np.isnan(numbers)])
    ranks = np.searchsorted(filled, numbers) / max(1, len(filled))
    measures[rows] = np.where(np.isnan(numbers), -1.0, 0.999 * ranks)
    return measures


def _likeness(measures: NDArray[np.float64], pairs: tuple[Rows, Rows], random: tuple[Rows, Rows]) -> float | None:
    """1 − the mean difference of pairs over that of random rows; None for a column that is nearly constant."""
    usual = _difference(measures[random[0]], measures[random[1]])
    if usual < MIN_VARIETY:
        return None
    return 1.0 - _difference(measures[pairs[0]], measures[pairs[1]]) / usual


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.minimum(np.abs(one - other), 1.0).mean())
