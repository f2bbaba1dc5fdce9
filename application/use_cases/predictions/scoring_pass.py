"""One pass over a run's file: scores each batch, recommends actions, and writes the results."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from application.ports.intake import CustomerFiles, IntakeReport, Uploads
from application.ports.models import ModelRegistry, Recommender, Scorer
from application.ports.results import ResultStore, ResultWriter
from application.use_cases.files.history import AddHistory, EarlierFile, ScoredRows
from application.use_cases.files.recognition import (
    ids_must_be_known,
    of_run,
    remarks_on,
    remarks_on_ids,
    remarks_on_remembered,
)
from application.use_cases.jobs.heartbeat import Heartbeat
from application.use_cases.predictions.batch_scoring import BatchListener, BatchScoring
from application.use_cases.predictions.truth import remarks_on_truth, with_clear_truth
from domain.errors import FileRefused, UploadDamaged
from domain.file_format import FileFormat
from domain.formats import NO_CURRENCY, Formats, FormatsOf
from domain.history_kind import HistoryFound
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.progress import Progress, ScoringStage
from domain.recognition import ColumnRecognition, FileRecognition
from domain.run import Run, RunId, RunSummary, StopReport
from domain.run_month import month_of_run
from domain.schema import CustomerSchema
from domain.training_overlap import overlap_of


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, and the model, playbook and policy with which it is scored."""

    run: Run
    model: ModelVersion
    playbook: Playbook
    policy: InstallationPolicy
    earlier: tuple[EarlierFile, ...] = ()
    """Files in which earlier months are looked for, the preferred ones first."""


class Stopped(Exception):
    """The file turned out to be unusable while it was read. The run ends, and only the report on its file is kept."""

    def __init__(self, refusal: FileRefused, report: StopReport) -> None:
        super().__init__(str(refusal))
        self.refusal, self.report = refusal, report


@dataclass(frozen=True, slots=True)
class Drafts:
    """The unpublished files of one claim of a run. Nothing reads them, and other claims do not change them."""

    run_id: RunId
    uploads: Uploads
    rejected: Path
    writers: list[ResultWriter] = field(default_factory=list)

    def publish_result(self) -> None:
        """Publish result and rejected rows. Called in the transaction that stores the run as done."""
        self.writers[0].publish()
        self.publish_rejected()

    def publish_rejected(self) -> None:
        self.uploads.publish_rejected(self.run_id, self.rejected)

    def discard(self) -> None:
        """Delete the drafts. Published files stay."""
        for writer in self.writers:
            writer.abandon()
        self.rejected.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ScoringPass:
    """Scores a file from its first row to the prepared result and its summary.

    Raises Stopped for an unusable file, and an error with a question for one that a person has to be asked about.
    """

    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    registry: ModelRegistry
    recommender: Recommender
    formats_of: FormatsOf
    add_history: AddHistory

    def __call__(self, plan: Plan, drafts: Drafts, heartbeat: Heartbeat, on_batch: BatchListener | None) -> RunSummary:
        heartbeat(Progress(ScoringStage.RECOGNISING, of=_rows_expected(plan.run)), always=True)
        recognition, columns = self._recognised(plan)
        scorer = self.registry.scorer(plan.model.id)
        schema = columns.schema_of(plan.model.schema)
        reading = self.files.read(
            self.uploads.path(plan.run.id),
            schema=schema,
            match=columns.match,
            format=recognition.format,
            rejected=drafts.rejected,
            known_ids=scorer.known_ids,
            rivals=columns.id_rivals,
        )
        writer = self._writer(plan, schema, scorer)
        drafts.writers.append(writer)
        scoring = BatchScoring(scorer, self.recommender, writer, plan.playbook, plan.policy.economics, on_batch)
        formats = self.formats_of(NO_CURRENCY)
        try:
            rows = 0
            history: list[HistoryFound] = []
            batches = self.add_history.of_file(
                plan.model.schema,
                reading.batches(),
                _rows_of(plan.run, columns, self.uploads.path(plan.run.id)),
                earlier=plan.earlier,
                tell=history.append,
                on_batch=lambda: heartbeat(Progress(ScoringStage.SCORING, done=0, of=recognition.rows)),
            )
            for batch in batches:
                scoring.append(batch)
                rows += batch.rows
                heartbeat(Progress(ScoringStage.SCORING, rows, recognition.rows, writer.so_far(reading.rejected)))
            if rows == 0:
                raise FileRefused("The file has a header but no customer that can be read.")
            report = reading.report()
            ids_must_be_known(columns, plan.model.schema, recognition.header, report, formats)
            summary = _summed_up(plan, writer, report, rows, heartbeat)
        except FileRefused as refusal:
            raise _stopped(refusal, _stop_report(reading.report(), recognition)) from refusal
        summary = _with_data_report(with_clear_truth(summary, report), plan, recognition, columns, report, formats)
        return replace(summary, history=history[0] if history else None)

    def _writer(self, plan: Plan, schema: CustomerSchema, scorer: Scorer) -> ResultWriter:
        return self.results.writer(
            plan.run.id,
            schema=schema,
            playbook=plan.playbook,
            training_profile=scorer.profile,
            held_out=plan.model.evaluation,
            threshold=plan.run.threshold,
        )

    def _recognised(self, plan: Plan) -> tuple[FileRecognition, ColumnRecognition]:
        """Recognition of the run's upload, which has to be the file that was submitted."""
        path = self.uploads.path(plan.run.id)
        if path.is_file() and self.uploads.sha256(plan.run.id) != plan.run.file_sha256:
            raise UploadDamaged(plan.run.file_name)
        try:
            return of_run(self.files, path, plan.run, plan.model, self.formats_of(NO_CURRENCY))
        except FileRefused as refusal:
            raise _stopped(refusal, StopReport()) from refusal


