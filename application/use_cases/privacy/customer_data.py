"""Exports or erases all data about one customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from application.ports.exports import ExportStore
from application.ports.intake import CustomerFiles, StoredUpload, Uploads
from application.ports.leftovers import Leftovers
from application.ports.models import ModelRegistry
from application.ports.predictions import Contact
from application.ports.results import Rescore, ResultStore, ScoredCustomer
from application.ports.runs import RunQuery
from application.ports.stored_files import FileHash, FileKind
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.upload_jobs import end_abandoned, run_of, training_of
from application.use_cases.labels.labelling import discard_all
from application.use_cases.maintenance.leftovers import listed_files
from application.use_cases.permissions import NewUnitOfWork, note
from application.use_cases.predictions.undo import FinishRunDeletions
from application.use_cases.privacy.membership_data import membership_data, reason_data
from domain import redaction
from domain.account import Permission
from domain.actor import Actor
from domain.customer import checked_id
from domain.customer_query import CustomerQuery
from domain.do_not_contact import Entry
from domain.errors import Conflict, ModelNotFound, ModelUnreadable, ResultDamaged, ResultMissing
from domain.file_format import FormatChoice
from domain.id_matching import NUMBERED
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.prediction import BandLimits
from domain.question import Subject
from domain.run import JobState, Run, RunId, RunSummary
from domain.vocabulary.columns import CUSTOMER_ID_NAMES


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: rows in results, entries in contact lists, rewritten files, and memberships of campaigns."""

    results: int
    contacts: int
    files: int
    stays_listed: bool = False
    """Whether the customer's id stays on the do-not-contact list."""
    campaigns: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.results or self.contacts or self.files or self.campaigns)


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Erases one customer from results, contact lists, uploads, rejected rows, exports and partial files.

    In other customers' rows and in the examples of a prediction's report, the customer's id is redacted. Totals of
    finished predictions do not change: they are counts of many customers, not data of one. Of campaigns the figures
    stay, without id, reasons, message, note and history. A customer who must not be contacted stays on that list, with
    the id and the date alone. Safe to repeat.
    """

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    registry: ModelRegistry
    exports: ExportStore
    storage: Storage
    leftovers: Leftovers
    clock: Clock
    finish_run_deletions: FinishRunDeletions
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, customer_id: str, *, by: Actor) -> Erased:
        """Raises Conflict while anything is being scored or trained: a running job could store the customer again."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        customer_id = checked_id(customer_id)
        self.finish_run_deletions(at_once=True)  # nothing that is erased comes back by undoing a deletion
        with self.new_uow() as uow:
            if end_abandoned(uow, self.clock.now(), self.liveness):
                uow.commit()
            if uow.runs.unfinished() or uow.trainings.unfinished():
                raise Conflict("A prediction or a training is under way. Wait until it is done, or cancel it first.")
            if uow.tasks.unfinished():
                raise Conflict("A campaign or a prediction is being worked out. Wait until that is done.")
            runs = uow.runs.find(RunQuery(states=(JobState.DONE,), limit=None, also_deleted=True)).runs
            listed = listed_files(uow)
            columns = {
                upload_id: id_columns_of(uow, self.files, self.uploads, upload_id) for upload_id in self.uploads.ids()
            }
        self._forget_unfinished()
        unlisted = [item for item in self.leftovers.stored() if not listed.lists(item)]
        unseen = self.leftovers.erase_customer(customer_id, unlisted, id_columns=CUSTOMER_ID_NAMES)
        fingerprints: dict[RunId, str] = {}
        rows = sum(self._from_results(run, customer_id, fingerprints) for run in runs)
        rewritten = {upload_id: self._from_file(upload_id, customer_id, columns[upload_id]) for upload_id in columns}
        with self.new_uow() as uow:
            for run_id, sha256 in fingerprints.items():
                uow.hashes.settle(FileHash(FileKind.RESULTS, run_id, sha256))
            for upload_id, stored in rewritten.items():
                if stored is not None and stored.sha256 in uow.hashes.of(FileKind.UPLOAD, upload_id):
                    take_over(uow, upload_id, stored)
            contacts = uow.predictions.erase_customer(customer_id)
            campaigns = uow.campaigns.erase_customer(customer_id)
            stays_listed = uow.do_not_contact.erase_customer(customer_id)
            _forget_mentions(uow, customer_id)
            uow.searches.forget_all()  # any search may hold the id, and searches are quickly typed again
            note(uow, self.clock, by, "erased a customer")
            uow.commit()
        lists = sum(self._from_rejected(upload_id, customer_id) for upload_id in columns)
        self.storage.forget_deleted()
        files = unseen + lists + sum(stored is not None for stored in rewritten.values())
        return Erased(rows, contacts, files, stays_listed, campaigns)

    def _forget_unfinished(self) -> None:
        """Delete exports, files of labellings and partial files. They can be created or sent again in seconds."""
        self.exports.clear()
        discard_all(self.uploads)
        self.results.forget_unfinished()
        self.uploads.forget_drafts()
        self.uploads.sweep_unfinished()

    def _from_results(self, run: Run, customer_id: str, fingerprints: dict[RunId, str]) -> int:
        def accept(sha256: str) -> None:
            self._accept(FileHash(FileKind.RESULTS, run.id, sha256))
            fingerprints[run.id] = sha256

        try:
            return self.results.erase_customer(run.id, customer_id, rescore=self._model_of(run), accept=accept)
        except ResultMissing:
            return 0
        except ResultDamaged:  # the result is unusable, and its other content cannot be checked
            self.results.discard(run.id)
            return 0

    def _accept(self, accepted: FileHash) -> None:
        """Record the new hash. Called before the file is replaced, so that no interruption leaves an unknown hash."""
        with self.new_uow() as uow:
            uow.hashes.accept(accepted)
            uow.commit()

    def _model_of(self, run: Run) -> Rescore | None:
        """The model's scoring function; None if the model was deleted or is damaged. Erasing works without it."""
        try:
            return self.registry.scorer(run.model_version).score
        except (ModelNotFound, ModelUnreadable):
            return None

    def _from_file(self, upload_id: str, customer_id: str, id_columns: Sequence[str]) -> StoredUpload | None:
        """Erase the customer from an upload.

        A file that was damaged before keeps its old hash, so that checks still find it.
        """
        path = self.uploads.path(upload_id)
        if not path.is_file():
            return None
        with self.new_uow() as uow:
            record = uow.uploads.get(upload_id)
            choice = format_choice_of(uow, upload_id)
        sound = record is not None and record.sha256 == self.uploads.sha256(upload_id)

        def accept(stored: StoredUpload) -> None:
            if sound:
                self._accept(FileHash(FileKind.UPLOAD, upload_id, stored.sha256, stored.size))

        return self.files.erase_customer(path, customer_id, id_columns=id_columns, accept=accept, choice=choice)

    def _from_rejected(self, upload_id: str, customer_id: str) -> bool:
        path = self.uploads.rejected_path(upload_id)
        return path.is_file() and self.files.erase_rejected(path, customer_id)


