"""What a playbook would recommend to stored customers: customers and expected gain per action, and an example."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapters.ml.scoring.recommender import ColumnarRecommender
from adapters.ml.scoring.stored_batches import as_batch
from application.ports.columns import CustomerBatch, CustomerColumns, ScoredBatch
from application.ports.models import ExampleCustomer
from domain.playbook import Action, Playbook
from domain.recommendation import Economics
from domain.run import ActionTotal
from domain.schema import CustomerSchema

AT_ONCE = 2_000
"""Customers among whom an example is looked for before the next ones are."""


class ColumnarPlaybookTrial:
    """Implements `application.ports.models.PlaybookTrial` with the recommender that scores files."""

    def totals(
        self,
        sample: CustomerColumns,
        playbooks: Sequence[Playbook],
        *,
        schema: CustomerSchema,
        economics: Economics,
        every: int,
    ) -> list[tuple[ActionTotal, ...]]:
        batch, scored = as_batch(sample, np.arange(sample.rows), schema)
        totals = []
        for playbook in playbooks:
            best = ColumnarRecommender().recommend(batch, scored, schema=schema, playbook=playbook, economics=economics)
            taken = best.action >= 0
            counts = np.bincount(best.action[taken], minlength=len(playbook.actions)).tolist()
            gains = np.bincount(best.action[taken], weights=best.gain[taken], minlength=len(playbook.actions)).tolist()
            totals.append(
                tuple(
                    ActionTotal(action.id, action.name, count * every, gain * every)
                    for action, count, gain in zip(playbook.actions, counts, gains, strict=True)
                )
            )
        return totals

    def example(
        self,
        sample: CustomerColumns,
        action: Action,
        playbook: Playbook,
        *,
        schema: CustomerSchema,
        economics: Economics,
    ) -> ExampleCustomer | None:
        offered = None
        for start in range(0, sample.rows, AT_ONCE):
            places = np.arange(start, min(start + AT_ONCE, sample.rows))
            batch, scored = as_batch(sample, places, schema)
            best = ColumnarRecommender().recommend(batch, scored, schema=schema, playbook=playbook, economics=economics)
            recommended = [place for place, own in enumerate(playbook.actions) if own.id == action.id]
            for place in np.flatnonzero(np.isin(best.action, recommended))[:1].tolist():
                return _customer(batch, scored, place, schema, best=True)
            if offered is None:
                alone = Playbook(playbook.version, (action,))
                (gain,), _ = ColumnarRecommender().gains(
                    batch, scored, schema=schema, playbook=alone, economics=economics
                )
                for place in np.flatnonzero(gain > -np.inf)[:1].tolist():
                    offered = _customer(batch, scored, place, schema, best=False)
        return offered


def _customer(
    batch: CustomerBatch, scored: ScoredBatch, place: int, schema: CustomerSchema, *, best: bool
) -> ExampleCustomer:
    (cells,) = batch.data.slice(place, 1).to_pylist()
    attributes = {name.removeprefix("a:"): value for name, value in cells.items()}
    revenue = attributes.get(schema.revenue_column or "")
    return ExampleCustomer(
        attributes, float(scored.probability[place]), revenue if isinstance(revenue, float) else None, best
    )
