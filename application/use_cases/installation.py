"""The installation as an administrator sees it: settings, uploads, everyone's predictions, audit log, health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from application.ports.intake import Uploads
from application.ports.persistence import AuditEntry, AuditQuery, RunQuery, UnitOfWork, UploadRecord
from application.ports.results import ResultStore
from application.ports.system import Clock, Storage, StorageUse
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.disposal import UPLOAD_PARTS, delete_later, delete_now
from domain.account import Account, Permission
from domain.errors import Conflict, InvalidInput, NotFound
from domain.liveness import Liveness
from domain.policy import InstallationPolicy
from domain.recommendation import Economics
from domain.run import DEFAULT_LIVENESS, SYSTEM_OWNER, Run, RunId
from domain.training import Training, TrainingId

EVERY_RUN = 10_000_000
NO_UPLOAD = "There is no such upload."


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Everything but the economics, which have a use case and a permission of their own."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, policy: InstallationPolicy, *, by: Account, address: str = "") -> InstallationPolicy:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            old = uow.policies.get()
            new = replace(policy, economics=old.economics)
            if new != old:
                uow.policies.save(new)
                note(uow, self.clock, by, "changed settings", _changed(old, new), address=address)
                uow.commit()
        return new


@dataclass(frozen=True, slots=True)
class ChangeEconomics:
    """What a customer is worth and what keeping one costs; later predictions use it, earlier ones stay as they are."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, economics: Economics, *, by: Account, address: str = "") -> InstallationPolicy:
        by.must_be_able_to(Permission.SET_ECONOMICS)
        with self.new_uow() as uow:
            old = uow.policies.get()
            new = replace(old, economics=economics)
            if new != old:
                uow.policies.save(new)
                note(uow, self.clock, by, "changed economics", _changed(old.economics, economics), address=address)
                uow.commit()
        return new


def _changed(old: object, new: object) -> str:
    """Which settings differ, from what to what."""
    names = type(old).__dataclass_fields__  # type: ignore[attr-defined]
    return "; ".join(
        f"{name.replace('_', ' ')}: {getattr(old, name)} → {getattr(new, name)}"
        for name in names
        if getattr(old, name) != getattr(new, name)
    )[:500]


@dataclass(frozen=True, slots=True)
class ListedUpload:
    """An upload, whose it is, and what was done with it."""

    record: UploadRecord
    owner: str
    run: Run | None
    model: str | None
    """The version that a training made of it; None for a run's file, and before the training is done."""
    present: bool
    busy: bool
    """Still to be read: cannot be deleted now."""