def id_columns_of(uow: UnitOfWork, files: CustomerFiles, uploads: Uploads, upload_id: str) -> tuple[str, ...]:
    """Possible names of the id column of an upload: a person's choice, its model's column, then the usual names."""
    names: list[str] = []
    run, training = run_of(uow, upload_id), training_of(uow, upload_id)
    model_id = run.model_version if run else training.version if training else None
    schema = _schema_id(uow, model_id) if model_id else None
    if run and schema:
        names += _confirmed(files, uploads, run, schema)
    if run and run.question and run.question.about is Subject.CUSTOMER:
        names += [choice.words for choice in run.question.choices if choice.value != str(NUMBERED)]
    if run and run.summary and run.summary.id_header:
        names.append(run.summary.id_header)
    if training and training.request.id_column:
        names.append(training.request.id_column)
    if schema:
        names.append(schema)
    return (*names, *CUSTOMER_ID_NAMES)


def format_choice_of(uow: UnitOfWork, upload_id: str) -> FormatChoice:
    """What a person chose as the format of an upload."""
    run, training = run_of(uow, upload_id), training_of(uow, upload_id)
    if run is not None:
        return run.format_override
    return training.request.format_override if training is not None else FormatChoice()


def _confirmed(files: CustomerFiles, uploads: Uploads, run: Run, schema_id: str) -> list[str]:
    """The header that a person confirmed as the id column."""
    position = dict(run.matches).get(schema_id)
    if position is None or not uploads.path(run.id).is_file():
        return []
    stored = run.recognition
    header = stored.header if stored else files.preview(uploads.path(run.id), run.format_override).header
    return [header[position]] if 0 <= position < len(header) else []


