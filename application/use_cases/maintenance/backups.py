"""Backups of the whole installation: on request, and every night by a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from application.ports.backups import BackupFolder, Backups
from application.ports.runs import RunQuery
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission, system_account
from domain.actor import Actor
from domain.backup import (
    OVERDUE_AFTER,
    RECORDS_KEPT,
    BackupPart,
    BackupPlan,
    BackupRecord,
    BackupState,
    PartKind,
    StoredBackup,
    expired_backups,
    last_night,
)
from domain.errors import DomainError
from domain.run import JobState

BETWEEN_SIGNS = timedelta(seconds=10)
UNEXPECTED = "The backup failed on our side ({kind}). See the worker's log for details."


def required_parts(uow: UnitOfWork) -> tuple[BackupPart, ...]:
    """Parts that the database refers to, in order: every model version, the results of finished runs, every upload."""
    models = [BackupPart(PartKind.MODEL, version.id) for version in uow.models.all()]
    finished = uow.runs.find(RunQuery(states=(JobState.DONE,), limit=None)).runs
    results = [BackupPart(PartKind.RESULTS, run.id) for run in finished]
    uploads = [BackupPart(PartKind.UPLOAD, record.id) for record in uow.uploads.all()]
    return (*sorted(models), *sorted(results), *sorted(uploads))


def possible_parts(uow: UnitOfWork) -> tuple[BackupPart, ...]:
    """Parts that may have no files: the lists of rejected rows."""
    runs = uow.runs.find(RunQuery(limit=None)).runs
    return tuple(sorted(BackupPart(PartKind.REJECTED, run.id) for run in runs))


def listed_parts(uow: UnitOfWork) -> frozenset[BackupPart]:
    """Parts that people can delete, with or without files: model versions, runs, uploads."""
    runs = uow.runs.find(RunQuery(limit=None)).runs
    return frozenset(required_parts(uow)) | {BackupPart(PartKind.RESULTS, run.id) for run in runs}


@dataclass(frozen=True, slots=True)
class MakeArchive:
    """Creates an archive of the whole installation while it is in use."""

    new_reading: NewUnitOfWork
    backups: Backups

    def __call__(self, file: Path, *, at: datetime, with_key: bool, heartbeat: Callable[[], None]) -> StoredBackup:
        """Raises Conflict if the file exists, BackupRefused if it cannot be written.

        No partial file is left in either case.
        """
        with self.backups.draft(file, at=at, with_key=with_key, heartbeat=heartbeat) as draft:
            with draft.snapshot() as uow:
                required, possible, listed = required_parts(uow), possible_parts(uow), listed_parts(uow)
            without_files = set(draft.add((*required, *possible))) - set(possible)
            with self.new_reading() as uow:
                deleted = listed - listed_parts(uow)
            return draft.finish(missing=sorted(without_files - deleted), deleted=sorted(deleted))


@dataclass(frozen=True, slots=True)
class BackUp:
    """Creates a backup on request, and records it in the audit log."""

    new_uow: NewUnitOfWork
    make_archive: MakeArchive
    clock: Clock
    ids: Ids

    def __call__(
        self, file: Path, *, by: Actor, with_key: bool = False, heartbeat: Callable[[], None] = lambda: None
    ) -> StoredBackup:
        """Raises Conflict if the file exists, BackupRefused if it cannot be written.

        No partial file is left in either case.
        """
        by.account.must_be_able_to(Permission.ADMINISTER)
        at = self.clock.now()
        stored = self.make_archive(file, at=at, with_key=with_key, heartbeat=heartbeat)
        with self.new_uow() as uow:
            uow.backups.add(
                _done(
                    BackupRecord(id=self.ids.new(), started_at=at, seen_at=at, state=BackupState.RUNNING),
                    file,
                    stored,
                    at=self.clock.now(),
                )
            )
            note(uow, self.clock, by, "made a backup", file.name)
            uow.commit()
        return stored


def _done(record: BackupRecord, file: Path, stored: StoredBackup, *, at: datetime) -> BackupRecord:
    return replace(
        record,
        state=BackupState.DONE,
        finished_at=at,
        file=str(file),
        size=stored.size,
        sha256=stored.sha256,
        error=None,
    )


@dataclass(frozen=True, slots=True)
class BackUpNightly:
    """Creates the nightly backup, once per night for all workers, and deletes old ones.

    `plan` and `folder` are None if no nightly backups are configured.
    """

    new_uow: NewUnitOfWork
    make_archive: MakeArchive
    folder: BackupFolder | None
    plan: BackupPlan | None
    clock: Clock
    ids: Ids
    worker: str

    def __call__(self) -> BackupRecord | None:
        """Returns tonight's backup with its outcome; None if there is nothing to do.

        Failures are recorded, not raised.
        """
        if self.folder is None or self.plan is None:
            return None
        record = self._claimed(self.plan)
        if record is None:
            return None
        try:
            file = self.folder.file_of(record.started_at)
            stored = self.make_archive(file, at=record.started_at, with_key=False, heartbeat=_Signs(self, record))
            ended = _done(record, file, stored, at=self.clock.now())
        except DomainError as error:
            ended = self._failed(record, str(error))
        except Exception as error:
            self._save(self._failed(record, UNEXPECTED.format(kind=type(error).__name__)))
            raise
        self._save(ended)
        if ended.state is BackupState.DONE:
            self._rotate(self.folder, self.plan)
        return ended

    def _claimed(self, plan: BackupPlan) -> BackupRecord | None:
        """The record of tonight's backup; None if another worker has it.

        The transaction allows one record per night.
        """
        now = self.clock.now()
        with self.new_uow() as uow:
            night = last_night(now, at=plan.at, zone=ZoneInfo(uow.policies.get().time_zone))
            earlier = uow.backups.of_night(night)
            if earlier is not None and not earlier.may_be_tried_again(now):
                return None
            record = BackupRecord(
                id=earlier.id if earlier else self.ids.new(),
                night=night,
                started_at=now.replace(microsecond=0),
                seen_at=now,
                state=BackupState.RUNNING,
                worker=self.worker,
            )
            (uow.backups.save if earlier else uow.backups.add)(record)
            uow.backups.remove_before(now - RECORDS_KEPT)
            uow.commit()
        return record

    def _failed(self, record: BackupRecord, error: str) -> BackupRecord:
        return replace(record, state=BackupState.FAILED, finished_at=self.clock.now(), error=error)

    def _save(self, record: BackupRecord) -> None:
        with self.new_uow() as uow:
            uow.backups.save(record)
            if record.state is not BackupState.RUNNING:
                words = "made the nightly backup" if record.state is BackupState.DONE else "nightly backup failed"
                system = Actor(system_account(self.clock.now()))
                note(uow, self.clock, system, words, record.error or Path(record.file).name)
            uow.commit()

    def _rotate(self, folder: BackupFolder, plan: BackupPlan) -> None:
        """Delete expired backups. Called only after a new backup was verified. The newest backup is never deleted."""
        folder.remove_unfinished()
        for at in expired_backups(folder.made_at(), now=self.clock.now(), plan=plan):
            folder.remove(at)


@dataclass
class _Signs:
    """The heartbeat of a backup while its archive is written: at most one per BETWEEN_SIGNS."""

    nightly: BackUpNightly
    record: BackupRecord

    def __call__(self) -> None:
        now = self.nightly.clock.now()
        if abs(now - self.record.seen_at) >= BETWEEN_SIGNS:
            self.record = replace(self.record, seen_at=now)
            self.nightly._save(self.record)


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """The state of backups for administrators. `nightly` says whether nightly backups are configured."""

    nightly: bool
    last_good: BackupRecord | None
    last_failure: BackupRecord | None
    """None if a backup has succeeded since."""
    running: bool
    overdue: bool
    age: timedelta | None
    """Age of the latest complete backup."""


@dataclass(frozen=True, slots=True)
class WatchBackups:
    new_uow: NewUnitOfWork
    nightly: bool
    clock: Clock

    def __call__(self, *, by: Account) -> BackupStatus:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            good, failed = uow.backups.latest(BackupState.DONE), uow.backups.latest(BackupState.FAILED)
            running = uow.backups.latest(BackupState.RUNNING)
        since = None if good is None else self.clock.now() - good.started_at
        return BackupStatus(
            nightly=self.nightly,
            last_good=good,
            last_failure=failed if failed and (good is None or good.started_at < failed.started_at) else None,
            running=running is not None and not running.may_be_tried_again(self.clock.now()),
            overdue=self.nightly and (since is None or since > OVERDUE_AFTER),
            age=since,
        )
