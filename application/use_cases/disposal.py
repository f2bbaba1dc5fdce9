"""Deleting files so that an interruption leaves nothing behind.

What is to be deleted is written down in the transaction that deletes the rows. The files are deleted after the commit,
and the record last. A pass at every start and every hour finishes what was interrupted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.installation import DataDirectory
from application.ports.intake import Uploads
from application.ports.persistence import EVERY_PART, FileKind, FilePart, PendingDeletion, UnitOfWork
from application.ports.results import ResultStore
from application.ports.system import Clock, Storage
from application.use_cases.access import NewUnitOfWork
from domain.run import Run, RunId, RunState

STILL_WRITTEN = timedelta(hours=1)
"""For so long the files of a job that was under way are deleted again: a suspended machine writes late."""
UNCLAIMED = timedelta(hours=1)
"""An upload without a record is deleted when nothing was written to it for so long."""
UPLOAD_PARTS = frozenset({FilePart.UPLOAD, FilePart.REJECTED})


def delete_later(
    uow: UnitOfWork,
    subject: str,
    *,
    now: datetime,
    parts: frozenset[FilePart] = EVERY_PART,
    under_way: bool = False,
) -> PendingDeletion:
    """Write down that these files are to be deleted. `under_way`: a job may still be writing them."""
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
        deletions.append(delete_later(uow, run.id, now=now, under_way=run.state is RunState.RUNNING))
    return deletions


def expect_upload(uow: UnitOfWork, upload_id: str, *, now: datetime) -> PendingDeletion:
    """Write down, before a file is received, that it goes unless a run or a training stands for it later."""
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
    """Delete the files, then the records of those that are gone. Files that cannot be deleted now keep theirs.

    How many records were carried out.
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
            results.discard(RunId(deletion.subject))  # a training has none: nothing is there to discard
        if FilePart.UPLOAD in deletion.parts and FilePart.REJECTED in deletion.parts:
            uploads.discard(deletion.subject)
        elif FilePart.UPLOAD in deletion.parts:
            uploads.discard_file(deletion.subject)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class FinishDeletions:
    """Carry out what was written down and interrupted: at every start of a worker, and every hour.

    An older database that was restored may call an upload unclaimed that was claimed later: these wait.
    """

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    directory: DataDirectory
    clock: Clock

    def __call__(self) -> int:
        """How many records were carried out."""
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
        """Whether the upload is still on its way in: the largest files take more than an hour."""
        return self.uploads.written_since(deletion.subject, now - UNCLAIMED)
