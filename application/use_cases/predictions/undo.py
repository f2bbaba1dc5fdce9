"""Deleting predictions so that it can be undone for a short time.

The predictions are hidden at once, in one transaction. A worker carries the deletion out when the time is over, and so
does the next deletion and the next start. Whatever interrupts this, a row that is still there is dealt with again, and
a row that is gone is not: every deletion happens once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.ports.audit import AuditEntry
from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.system import Clock, Ids, Storage
from application.use_cases.maintenance.file_deletion import delete_now, remove_runs
from application.use_cases.permissions import NewUnitOfWork, note, run_changed_by
from application.use_cases.predictions.hiding import hide
from application.use_cases.predictions.history import DeleteRuns
from domain.account import Account
from domain.actor import Actor
from domain.errors import NotFound
from domain.run import Run, RunId

UNDO_SHOWN = timedelta(seconds=8)
"""How long a page offers to undo a deletion."""
UNDO_KEPT = timedelta(seconds=30)
"""After which a deletion is carried out: longer than it is offered, for slow connections and pages without scripts."""
TOO_LATE = "This can no longer be undone: the predictions have been deleted permanently."


@dataclass(frozen=True, slots=True)
class Deletion:
    """Deleted predictions. `batch` undoes the deletion of those that were finished; empty if none was."""

    runs: tuple[Run, ...]
    batch: str
    restorable: int


@dataclass(frozen=True, slots=True)
class FinishRunDeletions:
    """Carries out the deletions that can no longer be undone. The audit log names who asked for them."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock

    def __call__(self, *, at_once: bool = False) -> int:
        """Returns how many runs were deleted. Looks before it writes: a worker asks every few seconds.

        `at_once` ends the time in which deletions can be undone.
        """
        now = self.clock.now()
        until = now if at_once else now - UNDO_KEPT
        with self.new_reading() as uow:
            if not uow.deleted_runs.until(until):
                return 0
        with self.new_uow() as uow:
            due = uow.deleted_runs.until(until)
            deletions = remove_runs(uow, [own.run for own in due], now=now)
            for own in due:
                uow.audit.record(AuditEntry(now, own.by, "deleted a prediction", own.run.file_name, own.address))
            uow.commit()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()
        return len(due)


@dataclass(frozen=True, slots=True)
class DeleteWithUndo:
    """Deletes predictions; finished ones can be restored for a short time.

    One that is not finished yet is cancelled and deleted at once: there is nothing to restore.
    """

    new_uow: NewUnitOfWork
    delete_runs: DeleteRuns
    finish: FinishRunDeletions
    ids: Ids
    clock: Clock

    def __call__(self, run_ids: Sequence[RunId], *, by: Actor) -> Deletion:
        self.finish()
        batch = self.ids.new()
        with self.new_uow() as uow:
            runs = [run_changed_by(uow, run_id, by.account) for run_id in run_ids]
            ended = [run for run in runs if run.state.ended]
            hide(uow, ended, batch, by=by, at=self.clock.now())
            uow.commit()
        if unfinished := [run.id for run in runs if not run.state.ended]:
            self.delete_runs(unfinished, by=by)
        return Deletion(tuple(runs), batch if ended else "", len(ended))


@dataclass(frozen=True, slots=True)
class UndoDeletion:
    """Restores the predictions that were deleted together, with all that belongs to them.

    Raises NotFound if they are deleted permanently, or if the person could not have deleted them.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, batch: str, *, by: Actor) -> tuple[Run, ...]:
        with self.new_uow() as uow:
            theirs = [own.run for own in uow.deleted_runs.of_batch(batch) if by.account.may_change(own.run)]
            if not theirs:
                raise NotFound(TOO_LATE)
            for run in theirs:
                uow.deleted_runs.restore(run.id)
                note(uow, self.clock, by, "restored a prediction", run.file_name)
            uow.commit()
        return tuple(theirs)


@dataclass(frozen=True, slots=True)
class ViewDeletion:
    """The names of a batch that can still be undone; empty if it cannot, or if somebody else deleted it."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, batch: str, *, by: Account) -> tuple[str, ...]:
        now = self.clock.now()
        with self.new_uow() as uow:
            theirs = uow.deleted_runs.of_batch(batch)
        return tuple(own.run.file_name for own in theirs if by.may_change(own.run) and now - own.at < UNDO_KEPT)
