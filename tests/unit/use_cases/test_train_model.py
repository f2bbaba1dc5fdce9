"""Learning, promoting, taking over and starting afresh, on doubles in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from application.ports.audit import AuditQuery
from application.ports.models import Trainers
from application.use_cases.files.history import AddHistory
from application.use_cases.jobs.claims import Claims
from application.use_cases.maintenance.scheduled_tasks import ResumeWork, WorkerLives
from application.use_cases.models.compare_models import CompareModels
from application.use_cases.models.promotion import PromoteModel
from application.use_cases.models.submit_training import CancelTraining, CheckLabelled, LabelledCheck, SubmitTraining
from application.use_cases.models.train_model import TrainModel
from application.use_cases.predictions.sample_data import EnsureStarterModel
from domain.account import Account, Role
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.model import Algorithm, ModelStage, ModelVersion
from domain.model_comparison import ComparisonMonths
from domain.progress import Progress
from domain.run import JobState
from domain.training import Training, TrainingId, TrainingRequest
from tests.builders import a_run, an_account
from tests.fakes.history import HistoryStoreInMemory
from tests.fakes.model_pairs import PairsInMemory
from tests.fakes.models import FakeTrainer
from tests.unit.use_cases.in_memory import CountingFiles, InMemoryApplication

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
class TrainingApplication(InMemoryApplication):
    trainer: FakeTrainer = field(default_factory=FakeTrainer)
    intake: CsvCustomerFiles = field(default_factory=CsvCustomerFiles)

    @property
    def history(self) -> AddHistory:
        return AddHistory(self.intake, HistoryStoreInMemory())

    @property
    def submit_training(self) -> SubmitTraining:
        return SubmitTraining(self.new_uow, self.intake, self.uploads, self.queue, self.clock, self.ids)

    def submit(self, *, by: Account = ANALYST, promote: bool = False, request: TrainingRequest = REQUEST) -> Training:
        return self.submit_training(io.BytesIO(FILE), "labelled.csv", request, by=Actor(by), promote=promote)

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

        use_case = TrainModel(
            self.new_uow,
            self.new_reading,
            self.intake,
            self.uploads,
            self.registry,
            trainers,
            self.clock,
            claims or Claims(worker),
            CompareModels(self.new_reading, self.intake, self.registry, PairsInMemory(), self.history, formats_of),
            self.history,
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
def app(tmp_path: Path) -> TrainingApplication:
    made = TrainingApplication(tmp_path)
    with made.new_uow() as uow:
        for account in (ANALYST, MANAGER):
            uow.accounts.add(account)
        uow.commit()
    return made


def starter(app: TrainingApplication) -> Training | None:
    return EnsureStarterModel(app.new_uow, MadeUp(), app.submit_training, app.clock, app.folder)()  # type: ignore[arg-type]


def test_the_first_own_model_becomes_champion_although_an_analyst_trained_it(app: TrainingApplication) -> None:
    version = app.learned()
    assert app.stage(version) is ModelStage.CHAMPION
    with app.new_uow() as uow:
        assert [(p.version, p.previous, p.by) for p in uow.models.promotions()] == [(version, None, ANALYST.email)]


def test_a_later_model_is_a_candidate_until_a_manager_promotes_it(app: TrainingApplication) -> None:
    first, second = app.learned(), app.learned()
    assert app.stage(second) is ModelStage.CANDIDATE
    with pytest.raises(NotAllowed):
        PromoteModel(app.new_uow, app.clock, formats_of)(second, by=Actor(ANALYST))
    PromoteModel(app.new_uow, app.clock, formats_of)(second, by=Actor(MANAGER), reason="newer customers")
    assert (app.stage(first), app.stage(second)) == (ModelStage.RETIRED, ModelStage.CHAMPION)


def test_rolling_back_makes_an_earlier_version_champion_again(app: TrainingApplication) -> None:
    first, second = app.learned(), app.learned(by=MANAGER, promote=True)
    promote = PromoteModel(app.new_uow, app.clock, formats_of)
    promote(first, by=Actor(MANAGER))
    assert (app.stage(first), app.stage(second)) == (ModelStage.CHAMPION, ModelStage.RETIRED)
    with pytest.raises(Conflict, match="already"):
        promote(first, by=Actor(MANAGER))


def test_an_analyst_cannot_promote_a_model(app: TrainingApplication) -> None:
    app.learned()
    assert app.stage(app.learned(promote=True)) is ModelStage.CANDIDATE


def test_a_fresh_installation_gets_a_starter_model_that_an_own_model_replaces(app: TrainingApplication) -> None:
    queued = starter(app)
    assert queued is not None
    assert starter(app) is None  # it is under way already
    app.train(queued)
    assert app.stage("v0") is ModelStage.CHAMPION
    with app.new_uow() as uow:
        entries, _ = uow.audit.find(AuditQuery(action="made its model the champion"))
    assert [(entry.actor, entry.subject) for entry in entries] == [("system@localhost", "v0")]
    assert starter(app) is None
    own = app.learned()
    assert (app.stage("v0"), app.stage(own)) == (ModelStage.RETIRED, ModelStage.CHAMPION)


def test_the_starter_s_file_does_not_stay_in_the_scratch_folder(app: TrainingApplication) -> None:
    starter(app)
    assert list(app.folder.glob("*.csv")) == []


def test_a_wrong_target_is_refused_and_nothing_is_stored(app: TrainingApplication) -> None:
    with pytest.raises(InvalidInput, match="no column called “Left”"):
        app.submit(request=TrainingRequest(target="Left"))
    assert app.queue.asked == []
    assert app.files == []


def test_a_training_is_done_once_although_it_is_asked_for_twice(app: TrainingApplication) -> None:
    training = app.submit()
    assert app.train(training) is not None
    assert app.train(training, worker="worker-2") is None
    with app.new_uow() as uow:
        assert len(uow.models.all()) == 1


def test_a_training_whose_worker_died_is_taken_over_after_half_a_minute(app: TrainingApplication) -> None:
    training = app.submit()
    with app.new_uow() as uow:
        now = app.clock.now()
        uow.trainings.claim(training.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    assert app.train(training) is None
    app.clock.move(seconds=31)
    ended = app.train(training)
    assert ended is not None
    assert ended.state is JobState.DONE


def test_a_training_cancelled_while_it_learns_makes_no_model(app: TrainingApplication) -> None:
    training = app.submit()

    def cancel(_: Progress) -> None:
        app.clock.move(seconds=2)
        CancelTraining(app.new_uow, app.clock)(training.id, by=Actor(ANALYST))

    ended = app.train(training, progress=cancel)
    assert ended is not None
    assert ended.state is JobState.CANCELLED
    assert app.registry.versions() == ()


def test_nobody_else_can_cancel_a_training(app: TrainingApplication) -> None:
    training = app.submit()
    with pytest.raises(NotFound):
        CancelTraining(app.new_uow, app.clock)(training.id, by=Actor(an_account(id="stranger", role=Role.ANALYST)))
    assert app.training(training.id).state is JobState.QUEUED


def test_a_rejection_by_the_trainer_fails_the_training_with_its_message(app: TrainingApplication) -> None:
    training = app.submit(request=TrainingRequest(target="Churn", positive="Maybe"))
    ended = app.train(training)
    assert ended is not None
    assert ended.state is JobState.FAILED
    assert ended.error


def test_jobs_of_silent_workers_are_queued_again_and_others_are_not(app: TrainingApplication) -> None:
    training = app.submit()
    with app.new_uow() as uow:
        uow.runs.add(a_run(id="run-1", state=JobState.QUEUED, created_at=app.clock.now()))
        uow.commit()
    app.queue.asked.clear()
    resume = ResumeWork(app.new_uow, app.queue, app.clock)
    assert resume() == 0
    assert resume(all_queued=True) == 2
    app.clock.move(seconds=31)
    app.queue.asked.clear()
    assert resume() == 2
    assert app.queue.asked == [training.id, "run-1"]


def test_a_worker_is_alive_while_its_heartbeat_is_recent(app: TrainingApplication) -> None:
    lives = WorkerLives(app.new_uow, app.clock)
    assert not lives()
    with app.new_uow() as uow:
        uow.workers.heartbeat("worker-1", at=app.clock.now())
        uow.commit()
    assert lives()
    app.clock.move(seconds=31)
    assert not lives()


def test_a_worker_trains_with_what_the_file_was_recognised_as_when_it_arrived(app: TrainingApplication) -> None:
    app.intake = files = CountingFiles()
    training = app.submit()
    stored = app.training(training.id).recognition
    assert stored is not None
    assert (stored.sha256, stored.header, stored.columns) == (
        training.file_sha256,
        ("id", "Contract", "Churn"),
        None,
    )
    assert len(files.previewed) == 1
    ended = app.train(training)
    assert ended is not None
    assert (ended.state, ended.recognition) == (JobState.DONE, None)
    assert len(files.previewed) == 1


def test_a_training_of_an_earlier_version_is_recognised_again(app: TrainingApplication) -> None:
    app.intake = files = CountingFiles()
    training = app.submit()
    with app.new_uow() as uow:
        uow.trainings.save(replace(uow.trainings.get(training.id), recognition=None))
        uow.commit()
    ended = app.train(training)
    assert ended is not None
    assert ended.state is JobState.DONE
    assert len(files.previewed) == 2


LONG = b"\n".join([FILE, *FILE.splitlines()[1:] * 30])
"""More rows than a check of a part looks at."""


def checked(
    app: TrainingApplication, content: bytes = FILE, request: TrainingRequest = REQUEST, *, whole: bool = True
) -> LabelledCheck:
    check = CheckLabelled(app.new_uow, app.intake, app.uploads, lambda: {Algorithm.XGBOOST: FakeTrainer()}, app.ids)
    return check(io.BytesIO(content), request, by=ANALYST, whole=whole)


def test_the_recognition_of_a_complete_check_is_used_again(app: TrainingApplication) -> None:
    check = checked(app)
    training = app.submit_training(io.BytesIO(FILE), "labelled.csv", REQUEST, by=Actor(ANALYST), checked=check)
    app.train(training)
    assert check.recognised is not None
    assert app.trainer.known == [check.recognised]


@pytest.mark.parametrize(
    ("content", "request_", "whole"),
    [
        (FILE + b"C-200,Monthly,Yes\n", REQUEST, True),
        (FILE, replace(REQUEST, seed=7), True),
        (LONG, REQUEST, False),
    ],
)
def test_a_check_of_other_bytes_another_request_or_part_of_a_file_is_not_used(
    app: TrainingApplication, content: bytes, request_: TrainingRequest, whole: bool
) -> None:
    check = checked(app, content, request_, whole=whole)
    same = content if not whole else FILE
    training = app.submit_training(io.BytesIO(same), "labelled.csv", REQUEST, by=Actor(ANALYST), checked=check)
    app.train(training)
    assert app.trainer.known == [None]


MONTHS = ComparisonMonths(("2026-07",), ("2026-08",))


def of_months(*, contract: str = "Contract") -> bytes:
    """Customers of two months: in the second one, one in five of those who pay monthly leaves."""
    rows = [
        f"C-{n},2026-0{month},{'Monthly' if n % 2 else 'Yearly'},{'Yes' if n % (4, 10)[month - 7] == 1 else 'No'}"
        for month in (7, 8)
        for n in range(200)
    ]
    return "\n".join([f"id,SnapshotMonth,{contract},Churn", *rows]).encode()


def learned_from(app: TrainingApplication, file: bytes, *, promote: bool = False) -> ModelVersion:
    request = replace(REQUEST, compare=MONTHS)
    training = app.submit_training(io.BytesIO(file), "months.csv", request, by=Actor(MANAGER), promote=promote)
    ended = app.train(training)
    assert ended is not None
    assert ended.version is not None, ended.error
    with app.new_uow() as uow:
        return uow.models.get(ended.version)


def test_a_version_is_compared_with_the_champion_on_months_it_did_not_learn_from(app: TrainingApplication) -> None:
    first = app.learned()
    version = learned_from(app, of_months())
    assert (version.rows, version.churned, app.stage(first)) == (200, 50, ModelStage.CHAMPION)
    assert version.stage is ModelStage.CANDIDATE
    compared = version.evaluation.compared
    assert compared is not None
    assert compared.figures is not None
    assert (compared.months, compared.champion, compared.figures.rows, compared.figures.left) == (
        MONTHS,
        "model v1",
        200,
        20,
    )
    assert compared.figures.champion is not None
    assert compared.figures.candidate.expected == pytest.approx(50.0, abs=0.5)
    assert compared.doubts[0].startswith("It is not known which months Model v1 learned from")
    assert version.last_month_learned == "2026-07"


def test_a_compared_version_waits_even_where_the_champion_is_the_starter(app: TrainingApplication) -> None:
    starter = app.learned()
    with app.new_uow() as uow:
        uow.models.save(replace(uow.models.get(starter), starter=True))
        uow.commit()
    version = learned_from(app, of_months())
    assert version.stage is ModelStage.CANDIDATE
    compared = version.evaluation.compared
    assert compared is not None
    assert compared.doubts == ("The starter model learned from generated customers.",)


def test_the_first_version_becomes_champion_and_says_that_there_was_none(app: TrainingApplication) -> None:
    version = learned_from(app, of_months())
    compared = version.evaluation.compared
    assert compared is not None
    assert (version.stage, compared.champion) == (ModelStage.CHAMPION, "")
    assert compared.problem == "There is no champion to compare it with."


def test_a_champion_that_cannot_read_the_months_does_not_lose_the_version(app: TrainingApplication) -> None:
    app.learned()
    version = learned_from(app, of_months(contract="Shade"))
    compared = version.evaluation.compared
    assert compared is not None
    assert compared.figures is not None
    assert (compared.figures.rows, compared.figures.champion) == (200, None)
    assert compared.problem.startswith("Model v1 could not score these months: ")
