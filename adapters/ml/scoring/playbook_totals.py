"""What another playbook would recommend to the customers of a stored run: customers and expected gain per action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from adapters.ml.scoring.recommender import ColumnarRecommender
from adapters.ml.scoring.stored_batches import as_batch
from application.ports.columns import CustomerColumns
from domain.playbook import Playbook
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
            batch, scored = as_batch(part, places, schema)
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
