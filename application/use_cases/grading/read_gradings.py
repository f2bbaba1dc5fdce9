"""Queries for gradings: of one run, of all runs, and of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from application.ports.intake import Uploads
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.grading.ask_grading import subject_of
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, note, owner_names, run_seen_by, visible_to
from domain.account import Account
from domain.actor import Actor
from domain.best_before import BestBefore, best_before
from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.errors import RunNotFound
from domain.grading import Grading, GradingOffer, horizon_of
from domain.grading_table import HEADER, grading_rows
from domain.run import JobState, Run, RunId
from domain.run_month import month_of_run
from domain.task import Task

CHOICES = 20
"""Later runs that are offered for grading one."""


@dataclass(frozen=True, slots=True)
class ListedGrading:
    """A grading with the run that was graded, the name of the person, and the run that graded it if it can be seen."""

    grading: Grading
    run: Run
    by: str
    later: Run | None = None


@dataclass(frozen=True, slots=True)
class OfferedGrading:
    """An offer with both of its runs."""

    offer: GradingOffer
    run: Run
    later: Run


@dataclass(frozen=True, slots=True)
class GradingView:
    """What is known of the grading of one run.

    `offered`: later runs that could grade it, or cannot; `offers`: earlier runs that its file could grade. `later` are
    the runs whose files a person may choose for it, newest first. `graded_by_this`: runs that its file graded.
    """

    run: Run
    month: str | None
    horizon: int
    may_change: bool
    listed: ListedGrading | None
    offered: tuple[OfferedGrading, ...]
    offers: tuple[OfferedGrading, ...]
    later: tuple[Run, ...]
    graded_by_this: tuple[ListedGrading, ...]
    task: Task | None

    @property
    def grading(self) -> Grading | None:
        return self.listed.grading if self.listed else None

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.state.ended

    @property
    def problem(self) -> str:
        """Why the last attempt of a worker did not grade; "" if it did, or there was none."""
        failed = self.task is not None and self.task.state is JobState.FAILED and self.listed is None
        return (self.task.error or "") if failed and self.task is not None else ""


@dataclass(frozen=True, slots=True)
class ViewGrading:
    """Raises RunNotFound for a run that the account may not see."""

    new_reading: NewUnitOfWork
    uploads: Uploads

    def __call__(self, run_id: RunId, *, by: Account, with_later: bool = False) -> GradingView:
        """`with_later`: look for later runs, which reads their summaries."""
        with self.new_reading() as uow:
            run = run_seen_by(uow, run_id, by)
            names, grading = owner_names(uow), uow.gradings.of_run(run_id)
            model = uow.models.get(run.model_version)
            seen = visible_to(by)
            own = [other for other in uow.gradings.all(visible_to=seen) if other.source.run_id == run_id]
            may_change = by.may_change(run)
            return GradingView(
                run=run,
                month=month_of_run(run),
                horizon=horizon_of(model),
                may_change=may_change,
                listed=listed_grading(uow, grading, names, by) if grading else None,
                offered=_offered(uow, uow.gradings.offers_of(run_id), by),
                offers=_offered(uow, uow.gradings.offers_by(run_id), by),
                later=self._later(uow, run, by) if with_later and may_change and grading is None else (),
                graded_by_this=tuple(listed_grading(uow, other, names, by) for other in own),
                task=uow.tasks.latest_of(subject_of(run_id)),
            )

    def _later(self, uow: UnitOfWork, run: Run, by: Account) -> tuple[Run, ...]:
        """Runs since this one whose files are stored."""
        kept = frozenset(self.uploads.ids())
        query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), since=run.created_at, limit=10 * CHOICES)
        others = [own for own in uow.runs.find(query).runs if own.id in kept and own.file_sha256 != run.file_sha256]
        return tuple(own for own in others if not (own.summary and own.summary.numbered))[:CHOICES]


@dataclass(frozen=True, slots=True)
class ListGradings:
    """All gradings of runs that the account may see, the newest month first."""

    new_reading: NewUnitOfWork

    def __call__(self, *, by: Account, model_version: str | None = None) -> tuple[ListedGrading, ...]:
        with self.new_reading() as uow:
            names = owner_names(uow)
            found = uow.gradings.all(model_version=model_version, visible_to=visible_to(by))
            return tuple(listed_grading(uow, own, names, by) for own in found)


@dataclass(frozen=True, slots=True)
class ViewBestBefore:
    """What the graded months say about a model version. All of its gradings count, as its evaluation is everybody's;
    they name no file and no person."""

    new_reading: NewUnitOfWork

    def __call__(self, version_id: str) -> BestBefore:
        with self.new_reading() as uow:
            model = uow.models.get(version_id)
            return best_before(uow.gradings.all(model_version=version_id), model.evaluation.metrics["auc"])


@dataclass(frozen=True, slots=True)
class ExportGradings:
    """The gradings as CSV."""

    new_uow: NewUnitOfWork
    list_gradings: ListGradings
    clock: Clock

    def __call__(
        self, *, by: Actor, model_version: str | None = None, style: CsvStyle | None = None
    ) -> Iterator[bytes]:
        found = self.list_gradings(by=by.account, model_version=model_version)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "exported the gradings")
            uow.commit()
        return csv_pieces(HEADER, grading_rows((own.grading, own.run.file_name, own.by) for own in found), style)


def listed_grading(uow: UnitOfWork, grading: Grading, names: OwnerNames, by: Account) -> ListedGrading:
    later = grading.source.run_id
    seen = None if later is None else _seen(uow, later, by)
    return ListedGrading(grading, uow.runs.get(grading.run_id), names[grading.by], seen)


def _offered(uow: UnitOfWork, offers: Iterable[GradingOffer], by: Account) -> tuple[OfferedGrading, ...]:
    """The offers between runs that the account may see, of which the earlier one is not graded."""
    found = []
    for offer in offers:
        run, later = _seen(uow, offer.run_id, by), _seen(uow, offer.by_run, by)
        if run is not None and later is not None and uow.gradings.of_run(run.id) is None:
            found.append(OfferedGrading(offer, run, later))
    return tuple(found)


def _seen(uow: UnitOfWork, run_id: RunId, by: Account) -> Run | None:
    try:
        return run_seen_by(uow, run_id, by)
    except RunNotFound:
        return None
