"""A profile of the training data, for detecting drift later."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.joint_drift import MAX_SAMPLE, sample_size
from domain.schema import CustomerSchema
from domain.shift import MIN_PSI_CUSTOMERS
from domain.training_profile import ColumnProfile, TrainingProfile

Counts = NDArray[np.int64]
Codes = NDArray[np.uint8]

SAMPLE_SEED = 7_043

DECILES = 10
MAX_LEVELS = 50
"""Levels that are counted one by one. The others are counted together with unknown levels."""


def to_document(profile: TrainingProfile) -> dict[str, Any]:
    """The profile as lists, numbers and text, for JSON."""
    return {
        "rows": profile.rows,
        "columns": [
            {
                "column": column.column,
                "counts": list(column.counts),
                "edges": list(column.edges),
                "levels": list(column.levels),
            }
            for column in profile.columns
        ],
        "sample": base64.b64encode(zlib.compress(profile.sample, 9)).decode(),
    }


def from_document(document: Mapping[str, Any]) -> TrainingProfile:
    """Raises KeyError or TypeError for a document that `to_document` did not create."""
    return TrainingProfile(
        int(document["rows"]),
        tuple(
            ColumnProfile(
                str(column["column"]),
                tuple(int(count) for count in column["counts"]),
                tuple(float(edge) for edge in column["edges"]),
                tuple(str(level) for level in column["levels"]),
            )
            for column in document["columns"]
        ),
        _sample_of(document),
    )


def _sample_of(document: Mapping[str, Any]) -> bytes:
    """Profiles of earlier versions have no sample."""
    most = MAX_SAMPLE * max(1, len(document["columns"]))
    return zlib.decompressobj().decompress(base64.b64decode(document.get("sample", "")), most)


def profile_of(table: pa.Table | pa.RecordBatch, schema: CustomerSchema) -> TrainingProfile:
    """The profile of training customers, from the columns of a customer batch (`a:<name>`, see CustomerBatch).

    Numeric columns are float64, others dictionary or plain text. Raises KeyError if an attribute is missing.
    """
    columns = tuple(
        column_profile(
            column.name,
            table.column(f"a:{column.name}"),
            numeric=column.kind.is_number,
            levels=column.levels,
        )
        for column in schema.columns
    )
    return TrainingProfile(table.num_rows, columns, _sample(table, columns).tobytes())


def _sample(table: pa.Table | pa.RecordBatch, columns: Sequence[ColumnProfile]) -> Codes:
    """Bins of rows drawn at random, in random order (rows, columns)."""
    drawn = np.random.default_rng(SAMPLE_SEED).permutation(table.num_rows)[: sample_size(table.num_rows, len(columns))]
    return codes_in(columns, table.take(pa.array(drawn)))


def codes_in(columns: Sequence[ColumnProfile], table: pa.Table | pa.RecordBatch) -> Codes:
    """The bin of every customer in every column (rows, columns), as `counts_in` counts them."""
    codes = np.zeros((table.num_rows, len(columns)), np.uint8)
    for place, column in enumerate(columns):
        values = table.column(f"a:{column.column}")
        codes[:, place] = _number_codes(values, column.edges) if column.numeric else _level_codes(values, column.levels)
    return codes


def learned_codes(profile: TrainingProfile) -> Codes:
    """The bins of the sampled customers of the training (rows, columns)."""
    return np.frombuffer(profile.sample, np.uint8).reshape(-1, max(1, len(profile.columns)))


def column_profile(name: str, column: Any, *, numeric: bool, levels: tuple[str, ...]) -> ColumnProfile:
    """The profile of one Arrow column: float64, or dictionary or plain text."""
    values = _one_array(column)
    if numeric:
        edges = _decile_edges(_numbers(values))
        return ColumnProfile(name, _plain(_count_numbers(values, edges)), edges=edges)
    watched = levels[:MAX_LEVELS] or ("",)
    return ColumnProfile(name, _plain(_count_levels(values, watched)), levels=watched)


def counts_in(profile: ColumnProfile, column: Any) -> Counts:
    """Counts of an Arrow column (float64, or dictionary or plain text) in the bins of a profile."""
    return _count_numbers(column, profile.edges) if profile.numeric else _count_levels(column, profile.levels)


def psi(expected: Sequence[int] | Counts, actual: Sequence[int] | Counts) -> float | None:
    """Population stability index Σ(a−e)·ln(a/e) over equally long counts; None if there are too few customers.

    Each bin is smoothed by half a customer, so that an empty bin does not make the index infinite.
    """
    if sum(actual) < MIN_PSI_CUSTOMERS or sum(expected) <= 0:
        return None
    e, a = _shares(np.asarray(expected, float)), _shares(np.asarray(actual, float))
    value = float(((a - e) * np.log(a / e)).sum())
    return value if math.isfinite(value) else None


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return shares


def _decile_edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    inner = np.quantile(known, np.arange(1, DECILES) / DECILES, method="inverted_cdf")
    return tuple(float(edge) for edge in np.unique(inner) if edge > known.min())


def _number_codes(column: Any, edges: Sequence[float]) -> NDArray[np.intp]:
    values = _numbers(column)
    bins = np.searchsorted(np.asarray(edges), values, side="right")
    return np.where(np.isfinite(values), bins, len(edges) + 2)


def _count_numbers(column: Any, edges: Sequence[float]) -> Counts:
    values = _numbers(column)
    known = values[np.isfinite(values)]
    bins = np.searchsorted(np.asarray(edges), known, side="right")
    inside = np.bincount(bins, minlength=len(edges) + 1)
    return np.append(inside, (0, len(values) - len(known)))


def _count_levels(column: Any, levels: Sequence[str]) -> Counts:
    return np.bincount(_level_codes(column, levels), minlength=len(levels) + 2)


def _level_codes(column: Any, levels: Sequence[str]) -> NDArray[np.int64]:
    source = _one_array(column)
    if not pa.types.is_dictionary(source.type):
        source = source.dictionary_encode()
    places = {level: place for place, level in enumerate(levels)}
    table = np.array(
        [*(places.get(text, len(levels)) for text in source.dictionary.to_pylist()), len(levels) + 1], dtype=np.int64
    )
    codes = source.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)
    own: NDArray[np.int64] = table[codes]
    return own


def _numbers(column: Any) -> NDArray[np.float64]:
    return np.asarray(_one_array(column).to_numpy(zero_copy_only=False), dtype=np.float64)


def _one_array(column: Any) -> Any:
    return column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _plain(counts: Counts) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)
