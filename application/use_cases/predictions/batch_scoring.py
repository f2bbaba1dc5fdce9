"""The step that scoring and evaluating share: score a batch, recommend actions, and append both to the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.models import Recommender, Scorer
from application.ports.results import ResultWriter
from domain.playbook import Playbook
from domain.recommendation import Economics

BatchListener = Callable[[CustomerBatch, ScoredBatch, RecommendedBatch], None]
"""A callback that receives every scored batch, in file order."""


@dataclass(frozen=True, slots=True)
class BatchScoring:
    """What the batches of one file are scored with, and the result that they are appended to."""

    scorer: Scorer
    recommender: Recommender
    writer: ResultWriter
    playbook: Playbook
    economics: Economics
    on_batch: BatchListener | None = None

    def append(self, batch: CustomerBatch) -> None:
        scored = self.scorer.score(batch)
        recommended = self.recommender.recommend(
            batch, scored, schema=self.scorer.schema, playbook=self.playbook, economics=self.economics
        )
        self.writer.append(batch, scored, recommended)
        if self.on_batch:
            self.on_batch(batch, scored, recommended)
