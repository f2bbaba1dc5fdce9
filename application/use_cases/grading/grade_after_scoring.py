"""After a run is scored: grades the earlier runs whose truth its file shows, or offers to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.grading.grade_run import GradeRun
from application.use_cases.permissions import NewUnitOfWork, owner_of, visible_to
from domain.account import Permission, system_account
from domain.actor import Actor
from domain.campaign_outcomes import is_another_base
from domain.errors import DomainError, FileRefused, NotFound, ResultMissing, Unclear
from domain.grading import Grading, GradingOffer, horizon_of, must_be_horizon_later
from domain.grading_choice import GradingChoice, GradingDoubtful
from domain.model import ModelVersion
from domain.run import JobState, Run
from domain.run_month import month_of_run
from domain.snapshot_month import month_question, place_of

MAX_GRADED = 5
"""Earlier runs that one later file grades automatically, the newest first."""
LOOKED_AT = 200
"""Earlier runs among which those are looked for."""
READ_AT_ONCE = 10
log = logging.getLogger("netone.grading")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier run that a later file may grade. `gap`: why it cannot, as far as months say it; "" if it can."""

    run: Run
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """A later file: the run that was made of it ("" for none), its hash, its month if it is known, and when it came."""

    run_id: str
    sha256: str
    month: str | None
    at: datetime

    @classmethod
    def of(cls, run: Run) -> Later:
        return cls(run.id, run.file_sha256, month_of_run(run), run.created_at)


@dataclass(frozen=True, slots=True)
class GradeEarlierRuns:
    """Looks for runs that the owner of the later run could grade by hand. Where a person has to decide, or the files
    do not fit, an offer with the reason is stored. Never raises: the later run is done."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    grade: GradeRun
    results: ResultStore
    clock: Clock

    def __call__(self, later: Run) -> tuple[Grading, ...]:
        try:
            return tuple(self._graded(later))
        except Exception:
            log.exception("earlier predictions could not be graded")
            return ()

    def _graded(self, later: Run) -> Iterator[Grading]:
        if later.sample or later.summary is None or later.summary.numbered:
            return
        with self.new_reading() as uow:
            by = Actor(owner_of(uow, later.owner) or system_account(self.clock.now()))
            candidates = earlier_runs(uow, Later.of(later), by) if by.account.can(Permission.PREDICT) else ()
        for candidate in candidates:
            grading = self._try(candidate, later, by)
            if grading is not None:
                yield grading

    def _try(self, candidate: Candidate, later: Run, by: Actor) -> Grading | None:
        run = candidate.run
        if candidate.gap:
            self._offer(run, later, candidate.gap, possible=False)
            return None
        try:
            if month_of_run(run) is None or month_of_run(later) is None:
                self._ask_for_months(run, later)
                return None
            return self.grade.by_run(run.id, later.id, GradingChoice(), by=by, automatic=True)
        except (NotFound, ResultMissing):
            return None  # deleted meanwhile
        except GradingDoubtful as error:
            self._offer(run, later, " ".join(error.reasons), possible=True)
        except DomainError as error:
            self._offer(run, later, str(error), possible=isinstance(error, Unclear) or error.question is not None)
        return None

    def _ask_for_months(self, run: Run, later: Run) -> None:
        """Offer to grade where one month is unknown, if the two files are of one base and somebody is missing."""
        found = self.results.follow_up(run.id, later.id, ())
        if is_another_base(found.found, found.customers) or (found.found == found.customers and not found.has_truth):
            return
        unknown = later if month_of_run(later) is None else run
        question = month_question(unknown.file_name, latest=self.clock.now().strftime("%Y-%m"))
        self._offer(run, later, question.text, possible=True)

    def _offer(self, run: Run, later: Run, reason: str, *, possible: bool) -> None:
        with self.new_uow() as uow:
            uow.gradings.offer(GradingOffer(run.id, later.id, reason, possible, self.clock.now()))
            uow.commit()


def earlier_runs(uow: UnitOfWork, later: Later, by: Actor) -> tuple[Candidate, ...]:
    """The ungraded runs before the later one that its file may grade: those whose month and horizon fit, or the newest
    one of which this is not known, or the newest one whose file of the following month is missing."""
    graded = {own.run_id: own for own in uow.gradings.all(visible_to=visible_to(by.account))}
    models: dict[str, ModelVersion] = {}
    fitting, unknown, overdue = list[Candidate](), list[Candidate](), list[Candidate]()
    month = later.month
    for run in _newest_before(uow, later, by):
        if run.id in graded or not _may_be_graded(run, later, by):
            continue
        own = month_of_run(run)
        if own is None or month is None:
            unknown.append(Candidate(run))
            if month is None:
                break  # the others are unknown as well, and older
            continue
        if run.model_version not in models:
            models[run.model_version] = uow.models.get(run.model_version)
        horizon = horizon_of(models[run.model_version])
        ahead = place_of(month) - place_of(own) - horizon
        if ahead == 0:
            fitting.append(Candidate(run))
        elif ahead > 0:
            overdue.append(Candidate(run, _gap(own, month, horizon)))
    newest_graded = max((own.month for own in graded.values()), default="")
    missed = [own for own in overdue if (month_of_run(own.run) or "") > newest_graded]
    return (*fitting[:MAX_GRADED], *unknown[:1]) or tuple(missed[:1])


def _newest_before(uow: UnitOfWork, later: Later, by: Actor) -> Iterator[Run]:
    """Read in parts, because a run is some tens of kilobytes and often the first one decides."""
    for first in range(0, LOOKED_AT, READ_AT_ONCE):
        query = RunQuery(
            visible_to=visible_to(by.account),
            states=(JobState.DONE,),
            until=later.at,
            limit=READ_AT_ONCE,
            offset=first,
        )
        runs = uow.runs.find(query).runs
        yield from runs
        if len(runs) < READ_AT_ONCE:
            return


def _may_be_graded(run: Run, later: Later, by: Actor) -> bool:
    """Runs whose own file says who left have their quality already."""
    summary = run.summary
    if run.id == later.run_id or run.file_sha256 == later.sha256 or summary is None or summary.numbered:
        return False
    return not run.sample and by.account.may_change(run) and not (summary.truth and summary.truth.churned)


def _gap(own: str, month: str, horizon: int) -> str:
    try:
        must_be_horizon_later(own, [month], horizon)
    except FileRefused as error:
        return str(error)
    return ""
