"""Uploaded files as administrators see them: list, view, download, delete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.stored_files import UploadRecord
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.upload_jobs import end_abandoned, run_of, training_of
from application.use_cases.maintenance.file_deletion import UPLOAD_PARTS, delete_later, delete_now
from application.use_cases.permissions import NewUnitOfWork, note, owner_names
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import Conflict, NotFound
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.run import Run

NO_UPLOAD = "There is no such upload."


@dataclass(frozen=True, slots=True)
class ListedUpload:
    """An upload, its owner, and the run or training that it belongs to."""

    record: UploadRecord
    owner: str
    run: Run | None
    model: str | None
    """The version that a training made from it; None for a run's file, and until the training is done."""
    present: bool
    busy: bool
    """Whether a job still has to read it. It cannot be deleted until then."""


@dataclass(frozen=True, slots=True)
class UploadPage:
    """A page of uploads, the number of matching uploads, and their total size in bytes."""

    listed: tuple[ListedUpload, ...]
    total: int
    size: int
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class ListUploads:
    new_uow: NewUnitOfWork
    uploads: Uploads
    clock: Clock

    def __call__(self, *, by: Account, search: str = "", offset: int = 0, limit: int = 25) -> UploadPage:
        """Newest first; `search` is part of a file's or an owner's name."""
        by.must_be_able_to(Permission.ADMINISTER)
        text = search.strip().casefold()
        with self.new_uow() as uow:
            owners = owner_names(uow)
            deleted = {own.run.id for own in uow.deleted_runs.until(self.clock.now())}
            records = [
                record
                for record in uow.uploads.all()
                if record.id not in deleted and text in f"{record.file_name}\n{owners[record.owner]}".casefold()
            ]
            return UploadPage(
                listed=tuple(
                    self._listed(uow, record, owners[record.owner]) for record in records[offset : offset + limit]
                ),
                total=len(records),
                size=sum(record.size for record in records),
                retention_days=uow.policies.get().retention_days,
            )

    def _listed(self, uow: UnitOfWork, record: UploadRecord, owner: str) -> ListedUpload:
        run, training = run_of(uow, record.id), training_of(uow, record.id)
        job = run or training
        return ListedUpload(
            record=record,
            owner=owner,
            run=run,
            model=training.version if training else None,
            present=self.uploads.path(record.id).is_file(),
            busy=job is not None and not job.state.ended,
        )


@dataclass(frozen=True, slots=True)
class ViewUpload:
    """Raises NotFound if there is no such upload."""

    new_uow: NewUnitOfWork

    def __call__(self, upload_id: str, *, by: Account) -> UploadRecord:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            record = uow.uploads.get(upload_id)
        if record is None:
            raise NotFound(NO_UPLOAD)
        return record


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """Opens an upload for download, unchanged. The download is recorded, because the file holds customers' data."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    clock: Clock

    def __call__(self, upload_id: str, *, by: Actor) -> tuple[UploadRecord, Path]:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            record = uow.uploads.get(upload_id)
            if record is None or not self.uploads.path(upload_id).is_file():
                raise NotFound(NO_UPLOAD)
            note(uow, self.clock, by, "downloaded an upload", record.file_name)
            uow.commit()
        return record, self.uploads.path(upload_id)


@dataclass(frozen=True, slots=True)
class DeleteUpload:
    """Delete an uploaded file. Predictions and models made from it are kept."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, upload_id: str, *, by: Actor) -> UploadRecord:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            record = uow.uploads.get(upload_id)
            if record is None:
                raise NotFound(NO_UPLOAD)
            end_abandoned(uow, self.clock.now(), self.liveness, only=upload_id)
            job = run_of(uow, upload_id) or training_of(uow, upload_id)
            if job is not None and not job.state.ended:
                raise Conflict(f"{record.file_name} is still being read. Cancel that first, or wait until it is done.")
            uow.uploads.remove(upload_id)
            now = self.clock.now()
            deletion = delete_later(uow, upload_id, now=now, parts=UPLOAD_PARTS)
            note(uow, self.clock, by, "deleted an upload", record.file_name)
            uow.commit()
        delete_now([deletion], new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        return record
