"""Lists of runs for pages: the history, and the runs that a user is asked to confirm before a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.results import ResultStore
from application.ports.runs import RunPage, RunQuery
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names, run_changed_by, visible_to
from domain.account import Account, Permission
from domain.model import ModelVersion
from domain.run import Run, RunId
from domain.training_overlap import with_same_file


@dataclass(frozen=True, slots=True)
class History:
    """One page of the history. `bytes_kept` is the size of the uploads and results of the page's runs."""

    page: RunPage
    owners: OwnerNames
    models: tuple[ModelVersion, ...]
    bytes_kept: int


@dataclass(frozen=True, slots=True)
class OpenHistory:
    """Opens the history: the runs that a person may see, the owners' names, and all model versions to filter by."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, query: RunQuery, *, by: Account) -> History:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            page = uow.runs.find(replace(query, visible_to=visible_to(by)))
            owners = owner_names(uow)
            models = tuple(uow.models.all())
        by_id = {model.id: model for model in models}
        runs = (
            with_same_file(run, by_id[run.model_version]) if run.model_version in by_id else run for run in page.runs
        )
        return History(replace(page, runs=tuple(runs)), owners, models, bytes_kept(self.results, page.runs))


@dataclass(frozen=True, slots=True)
class ChangeableRuns:
    runs: tuple[Run, ...]
    bytes_kept: int


@dataclass(frozen=True, slots=True)
class ViewChangeableRuns:
    """Lists runs before a change. Raises RunNotFound or NotAllowed if the person may not see or change one of them."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, run_ids: Sequence[RunId], *, by: Account) -> ChangeableRuns:
        with self.new_uow() as uow:
            runs = tuple(run_changed_by(uow, run_id, by) for run_id in run_ids)
        return ChangeableRuns(runs, bytes_kept(self.results, runs))


def bytes_kept(results: ResultStore, runs: Sequence[Run]) -> int:
    """Size of the runs' uploads and results in bytes."""
    return sum(run.file_bytes + results.size(run.id) for run in runs)
