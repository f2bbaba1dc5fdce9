"""Stored customers as a batch that was scored, for the recommender."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from application.ports.columns import CustomerBatch, CustomerColumns, ScoredBatch
from domain.prediction import REASONS_KEPT
from domain.schema import CustomerSchema


def as_batch(
    part: CustomerColumns, places: npt.NDArray[np.int64], schema: CustomerSchema
) -> tuple[CustomerBatch, ScoredBatch]:
    """Some stored customers as a batch that was scored: what the recommender reads of one."""
    table = part.data.take(pa.array(places))
    columns = {
        f"a:{name}": _encoded(table.column(f"a{place}").combine_chunks()) for place, name in enumerate(part.attributes)
    }
    position = {name: place for place, name in enumerate(schema.names)}
    stored_places = np.array([*(position.get(name, -1) for name in part.attributes), -1], dtype=np.int16)
    raises = np.column_stack(
        [stored_places[table.column(f"raise_{place}").to_numpy()] for place in range(1, REASONS_KEPT + 1)]
    )
    probability = table.column("probability").to_numpy()
    batch = CustomerBatch(len(places), pa.record_batch(columns))
    return batch, ScoredBatch(len(places), 0.0, probability, None, None, raises, None)


def _encoded(column: pa.Array) -> pa.Array:
    plain = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return column.dictionary_encode() if plain else column
