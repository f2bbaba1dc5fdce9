"""The starter model, and sample data that a user can load and remove with one click."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.models import SampleCustomers
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.use_cases.models.submit_training import SubmitTraining
from application.use_cases.permissions import NewUnitOfWork, note
from application.use_cases.predictions.history import DeleteRuns
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.account import Account, system_account
from domain.actor import Actor
from domain.errors import Conflict, NoModel
from domain.model import STARTER_ID, Effort, is_starter
from domain.run import JobState, Run
from domain.training import Training, TrainingRequest

STARTER_ROWS = 6_000
STARTER_SEED = 2026
STARTER_MONTHS = 2
"""Few months, but enough for a month column, so that the starter model can read the months of files."""
SAMPLE_MONTHS = 12
SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class WriteSample:
    """Writes generated customers to a CSV file. With `months`, customers repeat over that many snapshot months."""

    sample: SampleCustomers

    def __call__(
        self,
        path: Path,
        *,
        rows: int,
        seed: int,
        months: int | None = None,
        labelled: bool = True,
        drift: float = 0.0,
        activity: bool = False,
    ) -> None:
        self.sample.write(path, rows=rows, seed=seed, months=months, labelled=labelled, drift=drift, activity=activity)


@dataclass(frozen=True, slots=True)
class EnsureStarterModel:
    """Queues a training of the starter model on generated customers, unless there is a model or such a training."""

    new_uow: NewUnitOfWork
    sample: SampleCustomers
    submit: SubmitTraining
    clock: Clock
    scratch: Path

    def __call__(self) -> Training | None:
        with self.new_uow() as uow:
            if uow.models.champion() is not None or any(t.starter for t in uow.trainings.unfinished()):
                return None
        path = self.scratch / "starter-customers.csv"
        last = self.clock.now().strftime("%Y-%m")
        self.sample.write(path, rows=STARTER_ROWS, seed=STARTER_SEED, months=STARTER_MONTHS, last_month=last)
        try:
            with path.open("rb") as stream:
                return self.submit(
                    stream,
                    path.name,
                    TrainingRequest(target="Churn", positive="Yes", effort=Effort.LOW),
                    by=Actor(system_account(self.clock.now())),
                    starter=True,
                )
        finally:
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class StartSample:
    """Scores SAMPLE_MONTHS of generated customers with the starter model, marked as sample."""

    new_uow: NewUnitOfWork
    sample: SampleCustomers
    submit: SubmitScoring
    clock: Clock
    scratch: Path

    def __call__(self, *, by: Actor) -> list[Run]:
        """Returns the queued runs, the earliest month first. Raises Conflict if this person already has sample data."""
        if sample_runs(self.new_uow, by.account):
            raise Conflict("The sample data is here already. Remove it before you load it again.")
        with self.new_uow() as uow:
            if not any(is_starter(version.id) for version in uow.models.all()):
                raise NoModel
        last = self.clock.now().strftime("%Y-%m")
        paths = self.sample.write_months(
            self.scratch, rows=SAMPLE_ROWS, seed=STARTER_SEED + 1, months=SAMPLE_MONTHS, last_month=last
        )
        runs = []
        try:
            for path in paths:
                with path.open("rb") as stream:
                    runs.append(self.submit(stream, path.name, by=by, model_id=STARTER_ID, sample=True))
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
        return runs


def sample_runs(new_uow: NewUnitOfWork, by: Account) -> list[Run]:
    """The person's own sample runs, newest first."""
    with new_uow() as uow:
        own = uow.runs.find(RunQuery(owner=str(by.id), limit=None)).runs
    return [run for run in own if run.sample]


@dataclass(frozen=True, slots=True)
class RemoveSample:
    """Removes the person's own sample runs and the campaign that was made from them."""

    new_uow: NewUnitOfWork
    delete_runs: DeleteRuns
    clock: Clock

    def __call__(self, *, by: Actor) -> int:
        runs = sample_runs(self.new_uow, by.account)
        self.delete_runs([run.id for run in runs], by=by)
        with self.new_uow() as uow:
            for campaign in uow.campaigns.all():
                if campaign.sample and campaign.owner == by.account.id:
                    uow.campaigns.remove(campaign.id)
            note(uow, self.clock, by, "removed the sample data")
            uow.commit()
        return len(runs)


def sample_progress(runs: list[Run]) -> tuple[int, int]:
    """The number of finished sample months, and of all."""
    return sum(run.state is JobState.DONE for run in runs), len(runs)