def _schema_id(uow: UnitOfWork, model_id: str) -> str | None:
    try:
        return uow.models.get(model_id).schema.id_column
    except ModelNotFound:
        return None


def take_over(uow: UnitOfWork, upload_id: str, stored: StoredUpload) -> None:
    """Store the rewritten file's hash and size in its upload, run and training records."""
    uow.hashes.remove(FileKind.UPLOAD, upload_id)
    record = uow.uploads.get(upload_id)
    if record is not None:
        uow.uploads.remove(upload_id)
        uow.uploads.add(replace(record, sha256=stored.sha256, size=stored.size))
    run, training = run_of(uow, upload_id), training_of(uow, upload_id)
    if run is not None:
        format_override = replace(run.format_override, encoding=None)  # the rewritten file is UTF-8
        uow.runs.save(replace(run, file_sha256=stored.sha256, file_bytes=stored.size, format_override=format_override))
    if training is not None:
        choice = replace(training.request.format_override, encoding=None)
        request = replace(training.request, format_override=choice)
        uow.trainings.save(replace(training, request=request, file_sha256=stored.sha256, file_bytes=stored.size))


def _forget_mentions(uow: UnitOfWork, customer_id: str) -> None:
    """Redact the id in summaries and error messages of runs and trainings."""
    for run in uow.runs.find(RunQuery(limit=None, also_deleted=True)).runs:
        summary = run.summary and _without_mentions(run.summary, customer_id)
        error = run.error and redaction.without(run.error, customer_id)
        if (summary, error) != (run.summary, run.error):
            uow.runs.save(replace(run, summary=summary, error=error))
    for training in uow.trainings.latest(limit=None):
        if training.error and redaction.names(training.error, customer_id):
            uow.trainings.save(replace(training, error=redaction.without(training.error, customer_id)))
    uow.folder_files.erase_mentions(customer_id)


def _without_mentions(summary: RunSummary, customer_id: str) -> RunSummary:
    return replace(
        summary,
        remarks=tuple(redaction.without(text, customer_id) for text in summary.remarks),
        columns=tuple(
            replace(
                column,
                unknown_examples=tuple(redaction.without(text, customer_id) for text in column.unknown_examples),
                shift=column.shift and redaction.without(column.shift, customer_id),
            )
            for column in summary.columns
        ),
    )


