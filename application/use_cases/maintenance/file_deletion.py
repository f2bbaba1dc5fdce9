"""Crash-safe deletion of files.

A pending deletion is recorded in the transaction that deletes the rows. The files are deleted after the commit, and the
record last. Interrupted deletions are finished at every start and every hour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.installation import DataDirectory
from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.stored_files import EVERY_PART, FileKind, FilePart, PendingDeletion
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork
from domain.run import JobState, Run, RunId

STILL_WRITTEN = timedelta(hours=1)
"""How long the files of a running job are deleted again and again: a suspended machine may still write some."""
UNCLAIMED = timedelta(hours=1)
"""An upload without a record is deleted after this time without a write."""
UPLOAD_PARTS = frozenset({FilePart.UPLOAD, FilePart.REJECTED})


def delete_later(
    uow: UnitOfWork,
    subject: str,
    *,
    now: datetime,
    parts: frozenset[FilePart] = EVERY_PART,
    under_way: bool = False,
) -> PendingDeletion:
    """Record that these files are to be deleted. `under_way`: a job may still be writing them."""
    until = now + STILL_WRITTEN if under_way else None
    return uow.deletions.add(PendingDeletion(subject, parts, due=now, until=until))


def remove_runs(uow: UnitOfWork, runs: Iterable[Run], *, now: datetime) -> list[PendingDeletion]:
    """Remove runs with their contact lists and records. Returns the deletions to carry out after the commit."""
    deletions = []
    for run in runs:
        uow.runs.remove(run.id)
        uow.uploads.remove(run.id)
        for kind in FileKind:
            uow.hashes.remove(kind, run.id)
        deletions.append(delete_later(uow, run.id, now=now, under_way=run.state is JobState.RUNNING))
    return deletions


def expect_upload(uow: UnitOfWork, upload_id: str, *, now: datetime) -> PendingDeletion:
    """Before a file is received, record that it is to be deleted unless a run or a training has it by then."""
    expected = PendingDeletion(upload_id, UPLOAD_PARTS, due=now + UNCLAIMED, unless_listed=True)
    return uow.deletions.add(expected)


def delete_now(
    deletions: Collection[PendingDeletion],
    *,
    new_uow: NewUnitOfWork,
    results: ResultStore,
    uploads: Uploads,
    now: datetime,
) -> int:
    """Delete the files, then the records of those that were deleted.

    A file that cannot be deleted now keeps its record. Returns how many deletions were carried out.
    """
    done = [deletion for deletion in deletions if _deleted(deletion, results, uploads)]
    finished = [deletion for deletion in done if deletion.until is None or deletion.until <= now]
    if finished:
        with new_uow() as uow:
            for deletion in finished:
                uow.deletions.remove(deletion.id)
            uow.commit()
    return len(done)


def _deleted(deletion: PendingDeletion, results: ResultStore, uploads: Uploads) -> bool:
    try:
        if FilePart.RESULTS in deletion.parts:
            results.discard(RunId(deletion.subject))  # a training has no results; `discard` then does nothing
        if FilePart.UPLOAD in deletion.parts and FilePart.REJECTED in deletion.parts:
            uploads.discard(deletion.subject)
        elif FilePart.UPLOAD in deletion.parts:
            uploads.discard_file(deletion.subject)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class FinishDeletions:
    """Finishes interrupted deletions, at every start of a worker and every hour.

    Uploads without a record wait while the database is older than the data directory: a restored older database does
    not know uploads that got a record later.
    """

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    directory: DataDirectory
    clock: Clock

    def __call__(self) -> int:
        """Returns how many deletions were carried out."""
        now = self.clock.now()
        due = self._due(now)
        if not due:
            return 0
        carried_out = delete_now(due, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()
        return carried_out

    def _due(self, now: datetime) -> Sequence[PendingDeletion]:
        with self.new_uow() as uow:
            pending = uow.deletions.all()
            behind = self.directory.mark() > uow.installation.sequence()
            received = {record.id for record in uow.uploads.all()} if pending else set()
            claimed = [one for one in pending if one.unless_listed and one.subject in received]
            for one in claimed:
                uow.deletions.remove(one.id)
            if claimed:
                uow.commit()
        open_ones = [one for one in pending if one not in claimed and one.due <= now]
        return [one for one in open_ones if not one.unless_listed or not (behind or self._arriving(one, now))]

    def _arriving(self, deletion: PendingDeletion, now: datetime) -> bool:
        """Whether the upload is still being received. The largest files take more than an hour."""
        return self.uploads.written_since(deletion.subject, now - UNCLAIMED)
