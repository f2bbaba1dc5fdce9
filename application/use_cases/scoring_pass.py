"""One pass over a run's file: each batch is scored, weighed and written, and nothing is read twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import CustomerFiles, FilePreview, IntakeReport, Uploads
from application.ports.models import ModelRegistry, Recommender, Scorer
from application.ports.results import ResultStore, ResultWriter
from application.use_cases.check_file import match_preview, problem_with, remarks_on
from application.use_cases.heartbeat import Heartbeat
from domain.errors import ColumnsUnknown, FileRefused, UploadDamaged
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook
from domain.run import Progress, Run, RunId, RunSummary, StopReport
from domain.schema import CustomerSchema, HeaderMatch, with_month_of

BatchListener = Callable[[CustomerBatch, ScoredBatch, RecommendedBatch], None]
"""Hears of every batch once it is scored, in the file's order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run and what it is scored with."""

    run: Run
    model: ModelVersion
    playbook: Playbook
    policy: InstallationPolicy


class Stopped(Exception):
    """The file turned out to be unusable while it was read: the run ends, and of the file its report alone is kept."""

    def __init__(self, refusal: FileRefused, report: StopReport) -> None:
        super().__init__(str(refusal))
        self.refusal, self.report = refusal, report


@dataclass(frozen=True, slots=True)
class Drafts:
    """What one claim writes for a run. Nobody reads it, and no other claim touches it, before it is published."""

    run_id: RunId
    uploads: Uploads
    rejected: Path
    writers: list[ResultWriter] = field(default_factory=list)

    def publish_result(self) -> None:
        """In the transaction that stores the run as done."""
        self.writers[0].publish()
        self.publish_rejected()

    def publish_rejected(self) -> None:
        self.uploads.publish_rejected(self.run_id, self.rejected)

    def discard(self) -> None:
        """What was published stays."""
        for writer in self.writers:
            writer.abandon()
        self.rejected.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ScoringPass:
    """From the file's first row to the prepared result and its summary. Raises Stopped."""

    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    registry: ModelRegistry
    recommender: Recommender

    def __call__(self, plan: Plan, drafts: Drafts, beat: Heartbeat, heard: BatchListener | None) -> RunSummary:
        beat(Progress(stage="Recognising the columns"), always=True)
        run = plan.run
        if self.uploads.path(run.id).is_file() and self.uploads.sha256(run.id) != run.file_sha256:
            raise UploadDamaged(run.file_name)
        preview, schema, match = self._recognised(plan)
        scorer = self.registry.scorer(plan.model.id)
        reading = self.files.read(
            self.uploads.path(run.id),
            schema=schema,
            match=match,
            format=preview.format,
            rejected=drafts.rejected,
        )
        writer = self.results.writer(run.id, schema=schema, playbook=plan.playbook, training_profile=scorer.profile)
        drafts.writers.append(writer)
        try:
            rows = 0
            for batch in reading.batches():
                rows += batch.rows
                self._append(batch, writer, scorer, plan, heard)
                beat(Progress("Scoring and explaining each customer", rows=rows, of=preview.rows))
            if rows == 0:
                raise FileRefused("The file has a header but no customer that can be read.")
            beat(Progress("Weighing the actions, summing up", rows=rows, of=rows), always=True)
            report = reading.report()
            summary = writer.prepare(report, threshold=run.threshold, bands=plan.policy.bands)
        except FileRefused as refusal:
            raise Stopped(refusal, _report_of(reading.report(), preview)) from refusal
        return replace(
            summary,
            columns_missing=match.missing,
            columns_matched=tuple((m.column, m.header) for m in match.matches if m.column != m.header),
            columns_extra=match.extra,
            format=replace(preview.format, encoding=report.encoding or preview.format.encoding),
            remarks=(*remarks_on(match), *report.remarks),
            duplicate_rows=report.duplicate_rows,
        )

    def _recognised(self, plan: Plan) -> tuple[FilePreview, CustomerSchema, HeaderMatch]:
        try:
            preview = self.files.preview(self.uploads.path(plan.run.id), plan.run.written)
            schema = with_month_of(plan.model.schema, preview.header)
            match = match_preview(schema, preview, dict(plan.run.matches))
            problem = problem_with(match, plan.model, preview.header)
            if problem:
                raise ColumnsUnknown(problem)
        except FileRefused as refusal:
            raise Stopped(refusal, StopReport()) from refusal
        return preview, schema, match

    def _append(
        self,
        batch: CustomerBatch,
        writer: ResultWriter,
        scorer: Scorer,
        plan: Plan,
        heard: BatchListener | None,
    ) -> None:
        scored = scorer.score(batch)
        recommended = self.recommender.recommend(
            batch,
            scored,
            schema=scorer.schema,
            playbook=plan.playbook,
            economics=plan.policy.economics,
        )
        writer.append(batch, scored, recommended)
        if heard:
            heard(batch, scored, recommended)


def _report_of(report: IntakeReport, preview: FilePreview) -> StopReport:
    written = replace(preview.format, encoding=report.encoding or preview.format.encoding)
    return StopReport(report.rows, report.rejected, report.reasons, written)
