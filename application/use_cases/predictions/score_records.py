"""Scores customers that a program sends as records, at once and without storing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from application.ports.columns import CustomerBatch
from application.ports.intake import CustomerFiles, FilePreview, IntakeReport
from application.ports.models import ModelRegistry, Recommender
from application.ports.records import CustomerRecords, Record
from application.ports.results import ScoredCustomer
from application.ports.system import Ids
from application.use_cases.files.history import AddHistory, ScoredRows
from application.use_cases.files.recognition import recognise_to_score, recognised_columns
from application.use_cases.models.promotion import champion_for
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.errors import FileRefused, InvalidInput
from domain.file_format import FileFormat, FormatChoice
from domain.formats import NO_CURRENCY, FormatsOf
from domain.header_matching import HeaderMatch, MatchKind
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.records import MAX_RECORDS, RecordsRefused, checked_header
from domain.schema import CustomerSchema

AS_WRITTEN_BY_PROGRAMS = FormatChoice(encoding="utf-8", delimiter=",", decimal=".")


@dataclass(frozen=True, slots=True)
class ScoredRecords:
    """The customers in the order of the records, and what they were scored with."""

    model: ModelVersion
    playbook: Playbook
    policy: InstallationPolicy
    customers: tuple[ScoredCustomer, ...]
    missing: tuple[str, ...]
    """Columns of the model that no record has."""


@dataclass(frozen=True, slots=True)
class ScoreRecords:
    """Scores records as the same rows of a file are scored: recognised, cast and recommended by the same rules.

    Where no cell is in doubt, no file is written. Raises RecordsRefused for records that a file's reading would
    reject, and otherwise what submitting a file raises; `NoModel` without a model.
    """

    new_uow: NewUnitOfWork
    records: CustomerRecords
    files: CustomerFiles
    registry: ModelRegistry
    recommender: Recommender
    add_history: AddHistory
    formats_of: FormatsOf
    ids: Ids
    scratch: Path

    def __call__(self, records: Sequence[Record], *, by: Account, model_id: str | None = None) -> ScoredRecords:
        by.must_be_able_to(Permission.PREDICT)
        if not 1 <= len(records) <= MAX_RECORDS:
            raise InvalidInput(f"Send between 1 and {MAX_RECORDS} records.", field="records")
        header = checked_header([name for record in records for name in record])
        with self.new_uow() as uow:
            model, playbook, policy = champion_for(uow, model_id), uow.playbooks.latest(), uow.policies.get()
        match = exact_match(model, header)
        batch = None if match is None else self.records.batch(records, header, schema=model.schema, match=match)
        if batch is not None and match is not None:
            return self._scored([batch], model, model.schema, match.missing, playbook, policy)
        return self._of_file(records, header, model, playbook, policy)

    def _of_file(
        self,
        records: Sequence[Record],
        header: Sequence[str],
        model: ModelVersion,
        playbook: Playbook,
        policy: InstallationPolicy,
    ) -> ScoredRecords:
        """The records as a file, read as any file is."""
        draft, rejected = (self.scratch / f"{self.ids.new()}{ending}" for ending in (".csv", ".rejected.csv"))
        try:
            self.records.write(records, header, draft)
            recognition, columns = recognise_to_score(
                self.files,
                draft,
                model,
                sha256="",
                formats=self.formats_of(NO_CURRENCY),
                format_override=AS_WRITTEN_BY_PROGRAMS,
                ask_matches=True,
            )
            schema = columns.schema_of(model.schema)
            reading = self.files.read(
                draft, schema=schema, match=columns.match, format=recognition.format, rejected=rejected
            )
            try:
                found = list(
                    self.add_history.of_file(model.schema, reading.batches(), ScoredRows(draft, columns, None))
                )
            except FileRefused:
                self._refuse_rejected(records, header, rejected, reading.report())
                raise
            self._refuse_rejected(records, header, rejected, reading.report())
            return self._scored(found, model, schema, columns.match.missing, playbook, policy)
        finally:
            draft.unlink(missing_ok=True)
            rejected.unlink(missing_ok=True)

    def _refuse_rejected(
        self, records: Sequence[Record], header: Sequence[str], rejected: Path, report: IntakeReport
    ) -> None:
        if report.rejected:
            raise RecordsRefused(self.records.problems(rejected, records, header))

    def _scored(
        self,
        batches: Sequence[CustomerBatch],
        model: ModelVersion,
        schema: CustomerSchema,
        missing: tuple[str, ...],
        playbook: Playbook,
        policy: InstallationPolicy,
    ) -> ScoredRecords:
        scorer, customers = self.registry.scorer(model.id), list[ScoredCustomer]()
        for batch in batches:
            scored = scorer.score(batch)
            recommended = self.recommender.recommend(
                batch, scored, schema=schema, playbook=playbook, economics=policy.economics
            )
            customers += self.records.customers(
                batch,
                scored,
                recommended,
                schema=scorer.schema,
                playbook=playbook,
                threshold=model.threshold,
                bands=policy.bands,
            )
        return ScoredRecords(model, playbook, policy, tuple(customers), missing)


def exact_match(model: ModelVersion, header: Sequence[str]) -> HeaderMatch | None:
    """How columns fit the model whose names are all exactly the model's; None for all others, whose values count."""
    if not set(header) <= set(model.schema.needed) or model.schema.id_column not in header:
        return None
    preview = FilePreview(FileFormat(), tuple(header), (), 0)
    match = recognised_columns(model.schema, model.id, preview, None).match
    exact = all(own.kind is MatchKind.EXACT for own in match.matches)
    return match if exact and not match.missing and not match.ambiguous else None