def _rows_expected(run: Run) -> int | None:
    return run.recognition.rows if run.recognition else None


def _summed_up(plan: Plan, writer: ResultWriter, report: IntakeReport, rows: int, heartbeat: Heartbeat) -> RunSummary:
    so_far = writer.so_far(report.rejected)
    heartbeat(Progress(ScoringStage.SUMMING_UP, of=rows, so_far=so_far), always=True)
    return writer.prepare(
        report,
        threshold=plan.run.threshold,
        bands=plan.policy.bands,
        on_rows_written=lambda written: heartbeat(Progress(ScoringStage.SORTING, written, rows, so_far)),
    )


def _rows_of(run: Run, columns: ColumnRecognition, path: Path) -> ScoredRows:
    return ScoredRows(path, columns, month_of_run(run), run.format_override, dict(run.matches))


def _stopped(refusal: FileRefused, report: StopReport) -> Stopped | FileRefused:
    """A file about which a person can answer a question is kept."""
    return Stopped(refusal, report) if refusal.question is None else refusal


def _with_data_report(
    summary: RunSummary,
    plan: Plan,
    recognition: FileRecognition,
    columns: ColumnRecognition,
    report: IntakeReport,
    formats: Formats,
) -> RunSummary:
    """The summary with what the file report says about columns, format, rows and customers of the training."""
    match, model = columns.match, plan.model
    return replace(
        summary,
        columns_missing=match.missing,
        unmatched=match.unmatched,
        columns_matched=tuple((m.column, m.header) for m in match.matches if m.column != m.header),
        columns_extra=match.extra,
        format=_read_format(report, recognition),
        remarks=(
            *remarks_on(columns, model.schema, recognition.header),
            *remarks_on_remembered(columns, formats),
            *remarks_on_ids(columns, model.schema, report, formats),
            *report.remarks,
            *remarks_on_truth(report, formats),
        ),
        id_header=columns.id_header(model.schema) or "",
        duplicate_rows=report.duplicate_rows,
        overlap=overlap_of(
            model.evaluation,
            same_file=plan.run.file_sha256 == model.data_sha256,
            common_ids=report.common_ids,
            labelled=summary.truth is not None,
        ),
    )


def _stop_report(report: IntakeReport, recognition: FileRecognition) -> StopReport:
    return StopReport(report.rows, report.rejected, report.reasons, _read_format(report, recognition), report.blank)


def _read_format(report: IntakeReport, recognition: FileRecognition) -> FileFormat:
    """The recognised format with the encoding that the whole file turned out to have."""
    return replace(recognition.format, encoding=report.encoding or recognition.format.encoding)
