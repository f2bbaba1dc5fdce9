"""What another playbook would recommend to the customers of a stored run: customers and expected gain per action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from adapters.ml.scoring.recommender import ColumnarRecommender
from application.ports.columns import CustomerBatch, CustomerColumns, ScoredBatch
from domain.playbook import Playbook
from domain.prediction import REASONS_KEPT
from domain.recommendation import Economics
from domain.run import ActionTotal
from domain.schema import CustomerSchema


class ColumnarPlaybookTotals:
    """Implements `application.ports.models.PlaybookTotals` with the recommender that scores files."""

    def of(
        self,
        stored: Iterable[CustomerColumns],
        playbooks: Sequence[Playbook],
        *,
        schema: CustomerSchema,
        economics: Economics,
        every: int = 1,
    ) -> list[tuple[ActionTotal, ...]]:
        counts = [np.zeros(len(playbook.actions), dtype=np.int64) for playbook in playbooks]
        gains = [np.zeros(len(playbook.actions)) for playbook in playbooks]
        recommender, before = ColumnarRecommender(), 0
        for part in stored:
            places = np.arange(-before % every, part.rows, every)
            before += part.rows
            batch, scored = _as_batch(part, places, schema)
            for count, gain, playbook in zip(counts, gains, playbooks, strict=True):
                best = recommender.recommend(batch, scored, schema=schema, playbook=playbook, economics=economics)
                taken = best.action >= 0
                count += np.bincount(best.action[taken], minlength=len(count))
                gain += np.bincount(best.action[taken], weights=best.gain[taken], minlength=len(gain))
        return [
            tuple(
                ActionTotal(action.id, action.name, int(count[place]) * every, float(gain[place]) * every)
                for place, action in enumerate(playbook.actions)
            )
            for playbook, count, gain in zip(playbooks, counts, gains, strict=True)
        ]


def _as_batch(
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
