"""Learning, promoting, taking over and starting afresh, on doubles in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from application.ports.models import Trainers
from application.use_cases.claims import Claims
from application.use_cases.models import PromoteModel
from application.use_cases.sample_data import EnsureStarterModel
from application.use_cases.submit_training import CancelTraining, SubmitTraining
from application.use_cases.train_model import TrainModel
from application.use_cases.upkeep import ResumeWork, WorkerLives
from domain.account import Account, Role
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.model import Algorithm, ModelStage
from domain.run import Progress, RunState
from domain.training import Training, TrainingId, TrainingRequest
from tests.builders import a_run, an_account
from tests.fakes.models import FakeTrainer
from tests.unit.use_cases.in_memory import InMemoryDesk

ANALYST = an_account(id="analyst", role=Role.ANALYST)
MANAGER = an_account(id="manager", role=Role.MANAGER)
REQUEST = TrainingRequest(target="Churn", positive="Yes")
FILE = "\n".join(
    [
        "id,Contract,Churn",
        *(f"C-{n},{'Monthly' if n % 2 else 'Yearly'},{'Yes' if n % 4 == 1 else 'No'}" for n in range(200)),
    ]
).encode()


class MadeUp:
    """Writes the same few customers whatever it is asked for."""

    def write(self, path: Path, **_: object) -> None:
        path.write_bytes(FILE)


@dataclass
class Desk(InMemoryDesk):
    trainer: FakeTrainer = field(default_factory=FakeTrainer)

    @property
    def submit_training(self) -> SubmitTraining:
        return SubmitTraining(self.new_uow, CsvCustomerFiles(), self.uploads, self.queue, self.clock, self.ids)

    def submit(self, *, by: Account = ANALYST, promote: bool = False, request: TrainingRequest = REQUEST) -> Training:
        return self.submit_training(io.BytesIO(FILE), "labelled.csv", request, by=by, promote=promote)

    def train(
        self,
        training: Training,
        *,
        worker: str = "worker-1",
        claims: Claims | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Training | None:
        def trainers() -> Trainers:
            return {Algorithm.XGBOOST: self.trainer}

        files = CsvCustomerFiles()
        use_case = TrainModel(
            self.new_uow, files, self.uploads, self.registry, trainers, self.clock, claims or Claims(worker)
        )
        return use_case(training.id, progress=progress)

    def learned(self, **more: object) -> str:
        ended = self.train(self.submit(**more))  # type: ignore[arg-type]
        assert ended is not None
        assert ended.version is not None
        return ended.version

    def stage(self, version: str) -> ModelStage:
        with self.new_uow() as uow:
            return uow.models.get(version).stage

    def training(self, training_id: TrainingId) -> Training:
        with self.new_uow() as uow:
            return uow.trainings.get(training_id)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    with made.new_uow() as uow:
        for account in (ANALYST, MANAGER):
            uow.accounts.add(account)
        uow.commit()
    return made


def starter(desk: Desk) -> Training | None:
    return EnsureStarterModel(desk.new_uow, MadeUp(), desk.submit_training, desk.clock, desk.folder)()  # type: ignore[arg-type]


def test_the_first_own_model_takes_charge_by_itself_whoever_trained_it(desk: Desk) -> None:
    version = desk.learned()
    assert desk.stage(version) is ModelStage.CHAMPION
    with desk.new_uow() as uow:
        assert [(p.version, p.previous, p.by) for p in uow.models.promotions()] == [(version, None, ANALYST.email)]


def test_a_later_model_is_a_candidate_until_somebody_who_may_promotes_it(desk: Desk) -> None:
    first, second = desk.learned(), desk.learned()
    assert desk.stage(second) is ModelStage.CANDIDATE
    with pytest.raises(NotAllowed):
        PromoteModel(desk.new_uow, desk.clock)(second, by=ANALYST)
    PromoteModel(desk.new_uow, desk.clock)(second, by=MANAGER, why="newer customers")
    assert (desk.stage(first), desk.stage(second)) == (ModelStage.RETIRED, ModelStage.CHAMPION)


def test_rolling_back_puts_an_earlier_champion_in_charge_again(desk: Desk) -> None:
    first, second = desk.learned(), desk.learned(by=MANAGER, promote=True)
    promote = PromoteModel(desk.new_uow, desk.clock)
    promote(first, by=MANAGER)
    assert (desk.stage(first), desk.stage(second)) == (ModelStage.CHAMPION, ModelStage.RETIRED)
    with pytest.raises(Conflict, match="already"):
        promote(first, by=MANAGER)


def test_an_analyst_s_wish_to_promote_is_not_granted(desk: Desk) -> None:
    desk.learned()
    assert desk.stage(desk.learned(promote=True)) is ModelStage.CANDIDATE


def test_a_fresh_installation_gets_a_starter_model_that_an_own_model_replaces(desk: Desk) -> None:
    queued = starter(desk)
    assert queued is not None
    assert starter(desk) is None  # it is under way already
    desk.train(queued)
    assert desk.stage("v0") is ModelStage.CHAMPION
    assert starter(desk) is None
    own = desk.learned()
    assert (desk.stage("v0"), desk.stage(own)) == (ModelStage.RETIRED, ModelStage.CHAMPION)


def test_the_starter_s_file_does_not_stay_in_the_scratch_folder(desk: Desk) -> None:
    starter(desk)
    assert list(desk.folder.glob("*.csv")) == []


def test_a_wrong_target_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="no column called “Left”"):
        desk.submit(request=TrainingRequest(target="Left"))
    assert desk.queue.asked == []
    assert desk.files == []


def test_a_training_is_done_once_although_it_is_asked_for_twice(desk: Desk) -> None:
    training = desk.submit()
    assert desk.train(training) is not None
    assert desk.train(training, worker="worker-2") is None
    with desk.new_uow() as uow:
        assert len(uow.models.all()) == 1


def test_a_training_whose_worker_died_is_taken_over_after_half_a_minute(desk: Desk) -> None:
    training = desk.submit()
    with desk.new_uow() as uow:
        now = desk.clock.now()
        uow.trainings.claim(training.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    assert desk.train(training) is None
    desk.clock.move(seconds=31)
    ended = desk.train(training)
    assert ended is not None
    assert ended.state is RunState.DONE


def test_a_training_cancelled_while_it_learns_makes_no_model(desk: Desk) -> None:
    training = desk.submit()

    def cancel(_: Progress) -> None:
        desk.clock.move(seconds=2)
        CancelTraining(desk.new_uow, desk.clock)(training.id, by=ANALYST)

    ended = desk.train(training, progress=cancel)
    assert ended is not None
    assert ended.state is RunState.CANCELLED
    assert desk.registry.versions() == ()


def test_nobody_else_can_cancel_a_training(desk: Desk) -> None:
    training = desk.submit()
    with pytest.raises(NotFound):
        CancelTraining(desk.new_uow, desk.clock)(training.id, by=an_account(id="stranger", role=Role.ANALYST))
    assert desk.training(training.id).state is RunState.QUEUED


def test_what_the_trainer_refuses_fails_the_training_in_its_words(desk: Desk) -> None:
    training = desk.submit(request=TrainingRequest(target="Churn", positive="Maybe"))
    ended = desk.train(training)
    assert ended is not None
    assert ended.state is RunState.FAILED
    assert ended.error


def test_work_whose_worker_is_silent_is_queued_again_and_fresh_work_is_left_alone(desk: Desk) -> None:
    training = desk.submit()
    with desk.new_uow() as uow:
        uow.runs.add(a_run(id="run-1", state=RunState.QUEUED, created_at=desk.clock.now()))
        uow.commit()
    desk.queue.asked.clear()
    resume = ResumeWork(desk.new_uow, desk.queue, desk.clock)
    assert resume() == 0
    assert resume(all_queued=True) == 2
    desk.clock.move(seconds=31)
    desk.queue.asked.clear()
    assert resume() == 2
    assert desk.queue.asked == [training.id, "run-1"]


def test_a_worker_counts_as_alive_while_it_shows_itself(desk: Desk) -> None:
    lives = WorkerLives(desk.new_uow, desk.clock)
    assert not lives()
    with desk.new_uow() as uow:
        uow.workers.beat("worker-1", at=desk.clock.now())
        uow.commit()
    assert lives()
    desk.clock.move(seconds=31)
    assert not lives()
