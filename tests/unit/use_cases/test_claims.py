"""A worker that pauses, such as a closed laptop, neither competes with itself nor overwrites its successor's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from application.use_cases.jobs.claims import Claims
from application.use_cases.jobs.heartbeat import Heartbeat
from application.use_cases.models.submit_training import CancelTraining
from application.use_cases.predictions.history import DeleteRuns
from domain.actor import Actor
from domain.errors import NotFound
from domain.model import ModelVersion
from domain.progress import Progress, ScoringStage
from domain.run import JobState
from tests.builders import contacts_in
from tests.fakes.models import InMemoryModelRegistry
from tests.fakes.results import InMemoryResults, InMemoryWriter
from tests.fakes.security import FixedClock
from tests.fakes.system import FakeStorage
from tests.unit.use_cases import test_train_model as learning
from tests.unit.use_cases.scoring import application as scoring
from tests.unit.use_cases.scoring.conftest import app as scoring_app  # noqa: F401 - a fixture

TOO_MANY = "\n".join([scoring.HEADER, *scoring.ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()


@pytest.fixture
def trainings(tmp_path: Path) -> learning.TrainingApplication:
    made = learning.TrainingApplication(tmp_path)
    with made.new_uow() as uow:
        uow.accounts.add(learning.ANALYST)
        uow.commit()
    return made


@pytest.fixture
def runs(scoring_app: scoring.ScoringApplication) -> scoring.ScoringApplication:  # noqa: F811 - the fixture
    return scoring_app


def versions(app: learning.TrainingApplication) -> list[str]:
    with app.new_uow() as uow:
        return [version.id for version in uow.models.all()]


def once(action: Callable[[], object]) -> Callable[..., None]:
    """The action at the first call alone."""
    left = [action]

    def act(*_: object) -> None:
        if left:
            left.pop()()

    return act


def test_every_claim_has_its_own_name() -> None:
    claims = Claims("host:7")
    names = [claims.new_name() for _ in range(1000)]
    assert len(set(names)) == 1000
    assert all(name.startswith("host:7#") for name in names)


def test_a_process_does_not_take_over_a_training_that_it_still_works_on(
    trainings: learning.TrainingApplication,
) -> None:
    training, process, answers = trainings.submit(), Claims("laptop"), []

    def the_laptop_was_closed(_: Progress) -> None:
        trainings.clock.move(minutes=5)
        answers.append(trainings.train(training, claims=process))

    ended = trainings.train(training, claims=process, progress=once(lambda: the_laptop_was_closed(Progress())))
    assert ended is not None
    assert ended.state is JobState.DONE
    assert answers == [None]
    assert versions(trainings) == ["v1"]
    assert trainings.registry.versions() == ("v1",)


def test_a_training_that_was_taken_over_makes_one_version(trainings: learning.TrainingApplication) -> None:
    """The first worker sleeps after its last heartbeat, while its model is being written."""
    training = trainings.submit()

    class Slow(InMemoryModelRegistry):
        asleep = False

        def save(self, version: ModelVersion, model: Any) -> None:
            super().save(version, model)
            if not self.asleep:
                self.asleep = True
                trainings.clock.move(minutes=5)
                ended = trainings.train(training, claims=Claims("another"))
                assert ended is not None
                assert ended.version == "v2"

    trainings.registry = Slow()
    assert trainings.train(training, claims=Claims("laptop")) is None
    assert versions(trainings) == ["v2"]
    assert trainings.registry.versions() == ("v2",), "the loser removed its own folder alone"
    assert trainings.training(training.id).version == "v2"
    with trainings.new_uow() as uow:
        assert [promotion.version for promotion in uow.models.promotions()] == ["v2"]


def test_a_version_and_the_end_of_its_training_are_stored_together(trainings: learning.TrainingApplication) -> None:
    """So that a kill between the two cannot make a second version of one training."""
    training, seen = trainings.submit(), []

    class Watched(InMemoryModelRegistry):
        def save(self, version: ModelVersion, model: Any) -> None:
            super().save(version, model)
            seen.append(trainings.database.commits)

    trainings.registry = Watched()
    trainings.train(training)
    assert [trainings.database.commits - commits for commits in seen] == [1]


def test_a_folder_that_an_older_backup_does_not_know_blocks_no_training(
    trainings: learning.TrainingApplication,
) -> None:
    trainings.train(trainings.submit())
    scorer = trainings.registry.kept["v1"]
    trainings.registry.kept.update({"v5": scorer, "v6": scorer})
    ended = trainings.train(trainings.submit())
    assert ended is not None
    assert (ended.state, ended.version) == (JobState.DONE, "v7"), "people may have seen v5 and v6: they get no namesake"


def test_a_training_that_is_killed_before_its_commit_blocks_no_other(trainings: learning.TrainingApplication) -> None:
    class Killed(BaseException):
        """Nothing of ours handles it, as nothing handles a kill."""

    class Dying(InMemoryModelRegistry):
        def save(self, version: ModelVersion, model: Any) -> None:
            super().save(version, model)
            raise Killed

    trainings.registry = Dying()
    killed = trainings.submit()
    with pytest.raises(Killed):
        trainings.train(killed)
    trainings.registry = InMemoryModelRegistry(dict(trainings.registry.kept))
    ended = trainings.train(trainings.submit())
    assert ended is not None
    assert ended.state is JobState.DONE
    trainings.clock.move(minutes=5)
    again = trainings.train(killed, worker="another")
    assert again is not None
    assert again.state is JobState.DONE
    assert len(versions(trainings)) == 2


def test_a_killed_training_of_the_starter_model_is_taken_over(trainings: learning.TrainingApplication) -> None:
    training = learning.starter(trainings)
    assert training is not None
    trainings.registry.kept["v0"] = "half of a model"  # type: ignore[assignment]
    ended = trainings.train(training)
    assert ended is not None
    assert (ended.state, versions(trainings)) == (JobState.DONE, ["v0"])


class Interrupted(InMemoryResults):
    """Something happens once, after the first worker has prepared its result and before it publishes it."""

    def __init__(self, results: InMemoryResults, happens: Callable[[], object]) -> None:
        super().__init__(runs=results.runs)
        self.happens = once(happens)

    def writer(self, *given: Any, **named: Any) -> InMemoryWriter:
        inner, interrupt = super().writer(*given, **named), self.happens

        class Writer(InMemoryWriter):
            def best_contacts(self, *given: Any, **named: Any) -> Iterator[Any]:
                contacts = list(super().best_contacts(*given, **named))
                interrupt()
                yield from contacts

        return Writer(self, inner.run_id, inner.schema, inner.playbook)


def test_a_process_does_not_take_over_a_run_that_it_still_works_on(runs: scoring.ScoringApplication) -> None:
    run, process, answers = runs.submit(), Claims("laptop"), []

    def wake_up() -> None:
        runs.clock.move(minutes=5)
        answers.append(runs.score(run.id, claims=process))

    ended = runs.score(run.id, claims=process, results=Interrupted(runs.results, wake_up))
    assert ended is not None
    assert ended.state is JobState.DONE
    assert answers == [None]


def test_a_worker_that_lost_its_run_does_not_overwrite_the_result(runs: scoring.ScoringApplication) -> None:
    run = runs.submit()
    published: list[Any] = []

    def another_worker_finishes() -> None:
        runs.clock.move(minutes=5)
        assert runs.score(run.id, claims=Claims("another")) is not None
        published.append(runs.results.runs[run.id])

    assert runs.score(run.id, results=Interrupted(runs.results, another_worker_finishes)) is None
    assert [runs.results.runs[run.id]] == published
    assert runs.results.runs[run.id] is published[0]
    assert runs.run(run.id).state is JobState.DONE
    with runs.new_uow() as uow:
        assert contacts_in(uow, run.id) == 10


def test_a_worker_that_lost_its_run_leaves_the_list_of_rejected_rows_alone(runs: scoring.ScoringApplication) -> None:
    run = runs.submit("\n".join([scoring.HEADER, *scoring.ROWS, "C-11,11"]).encode())
    listed = runs.uploads.rejected_path(run.id)
    seen: list[str] = []

    def another_worker_finishes() -> None:
        assert not listed.exists(), "nobody reads a list before its run is done"
        runs.clock.move(minutes=5)
        runs.score(run.id, claims=Claims("another"))
        seen.append(listed.read_text("utf-8"))

    assert runs.score(run.id, results=Interrupted(runs.results, another_worker_finishes)) is None
    assert [listed.read_text("utf-8")] == seen
    assert "C-11" in seen[0]
    assert sorted(runs.files) == sorted([listed, runs.uploads.path(run.id)])


def test_a_stopped_run_publishes_its_list_and_leaves_no_draft(runs: scoring.ScoringApplication) -> None:
    run = runs.submit(TOO_MANY)
    draft = runs.uploads.rejected_draft(run.id)
    draft.write_text("of a worker that was killed", encoding="utf-8")
    runs.score(run.id)
    assert runs.files == [runs.uploads.rejected_path(run.id)]


@pytest.mark.parametrize("content", [scoring.FILE, TOO_MANY])
def test_a_run_that_is_deleted_while_it_is_scored_ends_quietly(
    runs: scoring.ScoringApplication, content: bytes
) -> None:
    run = runs.submit(content)

    class Deleting(InMemoryResults):
        def writer(self, *given: Any, **named: Any) -> InMemoryWriter:
            DeleteRuns(runs.new_uow, runs.results, runs.uploads, FakeStorage(), runs.clock)(
                [run.id], by=Actor(scoring.ANALYST)
            )
            return super().writer(*given, **named)

    assert runs.score(run.id, results=Deleting()) is None
    assert runs.files == []
    with pytest.raises(NotFound):
        runs.run(run.id)


def test_a_job_cancelled_while_its_worker_is_silent_ends_at_once_and_stays_so(
    trainings: learning.TrainingApplication,
) -> None:
    training = trainings.submit()

    def cancel_meanwhile(_: Progress) -> None:
        trainings.clock.move(minutes=5)
        ended = CancelTraining(trainings.new_uow, trainings.clock)(training.id, by=Actor(learning.ANALYST))
        assert ended.state is JobState.CANCELLED

    assert trainings.train(training, progress=once(lambda: cancel_meanwhile(Progress()))) is None
    assert trainings.training(training.id).state is JobState.CANCELLED
    assert versions(trainings) == []


def test_a_heartbeat_is_not_held_up_by_a_clock_that_was_set_back() -> None:
    """Else progress and cancelling would stand still until the clock had caught up."""
    clock, noted = FixedClock(), list[Progress]()

    def note(progress: Progress, at: datetime) -> tuple[bool, bool]:
        noted.append(progress)
        return True, False

    heartbeat = Heartbeat(note, clock)
    heartbeat(Progress(ScoringStage.SCORING, 1, 9))
    heartbeat(Progress(ScoringStage.SCORING, 2, 9))
    clock.move(seconds=2)
    clock.set(clock.now() - timedelta(hours=1))
    heartbeat(Progress(ScoringStage.SCORING, 3, 9))
    assert noted == [Progress(ScoringStage.SCORING, 1, 9), Progress(ScoringStage.SCORING, 3, 9)]


def test_a_heartbeat_notes_each_stage_at_once_with_the_share_of_the_job_and_the_time_left() -> None:
    clock, noted = FixedClock(), list[Progress]()

    def note(progress: Progress, at: datetime) -> tuple[bool, bool]:
        noted.append(progress)
        return True, False

    heartbeat = Heartbeat(note, clock, share=lambda step: step.share)
    heartbeat(Progress(ScoringStage.SCORING, 0, 100))
    clock.move(seconds=4)
    heartbeat(Progress(ScoringStage.SCORING, 25, 100))
    heartbeat(Progress(ScoringStage.SORTING, 20, 100))
    assert noted == [
        Progress(ScoringStage.SCORING, 0, 100, whole=0.0, left=None),
        Progress(ScoringStage.SCORING, 25, 100, whole=0.25, left=15),
        Progress(ScoringStage.SORTING, 20, 100, whole=0.25, left=15),
    ]
