"""What the training data looked like, to tell later whether the customers have changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.schema import ColumnKind, CustomerSchema

Counts = NDArray[np.int64]

DECILES = 10
MOST_LEVELS = 50
"""Levels that are watched one by one; the rest is counted together with levels never seen."""
FEWEST_CUSTOMERS = 200
"""Customers below which a shift is noise: no PSI."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One attribute in training. `counts`: customers in each bin, then others ("new"), then missing.

    Numeric: `edges` are the inner decile edges, rising; a bin is [edge, next edge). Text: one bin for each of `levels`.
    """

    column: str
    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        return not self.levels

    @property
    def missing_share(self) -> float:
        total = sum(self.counts)
        return self.counts[-1] / total if total else 0.0

    def count(self, column: Any) -> Counts:
        """How an Arrow column (float64, or dictionary of text) falls into the bins of this profile."""
        return _count_numbers(column, self.edges) if self.numeric else _count_levels(column, self.levels)


@dataclass(frozen=True, slots=True)
class TrainingProfile:
    """All attributes in training, in schema order."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def of(self, column: str) -> ColumnProfile | None:
        return next((profile for profile in self.columns if profile.column == column), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and text, for JSON."""
        return {
            "rows": self.rows,
            "columns": [
                {
                    "column": profile.column,
                    "counts": list(profile.counts),
                    "edges": list(profile.edges),
                    "levels": list(profile.levels),
                }
                for profile in self.columns
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrainingProfile:
        """Raises KeyError or TypeError for what `to_dict` did not make."""
        return cls(
            int(data["rows"]),
            tuple(
                ColumnProfile(
                    str(column["column"]),
                    tuple(int(count) for count in column["counts"]),
                    tuple(float(edge) for edge in column["edges"]),
                    tuple(str(level) for level in column["levels"]),
                )
                for column in data["columns"]
            ),
        )


def profile_of(table: pa.Table | pa.RecordBatch, schema: CustomerSchema) -> TrainingProfile:
    """The profile of training customers given as a customer batch's columns (`a:<name>`, see CustomerBatch).

    Numeric columns as float64; others as dictionary or plain text. Raises KeyError where an attribute is missing.
    """
    columns = tuple(
        column_profile(
            column.name,
            table.column(f"a:{column.name}"),
            numeric=column.kind is ColumnKind.NUMERIC,
            levels=column.levels,
        )
        for column in schema.columns
    )
    return TrainingProfile(table.num_rows, columns)


def column_profile(name: str, column: Any, *, numeric: bool, levels: tuple[str, ...]) -> ColumnProfile:
    """Of one Arrow column: float64, or dictionary or plain text."""
    values = _one_array(column)
    if numeric:
        edges = _decile_edges(_numbers(values))
        return ColumnProfile(name, _plain(_count_numbers(values, edges)), edges=edges)
    watched = levels[:MOST_LEVELS] or ("",)
    return ColumnProfile(name, _plain(_count_levels(values, watched)), levels=watched)


def psi(expected: Sequence[int] | Counts, actual: Sequence[int] | Counts) -> float | None:
    """Population stability index Σ(a−e)·ln(a/e) over equally long counts; None below 200 customers.

    Shares are smoothed by half a customer in each bin, so that an empty bin counts without being infinite.
    """
    if sum(actual) < FEWEST_CUSTOMERS or sum(expected) <= 0:
        return None
    e, a = _shares(np.asarray(expected, float)), _shares(np.asarray(actual, float))
    value = float(((a - e) * np.log(a / e)).sum())
    return value if math.isfinite(value) else None


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return (counts + 0.5) / (counts.sum() + 0.5 * len(counts))


def _decile_edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    inner = np.quantile(known, np.arange(1, DECILES) / DECILES, method="inverted_cdf")
    return tuple(float(edge) for edge in np.unique(inner) if edge > known.min())


def _count_numbers(column: Any, edges: Sequence[float]) -> Counts:
    values = _numbers(column)
    known = values[np.isfinite(values)]
    bins = np.searchsorted(np.asarray(edges), known, side="right")
    inside = np.bincount(bins, minlength=len(edges) + 1)
    return np.append(inside, (0, len(values) - len(known)))


def _count_levels(column: Any, levels: Sequence[str]) -> Counts:
    source = _one_array(column)
    if not pa.types.is_dictionary(source.type):
        source = source.dictionary_encode()
    places = {level: place for place, level in enumerate(levels)}
    table = np.array(
        [*(places.get(text, len(levels)) for text in source.dictionary.to_pylist()), len(levels) + 1], dtype=np.int64
    )
    codes = source.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)
    return np.bincount(table[codes], minlength=len(levels) + 2)


def _numbers(column: Any) -> NDArray[np.float64]:
    return np.asarray(_one_array(column).to_numpy(zero_copy_only=False), dtype=np.float64)


def _one_array(column: Any) -> Any:
    return column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _plain(counts: Counts) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)
