"""Quality of a model on a labelled file, without storing anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from application.ports.intake import CustomerFiles, IntakeReport
from application.ports.models import ModelRegistry, Recommender, TruthJudge
from application.ports.results import ResultStore
from application.ports.system import Ids
from application.use_cases.access import NewUnitOfWork
from application.use_cases.check_file import problem_with
from application.use_cases.models import champion_for
from domain.errors import ColumnsUnknown, InvalidInput
from domain.model import ModelVersion
from domain.run import RunId, RunSummary
from domain.schema import match_header


@dataclass(frozen=True, slots=True)
class EvaluateModel:
    """Score a labelled file and compare with its truth; the scored customers are thrown away."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    results: ResultStore
    registry: ModelRegistry
    recommender: Recommender
    judge: TruthJudge
    ids: Ids

    def __call__(
        self, path: Path, *, model_id: str | None = None, progress: Callable[[int], None] | None = None
    ) -> tuple[ModelVersion, RunSummary]:
        """Raises InvalidInput where the file lacks the target."""
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
            playbook, policy = uow.playbooks.latest(), uow.policies.get()
        preview = self.files.preview(path)
        match = match_header(model.schema, preview.header)
        problem = problem_with(match, model, preview.header)
        if problem:
            raise ColumnsUnknown(problem)
        target = model.schema.target_column
        if target is None or match.position_of(target) is None:
            raise InvalidInput(
                f"The file has no column “{target}”: without the truth there is nothing to compare with."
            )
        scorer = self.registry.scorer(model.id)
        scratch = RunId(self.ids.new())
        writer = self.results.writer(scratch, schema=model.schema, playbook=playbook)
        try:
            reading = self.files.read(path, schema=model.schema, match=match, format=preview.format)
            rows = 0
            for batch in reading.batches():
                scored = scorer.score(batch)
                recommended = self.recommender.recommend(
                    batch, scored, schema=model.schema, playbook=playbook, economics=policy.economics
                )
                writer.append(batch, scored, recommended)
                rows += batch.rows
                if progress is not None:
                    progress(rows)
            report: IntakeReport = reading.report()
            summary = writer.finish(report, threshold=model.threshold, bands=policy.bands)
        finally:
            writer.abandon()
            self.results.discard(scratch)
        if summary.truth is None:
            raise InvalidInput(f"The column “{target}” holds neither {model.schema.positive_value} nor its opposite.")
        return model, summary