@dataclass(frozen=True, slots=True)
class UploadPage:
    """A page of uploads, how many match, and what all that match weigh together."""

    listed: tuple[ListedUpload, ...]
    total: int
    size: int
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class ListUploads:
    new_uow: NewUnitOfWork
    uploads: Uploads

    def __call__(self, *, by: Account, search: str = "", offset: int = 0, limit: int = 25) -> UploadPage:
        """Newest first; `search` is part of a file's or an owner's name."""
        by.must_be_able_to(Permission.ADMINISTER)
        text = search.strip().casefold()
        with self.new_uow() as uow:
            owners = owner_names(uow)
            found = [
                record
                for record in uow.uploads.all()
                if text in f"{record.file_name}\n{owners.get(record.owner, FORMER_USER)}".casefold()
            ]
            return UploadPage(
                listed=tuple(
                    self._listed(uow, record, owners.get(record.owner, FORMER_USER))
                    for record in found[offset : offset + limit]
                ),
                total=len(found),
                size=sum(record.size for record in found),
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


WORKER_STOPPED = "The worker stopped before it was done. The uploaded file is kept; try again."


def end_abandoned(uow: UnitOfWork, now: datetime, liveness: Liveness, *, only: str | None = None) -> int:
    """Fail the jobs, or one, that a silent worker left: a dead job must not keep anything from being deleted.

    A worker that wakes up later has lost its claim and stores nothing. Returns how many jobs ended.
    """
    chosen = [work for work in uow.runs.unfinished() if only in (None, work.id)]
    runs = [run for run in chosen if run.is_abandoned(now, liveness)]
    learning = [work for work in uow.trainings.unfinished() if only in (None, work.id)]
    trainings = [training for training in learning if training.is_abandoned(now, liveness)]
    for run in runs:
        uow.runs.save(run.failed(WORKER_STOPPED, at=now))
    for training in trainings:
        uow.trainings.save(training.failed(WORKER_STOPPED, at=now))
    return len(runs) + len(trainings)


FORMER_USER = "Former user"


def owner_names(uow: UnitOfWork) -> dict[str, str]:
    """Names by owner's id; who is not among them is a former user."""
    return {SYSTEM_OWNER: "Command line", **{str(account.id): account.name for account in uow.accounts.all()}}


def run_of(uow: UnitOfWork, upload_id: str) -> Run | None:
    try:
        return uow.runs.get(RunId(upload_id))
    except NotFound:
        return None


def training_of(uow: UnitOfWork, upload_id: str) -> Training | None:
    try:
        return uow.trainings.get(TrainingId(upload_id))
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload for download, byte for byte as it was received. Logged: it is customers' data."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    clock: Clock

    def __call__(self, upload_id: str, *, by: Account, address: str = "") -> tuple[UploadRecord, Path]:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            record = uow.uploads.get(upload_id)
            if record is None or not self.uploads.path(upload_id).is_file():
                raise NotFound(NO_UPLOAD)
            note(uow, self.clock, by, "downloaded an upload", record.file_name, address=address)
            uow.commit()
        return record, self.uploads.path(upload_id)


@dataclass(frozen=True, slots=True)
class DeleteUpload:
    """The file goes; what was predicted from it or learned of it stays."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, upload_id: str, *, by: Account, address: str = "") -> UploadRecord:
        by.must_be_able_to(Permission.ADMINISTER)
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
            note(uow, self.clock, by, "deleted an upload", record.file_name, address=address)
            uow.commit()
        delete_now([deletion], new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        return record


@dataclass(frozen=True, slots=True)
class FindRunsInBulk:
    """The predictions that a bulk deletion would take: of one owner, older than so many days, or both."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Account, owner: str | None, older_than_days: int | None) -> tuple[Run, ...]:
        by.must_be_able_to(Permission.ADMINISTER)
        if owner is None and older_than_days is None:
            raise InvalidInput("Choose whose predictions, or from which age on.", field="older_than_days")
        until = None if older_than_days is None else self.clock.now() - timedelta(days=older_than_days)
        with self.new_uow() as uow:
            return uow.runs.find(RunQuery(owner=owner, until=until, limit=EVERY_RUN)).runs


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, how many match, and the deeds there are to filter by."""

    entries: tuple[AuditEntry, ...]
    total: int
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadAudit:
    new_uow: NewUnitOfWork

    def __call__(self, query: AuditQuery, *, by: Account) -> AuditPage:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            entries, total = uow.audit.find(query)
            return AuditPage(tuple(entries), total, tuple(uow.audit.actions()))


@dataclass(frozen=True, slots=True)
class ExportAudit:
    """All entries that match, in chunks, newest first. Taking them out is an entry itself."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, query: AuditQuery, *, by: Account, address: str = "") -> Iterator[Sequence[AuditEntry]]:
        by.must_be_able_to(Permission.ADMINISTER)
        until = min(query.until or self.clock.now(), self.clock.now())
        with self.new_uow() as uow:
            note(uow, self.clock, by, "exported the audit log", address=address)
            uow.commit()
        return self._chunks(replace(query, until=until, offset=0, limit=AUDIT_CHUNK))

    def _chunks(self, query: AuditQuery) -> Iterator[Sequence[AuditEntry]]:
        # New entries come in before the ones read so far; the end in time keeps the pages from shifting.
        while True:
            with self.new_reading() as uow:
                entries, _ = uow.audit.find(query)
            if not entries:
                return
            yield entries
            query = replace(query, offset=query.offset + len(entries))


AUDIT_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Health:
    """How the installation is."""

    storage: StorageUse
    worker_seen: datetime | None
    worker_lives: bool
    waiting: int
    """Predictions and trainings that are not done yet."""
    runs: int
    customers: int
    uploads: int
    models: int


@dataclass(frozen=True, slots=True)
class WatchHealth:
    new_uow: NewUnitOfWork
    storage: Storage
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, by: Account) -> Health:
        by.must_be_able_to(Permission.ADMINISTER)
        now = self.clock.now()
        with self.new_uow() as uow:
            page = uow.runs.find(RunQuery(limit=0))
            seen = uow.workers.last_seen(until=self.liveness.newest(now))
            return Health(
                storage=self.storage.use(),
                worker_seen=seen,
                worker_lives=self.liveness.lives(seen, now),
                waiting=len(uow.runs.unfinished()) + len(uow.trainings.unfinished()),
                runs=page.total,
                customers=page.customers,
                uploads=len(uow.uploads.all()),
                models=len(uow.models.all()),
            )


@dataclass(frozen=True, slots=True)
class CheckDatabase:
    """Read the whole database for damage, which may take a while."""

    new_uow: NewUnitOfWork
    storage: Storage
    clock: Clock

    def __call__(self, *, by: Account, address: str = "") -> str | None:
        """What is wrong; None where nothing is."""
        by.must_be_able_to(Permission.ADMINISTER)
        found = self.storage.check_database()
        with self.new_uow() as uow:
            note(uow, self.clock, by, "checked the database", found or "sound", address=address)
            uow.commit()
        return found
