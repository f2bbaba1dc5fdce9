"""Grades an earlier prediction by a later file, and withdraws a grading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from application.ports.exports import ExportStore
from application.ports.intake import Uploads
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.grading.compare_files import CompareFiles, Graded, LaterFile, Report
from application.use_cases.permissions import NewUnitOfWork, note, run_changed_by, run_seen_by
from domain.account import Permission
from domain.actor import Actor
from domain.campaign_members import Side
from domain.errors import Conflict, InvalidInput
from domain.grading import Grading, GradingId, model_age
from domain.grading_choice import GradingChoice
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.run import Run, RunId

GRADED, GRADED_AUTOMATICALLY = "graded a prediction", "graded a prediction automatically"
WITHDRAWN = "withdrew a grading"
GRADED_ALREADY = "This prediction is graded already. Withdraw that grading first."
NO_FILE = (
    "The file of this prediction is no longer stored, so it cannot grade another one. Score the later file again, or "
    "grade on the command line with the file itself."
)
THE_SAME = "A prediction cannot be graded by its own file. Choose one of a later file."


@dataclass(frozen=True, slots=True)
class GradeRun:
    """Grades a run by the file of a later run, or by a file that was not scored. Only for those who may change it.

    Raises what CompareFiles raises, RunNotFound, NotAllowed, and Conflict for a run that is graded already; then
    nothing is stored.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    compare: CompareFiles
    uploads: Uploads
    clock: Clock
    ids: Ids

    def by_run(
        self,
        run_id: RunId,
        later_id: RunId,
        choice: GradingChoice,
        *,
        by: Actor,
        automatic: bool = False,
        report: Report = lambda _: None,
    ) -> Grading:
        with self.new_reading() as uow:
            later = later_file(run_seen_by(uow, later_id, by.account), self.uploads)
        return self.by_file(run_id, later, choice, by=by, automatic=automatic, report=report)

    def by_file(
        self,
        run_id: RunId,
        later: LaterFile,
        choice: GradingChoice,
        *,
        by: Actor,
        automatic: bool = False,
        report: Report = lambda _: None,
    ) -> Grading:
        run, model, policy, treated = self._read(run_id, later, by)
        graded = self.compare(run, model, policy, later, choice, treated=treated, report=report)
        grading = self._grading(run, model, graded, by, automatic=automatic)
        with self.new_uow() as uow:
            run_changed_by(uow, run_id, by.account)
            uow.gradings.add(grading)
            uow.gradings.withdraw_offers(run_id)
            note(uow, self.clock, by, GRADED_AUTOMATICALLY if automatic else GRADED, run.file_name)
            uow.commit()
        return grading

    def _read(
        self, run_id: RunId, later: LaterFile, by: Actor
    ) -> tuple[Run, ModelVersion, InstallationPolicy, frozenset[str]]:
        by.account.must_be_able_to(Permission.PREDICT)
        with self.new_reading() as uow:
            run = run_changed_by(uow, run_id, by.account)
            if run.id == later.run_id or run.file_sha256 == later.sha256:
                raise InvalidInput(THE_SAME, field="by")
            if uow.gradings.of_run(run_id) is not None:
                raise Conflict(GRADED_ALREADY)
            treated = frozenset(contacted_since(uow, run, self.clock.now()))
            return run, uow.models.get(run.model_version), uow.policies.get(), treated

    def _grading(self, run: Run, model: ModelVersion, graded: Graded, by: Actor, *, automatic: bool) -> Grading:
        return Grading(
            id=GradingId(self.ids.new()),
            run_id=run.id,
            month=graded.month,
            horizon=graded.horizon,
            model_version=model.id,
            algorithm=model.algorithm,
            model_age=model_age(model, graded.month),
            threshold=run.threshold,
            figures=graded.figures,
            source=graded.source,
            truth=graded.truth,
            by=str(by.account.id),
            at=self.clock.now(),
            new=graded.new,
            left_out=graded.left_out,
            treated=graded.treated,
            untreated=graded.untreated,
            automatic=automatic,
        )


def later_file(run: Run, uploads: Uploads) -> LaterFile:
    """The file of a later run. Raises InvalidInput if it is no longer stored."""
    path: Path = uploads.path(run.id)
    if not path.is_file():
        raise InvalidInput(NO_FILE, field="by")
    ids = run.summary.id_header if run.summary else None
    return LaterFile(path, run.file_name, run.file_sha256, run.format_override, ids or "", run.id)


def contacted_since(uow: UnitOfWork, run: Run, now: datetime) -> Iterator[str]:
    """The customers who were assigned to contact by campaigns of this run, or by campaigns that started after it."""
    for campaign in uow.campaigns.all():
        started = campaign.started_at
        if started is not None and (campaign.run_id == run.id or run.created_at <= started <= now):
            yield from (key.customer_id for key in uow.campaigns.keys(campaign.id) if key.side is Side.CONTACT)


@dataclass(frozen=True, slots=True)
class WithdrawGrading:
    """Removes a grading with all its figures; the audit log keeps who withdrew it. As for other changes of a run.

    Raises NotFound and NotAllowed.
    """

    new_uow: NewUnitOfWork
    exports: ExportStore
    clock: Clock

    def __call__(self, grading_id: GradingId, *, by: Actor) -> Run:
        """Returns the run that was graded."""
        with self.new_uow() as uow:
            grading = uow.gradings.get(grading_id)
            run = run_changed_by(uow, grading.run_id, by.account)
            uow.gradings.remove(grading_id)
            note(uow, self.clock, by, WITHDRAWN, run.file_name)
            uow.commit()
        self.exports.clear(run.id)  # reports that were made contain the figures
        return run
