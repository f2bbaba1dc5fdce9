"""Stored customers as a batch that was scored, for the recommender."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from adapters.ml.scoring.encoding import PREFIX
from application.ports.columns import CustomerBatch, CustomerColumns, ScoredBatch
from domain.prediction import REASONS_KEPT
from domain.schema import CustomerSchema


def as_batch(
    part: CustomerColumns, places: npt.NDArray[np.int64], schema: CustomerSchema
) -> tuple[CustomerBatch, ScoredBatch]:
    """Some stored customers as a batch that was scored: what the recommender reads of one."""
    table = part.data.take(pa.array(places))
    position = {name: place for place, name in enumerate(schema.names)}
    stored_places = np.array([*(position.get(name, -1) for name in part.attributes), -1], dtype=np.int16)
    raises = np.column_stack(
        [stored_places[table.column(f"raise_{place}").to_numpy()] for place in range(1, REASONS_KEPT + 1)]
    )
    probability = table.column("probability").to_numpy()
    batch = CustomerBatch(len(places), attributes_in(table, part.attributes))
    return batch, ScoredBatch(len(places), 0.0, probability, None, None, raises, None)


def attributes_in(table: pa.Table, attributes: Sequence[str]) -> pa.RecordBatch:
    """The attributes of stored customers as a batch names them."""
    return pa.record_batch(
        {
            f"{PREFIX}{name}": _encoded(table.column(f"a{place}").combine_chunks())
            for place, name in enumerate(attributes)
        }
    )


def _encoded(column: pa.Array) -> pa.Array:
    plain = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return column.dictionary_encode() if plain else column
