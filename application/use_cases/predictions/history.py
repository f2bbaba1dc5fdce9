"""The history of runs: list, rename, share and delete them, and change their threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.runs import RunPage, RunQuery
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.maintenance.file_deletion import delete_now, remove_runs
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, note, owner_names, run_changed_by, visible_to
from domain.account import Account
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.run import JobState, Run, RunId
from domain.run_month import renamed, with_month


@dataclass(frozen=True, slots=True)
class ListedRuns:
    """A page of the history with the names of the runs' owners."""

    page: RunPage
    owners: OwnerNames


@dataclass(frozen=True, slots=True)
class ListRuns:
    new_uow: NewUnitOfWork

    def __call__(self, query: RunQuery, *, by: Account) -> ListedRuns:
        with self.new_uow() as uow:
            page = uow.runs.find(replace(query, visible_to=visible_to(by)))
            owners = owner_names(uow)
        return ListedRuns(page, owners)


@dataclass(frozen=True, slots=True)
class ListOwnEnded:
    """The person's own predictions that have ended, newest first: those that "delete my previous" deletes."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> tuple[Run, ...]:
        with self.new_uow() as uow:
            return own_ended(uow, str(by.id))


def own_ended(uow: UnitOfWork, owner: str) -> tuple[Run, ...]:
    return tuple(run for run in uow.runs.find(RunQuery(owner=owner, limit=None)).runs if run.state.ended)


@dataclass(frozen=True, slots=True)
class DeleteRuns:
    """Deletes runs permanently: rows, contact lists, result files, reports and uploads.

    Running jobs are cancelled first. The audit log records who deleted which file, and nothing about a customer.
    """

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock

    def __call__(self, run_ids: Sequence[RunId], *, by: Actor) -> list[Run]:
        now = self.clock.now()
        with self.new_uow() as uow:
            runs = [run_changed_by(uow, run_id, by.account) for run_id in run_ids]
            deletions = remove_runs(uow, runs, now=now)
            for run in runs:
                note(uow, self.clock, by, "deleted a prediction", run.file_name)
            uow.commit()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()
        return runs


@dataclass(frozen=True, slots=True)
class RenameRun:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, run_id: RunId, name: str, *, by: Actor) -> Run:
        if not name.strip() or len(name) > 200:
            raise InvalidInput("A name has between 1 and 200 characters.", field="name")
        with self.new_uow() as uow:
            run = renamed(run_changed_by(uow, run_id, by.account), name)
            uow.runs.save(run)
            note(uow, self.clock, by, "renamed a prediction", run.file_name)
            uow.commit()
        return run


@dataclass(frozen=True, slots=True)
class SetMonth:
    """Stores which month a run's file is of, where its rows do not say it; "" takes back what was said."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, run_id: RunId, month: str, *, by: Actor) -> Run:
        """Raises InvalidInput for a run that a person cannot say the month of, and for a text that is no month."""
        with self.new_uow() as uow:
            run = with_month(run_changed_by(uow, run_id, by.account), month)
            uow.runs.save(run)
            note(uow, self.clock, by, "said the month of a prediction", run.file_name)
            uow.commit()
        return run


@dataclass(frozen=True, slots=True)
class ShareRun:
    """Shows a run to the whole team, or hides it from the team again."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, run_id: RunId, *, shared: bool, by: Actor) -> Run:
        with self.new_uow() as uow:
            run = replace(run_changed_by(uow, run_id, by.account), shared=shared)
            uow.runs.save(run)
            action = "shared a prediction" if shared else "unshared a prediction"
            note(uow, self.clock, by, action, run.file_name)
            uow.commit()
        return run


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Stores another threshold for a run. Its labels and totals change accordingly."""

    new_uow: NewUnitOfWork
    results: ResultStore
    clock: Clock

    def __call__(self, run_id: RunId, threshold: float, *, by: Actor) -> Run:
        if not 0.0 <= threshold <= 1.0:
            raise InvalidInput("The threshold must be between 0 and 100 %.", field="threshold")
        with self.new_uow() as uow:
            run = run_changed_by(uow, run_id, by.account)
            bands, model = uow.policies.get().bands, uow.models.get(run.model_version)
        if run.state is not JobState.DONE or run.summary is None:
            raise InvalidInput("This prediction has no result yet.")
        at_threshold = self.results.at_threshold(run.id, threshold, bands=bands)
        truth = run.summary.truth
        if truth is not None and at_threshold.confusion is not None:
            counts = at_threshold.confusion
            truth = replace(
                truth,
                confusion=counts,
                accuracy=counts.accuracy,
                precision=counts.precision,
                recall=counts.recall,
                f1=counts.f1,
            )
        summary = replace(
            run.summary,
            likely_to_leave=at_threshold.likely_to_leave,
            revenue_likely=at_threshold.revenue_likely,
            contacting=at_threshold.contacting,
            truth=truth,
            expected=at_threshold.expected(model.evaluation),
        )
        with self.new_uow() as uow:
            run = replace(run_changed_by(uow, run_id, by.account), threshold=threshold, summary=summary)
            uow.runs.save(run)
            note(uow, self.clock, by, "set a threshold", run.file_name)
            uow.commit()
        return run