@dataclass(frozen=True, slots=True)
class ExportCustomer:
    """All stored data about one customer, ready to be serialised as JSON."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    clock: Clock

    def __call__(self, customer_id: str, *, by: Actor) -> dict[str, Any]:
        """Returns the customer's data. Its `found` says whether there is any."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        customer_id = checked_id(customer_id)
        with self.new_uow() as uow:
            every = RunQuery(limit=None, descending=False, also_deleted=True)
            runs = uow.runs.find(replace(every, states=(JobState.DONE,))).runs
            bands = uow.policies.get().bands
            contacts = uow.predictions.of_customer(customer_id)
            listed = uow.do_not_contact.get(customer_id)
            memberships = [
                membership_data(campaign, member, uow.campaigns.events(campaign.id, member.number))
                for campaign, member in uow.campaigns.of_customer(customer_id)
            ]
            records = {record.id: record for record in uow.uploads.all()}
            stopped = {run.id: run for run in uow.runs.find(replace(every, states=(JobState.FAILED,))).runs}
            columns = {
                upload_id: id_columns_of(uow, self.files, self.uploads, upload_id) for upload_id in self.uploads.ids()
            }
            note(uow, self.clock, by, "exported a customer's data")
            uow.commit()
        names = {run.id: run.file_name for run in runs}
        predictions = [_scored(run, scored) for run in runs for scored in self._scored_rows(run, customer_id, bands)]
        files = []
        for upload_id, id_columns in columns.items():
            rows = self._rows(upload_id, customer_id, id_columns)
            record, run = records.get(upload_id), stopped.get(RunId(upload_id))
            at = record.at if record else run.created_at if run else None
            if rows:
                files.append(
                    {
                        "file": record.file_name if record else run.file_name if run else upload_id,
                        "received_at": at.isoformat(timespec="seconds") if at else None,
                        "rows": [dict(row) for row in rows],
                    }
                )
        return {
            "customer": customer_id,
            "written_at": self.clock.now().isoformat(timespec="seconds"),
            "found": bool(predictions or contacts or files or listed or memberships),
            "predictions": predictions,
            "contact_lists": [_contact(names.get(run_id, ""), run_id, contact) for run_id, contact in contacts],
            "do_not_contact": _listed(listed),
            "campaigns": memberships,
            "uploads": files,
        }

    def _rows(self, upload_id: str, customer_id: str, id_columns: Sequence[str]) -> Sequence[Mapping[str, str]]:
        """The customer's rows of the file; without the file, the rows from its list of rejected rows."""
        if self.uploads.path(upload_id).is_file():
            with self.new_uow() as uow:
                choice = format_choice_of(uow, upload_id)
            path = self.uploads.path(upload_id)
            return self.files.rows_of(path, customer_id, id_columns=id_columns, choice=choice)
        return self.files.rejected_rows_of(self.uploads.rejected_path(upload_id), customer_id)

    def _scored_rows(self, run: Run, customer_id: str, bands: BandLimits) -> Iterator[ScoredCustomer]:
        query = CustomerQuery(threshold=run.threshold, search=customer_id, sort="row", descending=False)
        try:
            for chunk in self.results.stream(run.id, query, bands=bands):
                yield from (scored for scored in chunk if scored.customer.id == customer_id)
        except ResultMissing:
            return


def _scored(run: Run, scored: ScoredCustomer) -> dict[str, Any]:
    prediction = scored.prediction
    return {
        "prediction": run.id,
        "file": run.file_name,
        "made_at": run.created_at.isoformat(timespec="seconds"),
        "model": run.model_version,
        "row": scored.customer.row,
        "month": scored.month,
        "churn_probability": prediction.probability,
        "likely_to_leave": prediction.likely_to_leave,
        "risk_band": prediction.band.value,
        "raises": [reason_data(reason) for reason in prediction.raises],
        "lowers": [reason_data(reason) for reason in prediction.lowers],
        "action": scored.action_id,
        "expected_gain": scored.expected_gain,
        "monthly_revenue": scored.monthly_revenue,
        "left": scored.actual,
        "attributes": dict(scored.customer.attributes),
        "other_columns": dict(scored.extra),
    }


def _contact(file_name: str, run_id: RunId, contact: Contact) -> dict[str, Any]:
    return {
        "prediction": run_id,
        "file": file_name,
        "row": contact.customer.row,
        "month": contact.month,
        "churn_probability": contact.prediction.probability,
        "action": contact.recommendation.name,
        "message": contact.recommendation.message,
        "expected_gain": contact.recommendation.expected_gain,
        "monthly_revenue": contact.monthly_revenue,
        "attributes": dict(contact.customer.attributes),
    }


def _listed(entry: Entry | None) -> dict[str, str] | None:
    """The colleague who listed the customer is left out: that is somebody else's data."""
    if entry is None:
        return None
    return {"since": entry.since.isoformat(timespec="seconds"), "source": entry.source.label, "note": entry.note}
