"""Scoring at the command line: the customers are written while they are scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.reports import TableExporter, TableForm
from application.use_cases.score_customers import ScoreRun
from application.use_cases.scoring_pass import BatchListener
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook
from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class ScoreToCsv:
    """Score a queued run and hand its customers on as CSV, in the file's order and raw, as programs read it."""

    score_run: ScoreRun
    tables: TableExporter

    def __call__(self, run_id: RunId, write: Callable[[bytes], object], *, with_input: bool = False) -> Run | None:
        """As `ScoreRun`. What was written of a run that did not end well is of no use."""

        def listen(run: Run, model: ModelVersion, playbook: Playbook, policy: InstallationPolicy) -> BatchListener:
            lines = self.tables.csv_while_scoring(
                TableForm(
                    schema=model.schema,
                    playbook=playbook,
                    threshold=run.threshold,
                    bands=policy.bands,
                    currency=policy.currency,
                    raw=True,
                    with_input=with_input,
                )
            )

            def hear(batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
                for piece in lines.pieces(batch, scored, recommended):
                    write(piece)

            return hear

        return self.score_run(run_id, listen=listen)
