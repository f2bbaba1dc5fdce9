"""How an attribute enters its networks: a number by straight lines between knots, a level by a separate column.

As the encoding of a number is straight between knots and the networks' units are rectifiers, a network of one number
is straight between finitely many points. `adapters/ml/training/neural/pieces.py` finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan, Vocabulary

Floats = NDArray[np.float64]
KNOTS = 13
"""Knots of a number, at quantiles of the training rows."""
ONE_HOT_UP_TO = 12
"""Levels up to which each has a separate column. More levels have one column: their smoothed log-odds of churn."""
PARTS = 5
"""Parts of the training rows; the log-odds of a row's level are taken from the other parts."""


@dataclass(frozen=True, eq=False)
class Encoding:
    """`table` has a row per knot of a number, or per level and for OTHER, and a last row for a missing value.

    `seen` says which rows occurred in training; for a number only the last one counts.
    """

    table: Floats
    seen: NDArray[np.bool_]
    knots: Floats | None = None

    @property
    def width(self) -> int:
        return int(self.table.shape[1])

    @property
    def is_one_hot(self) -> bool:
        """Whether each level has a separate column, so that one layer without hidden units is every function."""
        return self.knots is None and len(self.table) == self.width

    def of(self, codes: NDArray[np.float32]) -> Floats:
        """codes (n) → (n, width)."""
        lost = np.isnan(codes)
        if self.knots is None:
            rows: Floats = self.table[np.where(lost, len(self.table) - 1, codes).astype(np.intp)]
            return rows
        place = np.interp(np.where(lost, self.knots[0], codes), self.knots, np.arange(len(self.knots)))
        left = np.minimum(place.astype(np.intp), max(0, len(self.knots) - 2))
        right, share = np.minimum(left + 1, len(self.knots) - 1), (place - left)[:, None]
        encoded: Floats = (1.0 - share) * self.table[left] + share * self.table[right]
        encoded[lost] = self.table[-1]
        return encoded


def encodings_of(
    vocabulary: Vocabulary, codes: NDArray[np.float32], churned: NDArray[np.bool_]
) -> tuple[Encoding, ...]:
    """One encoding per attribute, from the training rows."""
    return tuple(
        _number(codes[:, place]) if levels is None else _levels(len(levels), codes[:, place], churned)
        for place, levels in enumerate(vocabulary.levels)
    )


def network_inputs(
    encodings: Sequence[Encoding], codes: NDArray[np.float32], churned: NDArray[np.bool_], *, seed: int
) -> NDArray[np.float32]:
    """float32 (n, encodings, widest); codes (n, encodings). The log-odds of a row's level do not use its own label."""
    widest = max((encoding.width for encoding in encodings), default=0)
    inputs = np.zeros((len(codes), len(encodings), widest), np.float32)
    part = np.random.default_rng(seed).permutation(len(codes)) % PARTS
    for place, encoding in enumerate(encodings):
        own = codes[:, place]
        inputs[:, place, : encoding.width] = encoding.of(own)
        for fold in range(PARTS if encoding.knots is None else 0):
            inside = part != fold
            other = _levels(len(encoding.table) - 2, own[inside], churned[inside])
            inputs[~inside, place, :1] = other.of(own[~inside])[:, :1]
    return inputs


def level_inputs(encodings: Sequence[Encoding], codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (n, all levels): the columns of one-hot encodings next to each other; codes (n, encodings)."""
    columns = [encoding.of(codes[:, place]) for place, encoding in enumerate(encodings)]
    return np.concatenate([np.zeros((len(codes), 0)), *columns], axis=1).astype(np.float32)


def _number(own: NDArray[np.float32]) -> Encoding:
    """Columns that rise from 0 to 1, each between two neighbouring knots, and a column for a missing number."""
    lost = np.isnan(own)
    numbers = own[~lost].astype(np.float64)
    knots = np.unique(np.quantile(numbers, np.linspace(0.0, 1.0, KNOTS))) if len(numbers) else np.zeros(1)
    count = len(knots)
    table = np.zeros((count + 1, count))
    table[:count, : count - 1] = np.tri(count, count - 1, -1)
    table[-1, -1] = 1.0
    return Encoding(table, np.append(np.ones(count, bool), lost.any()), knots)


def _levels(levels: int, own: NDArray[np.float32], churned: NDArray[np.bool_]) -> Encoding:
    rows = np.where(np.isnan(own), levels + 1, own).astype(np.intp)
    seen = np.bincount(rows, minlength=levels + 2) > 0
    if levels <= ONE_HOT_UP_TO:
        return Encoding(np.eye(levels + 2), seen)
    plan = CategoricalEncoderPlan(one_hot_up_to=0)
    statistics = plan.statistics(levels, own, churned).astype(np.float64)[:, 0]
    statistics = np.where(np.isnan(statistics), 0.0, statistics - statistics[:levels].mean())
    missing = np.zeros(levels + 2)
    missing[-1] = 1.0
    return Encoding(np.stack([statistics, missing], axis=1), seen)
