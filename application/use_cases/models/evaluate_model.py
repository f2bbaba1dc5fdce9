"""Quality of a model on a labelled file, without storing anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.columns import CustomerBatch
from application.ports.intake import CustomerFiles, CustomerReading, IntakeReport
from application.ports.models import ModelRegistry, Recommender, Scorer
from application.ports.results import ResultStore
from application.ports.system import Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.history import AddHistory, scored_rows
from application.use_cases.files.recognition import ids_must_be_known, recognise_to_score
from application.use_cases.models.promotion import champion_for
from application.use_cases.permissions import NewUnitOfWork
from application.use_cases.predictions.batch_scoring import BatchScoring
from application.use_cases.predictions.truth import with_clear_truth
from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.formats import NO_CURRENCY, Formats, FormatsOf
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.recognition import ColumnRecognition
from domain.remembered_matches import RememberedMatch
from domain.run import RunId, RunSummary
from domain.schema import CustomerSchema
from domain.training_overlap import overlap_of


@dataclass(frozen=True, slots=True)
class TruthLabels:
    """The values of a file's target for customers who left and who stayed.

    Raises InvalidInput unless both are given.
    """

    left: tuple[str, ...]
    stayed: str | None

    def __post_init__(self) -> None:
        if not self.left or not self.stayed:
            raise InvalidInput("Name both the values that mean left and the value that means stayed.", field="truth")
        if self.stayed in self.left:
            raise InvalidInput("A value means either left or stayed, not both.", field="truth")

    def of(self, schema: CustomerSchema) -> CustomerSchema:
        return replace(schema, positive_value=self.left[0], further_positive=self.left[1:], negative_value=self.stayed)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a labelled file is scored with."""

    model: ModelVersion
    playbook: Playbook
    policy: InstallationPolicy
    labels: TruthLabels | None
    remembered: Sequence[RememberedMatch]

    def schema_of(self, columns: ColumnRecognition) -> CustomerSchema:
        """The schema of the file: the model's, with the file's own ids, months and values of the truth."""
        schema = columns.schema_of(self.model.schema)
        return self.labels.of(schema) if self.labels is not None else schema


def _settings(uow: UnitOfWork, model: ModelVersion, labels: TruthLabels | None) -> _Settings:
    return _Settings(model, uow.playbooks.latest(), uow.policies.get(), labels, uow.remembered_matches.all())


@dataclass(frozen=True, slots=True)
class EvaluateModel:
    """Scores a labelled file and compares the scores with its labels. The scored customers are not stored."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    results: ResultStore
    registry: ModelRegistry
    recommender: Recommender
    ids: Ids
    formats_of: FormatsOf
    add_history: AddHistory

    def __call__(
        self,
        path: Path,
        *,
        model_id: str | None = None,
        column_positions: dict[str, int] | None = None,
        format_override: FormatChoice | None = None,
        labels: TruthLabels | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[ModelVersion, RunSummary]:
        """`column_positions` and `format_override` are a person’s corrections of the recognition, and `labels` the
        values of this file for left and stayed, where they are not the model's.

        Raises FileRefused, ColumnsUnknown, or InvalidInput if the file lacks the target or its values are not
        understood.
        """
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
            settings = _settings(uow, model, labels)
        recognition, columns = recognise_to_score(
            self.files,
            path,
            model,
            sha256="",
            formats=self.formats_of(NO_CURRENCY),
            column_positions=column_positions,
            format_override=format_override,
            remembered=settings.remembered,
        )
        if not columns.labelled:
            raise InvalidInput(
                f"The file has no column “{model.schema.target_column}”: an evaluation compares scores with its values."
            )
        schema = settings.schema_of(columns)
        scorer = self.registry.scorer(model.id)
        reading = self.files.read(
            path,
            schema=schema,
            match=columns.match,
            format=recognition.format,
            known_ids=scorer.known_ids,
            rivals=columns.id_rivals,
        )
        rows = scored_rows(path, columns, format_override, (column_positions or {}) | columns.remembered)
        batches = self.add_history.of_file(model.schema, reading.batches(), rows)
        summary, report = self._scored(reading, batches, scorer, schema, settings, progress)
        formats = self.formats_of(NO_CURRENCY)
        ids_must_be_known(columns, model.schema, recognition.header, report, formats)
        _truth_must_be_clear(report, summary, schema, model.schema, formats)
        return model, _with_overlap(with_clear_truth(summary, report), report, model, _sha256(path))

    def _scored(
        self,
        reading: CustomerReading,
        batches: Iterable[CustomerBatch],
        scorer: Scorer,
        schema: CustomerSchema,
        settings: _Settings,
        progress: Callable[[int], None] | None,
    ) -> tuple[RunSummary, IntakeReport]:
        """Score the file into a temporary result, which is deleted. The summary and the file report remain."""
        scratch = RunId(self.ids.new())
        writer = self.results.writer(
            scratch, schema=schema, playbook=settings.playbook, held_out=settings.model.evaluation
        )
        scoring = BatchScoring(scorer, self.recommender, writer, settings.playbook, settings.policy.economics)
        try:
            rows = 0
            for batch in batches:
                scoring.append(batch)
                rows += batch.rows
                if progress is not None:
                    progress(rows)
            report = reading.report()
            return writer.finish(report, threshold=settings.model.threshold, bands=settings.policy.bands), report
        finally:
            writer.abandon()
            self.results.discard(scratch)


def _truth_must_be_clear(
    report: IntakeReport, summary: RunSummary, schema: CustomerSchema, trained: CustomerSchema, formats: Formats
) -> None:
    """Raises InvalidInput of the field `truth` if the values of the target are not understood."""
    if report.truth is not None and not report.truth.is_clear:
        raise InvalidInput(
            f"{report.truth.remark(formats)} The model knows “{trained.target_column}” as “{schema.negative_value}” "
            f"for stayed and {_quoted(schema.positive_values)} for left.",
            field="truth",
        )
    if summary.truth is None:
        raise InvalidInput(
            f"No value in the column “{trained.target_column}” says whether the customer left: expected "
            f"“{trained.positive_value}” or its opposite.",
            field="truth",
        )


def _with_overlap(summary: RunSummary, report: IntakeReport, model: ModelVersion, file_sha256: str) -> RunSummary:
    overlap = overlap_of(
        model.evaluation,
        same_file=file_sha256 == model.data_sha256,
        common_ids=report.common_ids,
        labelled=True,
    )
    return replace(summary, overlap=overlap)


def _quoted(values: Sequence[str]) -> str:
    return " or ".join(f"“{value}”" for value in values)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
