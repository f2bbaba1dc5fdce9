"""Test customers drawn from a schema. A stored model must reproduce their probabilities when it is loaded."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapters.ml.scoring.encoding import PREFIX
from domain.schema import Column, CustomerSchema

GOLDEN_ROWS = 32
GOLDEN_TOLERANCE = 1e-6
NEVER_SEEN = "a level that training never saw"


def draw_golden(schema: CustomerSchema, *, seed: int) -> list[list[Any]]:
    """Rows of values in schema order: numbers in the trained range and any level, some unknown, some missing."""
    draw = np.random.default_rng(seed)
    return [[_value(column, draw) for column in schema.columns] for _ in range(GOLDEN_ROWS)]


def golden_batch(schema: CustomerSchema, rows: list[list[Any]]) -> Any:
    """The rows as an Arrow record batch."""
    import pyarrow as pa

    names, arrays = [], []
    for place, column in enumerate(schema.columns):
        values = [row[place] for row in rows]
        names.append(PREFIX + column.name)
        if column.kind.is_number:
            arrays.append(pa.array(values, pa.float64()))
        else:
            arrays.append(pa.array(values, pa.string()).dictionary_encode())
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _value(column: Column, draw: np.random.Generator) -> Any:
    kind, place = draw.random(2)
    if kind < 0.05:
        return None
    if column.kind.is_number:
        low, high = column.minimum or 0.0, column.maximum or 0.0
        return float(low + place * (high - low))
    return NEVER_SEEN if kind < 0.10 else column.levels[int(place * len(column.levels))]
