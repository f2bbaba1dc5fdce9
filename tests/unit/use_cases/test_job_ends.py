"""Every end of a job, for each of the three kinds: the same rules whether it scores, trains or makes an export."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.results.files.exports import FileExports
from application.ports.exports import ExportOrder
from application.use_cases.jobs.claims import Claims
from application.use_cases.maintenance.scheduled_tasks import ResumeWork
from application.use_cases.reports.queued_exports import MakeExport, ResumeExports
from domain.account import Role
from domain.customer_query import CustomerQuery
from domain.errors import Cancelled, InvalidInput
from domain.export import ExportKind, ExportOptions
from domain.run import JobState, RunId
from tests.builders import a_finished_run, a_run, a_training, an_account
from tests.unit.use_cases import test_train_model as learning
from tests.unit.use_cases.in_memory import InMemoryApplication
from tests.unit.use_cases.scoring import application as scoring
from tests.unit.use_cases.scoring.conftest import app as scoring_app  # noqa: F401 - a fixture

Hook = Callable[[], object]
OURS = RuntimeError("a defect")
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"


class Killed(BaseException):
    """Ends the process in the middle of the work, so that nobody stores an end."""


class Kind(ABC):
    """One job of one kind that waits for a worker."""

    went_wrong: str

    @abstractmethod
    def work(self, worker: str = "first", during: Hook | None = None) -> Any:
        """The ended job, or None. `during` is called once, in the middle of the work."""

    @abstractmethod
    def stored(self) -> tuple[str, str | None]:
        """The state, and the sentence about a failure."""

    @abstractmethod
    def request_cancel(self) -> None:
        """As a person does while a worker has the job."""

    @abstractmethod
    def fall_silent(self) -> None:
        """Time passes until the worker's claim has run out."""

    @abstractmethod
    def delete(self) -> None:
        """As a person does while a worker has the job."""

    def end(self, during: Hook) -> str | None:
        """The state in which a worker returns the job; None for a lost one."""
        ended = self.work(during=during)
        return None if ended is None else str(ended.state)


def once(hook: Hook | None) -> Hook:
    left = [hook] if hook else []
    return lambda: left.pop()() if left else None


@dataclass
class Scoring(Kind):
    app: scoring.ScoringApplication
    went_wrong = "Something went wrong on our side while scoring. The uploaded file is kept; try again."

    def __post_init__(self) -> None:
        self.id = self.app.submit().id

    def work(self, worker: str = "first", during: Hook | None = None) -> Any:
        act = once(during)
        return self.app.score(self.id, claims=Claims(worker), open_listener=lambda *_: lambda *_: act())

    def stored(self) -> tuple[str, str | None]:
        run = self.app.run(self.id)
        return str(run.state), run.error

    def request_cancel(self) -> None:
        self.app.change(replace(self.app.run(self.id), cancel_requested=True))

    def fall_silent(self) -> None:
        self.app.clock.move(minutes=5)

    def delete(self) -> None:
        with self.app.new_uow() as uow:
            uow.runs.remove(self.id)
            uow.commit()
        self.app.clock.move(seconds=2)


@dataclass
class Learning(Kind):
    app: learning.TrainingApplication
    went_wrong = "Something went wrong on our side while training. The uploaded file is kept; try again."

    def __post_init__(self) -> None:
        with self.app.new_uow() as uow:
            uow.accounts.add(learning.ANALYST)
            uow.commit()
        self.training = self.app.submit()

    def work(self, worker: str = "first", during: Hook | None = None) -> Any:
        act = once(during)
        return self.app.train(self.training, claims=Claims(worker), progress=lambda _: act())

    def stored(self) -> tuple[str, str | None]:
        training = self.app.training(self.training.id)
        return str(training.state), training.error

    def request_cancel(self) -> None:
        with self.app.new_uow() as uow:
            uow.trainings.save(replace(uow.trainings.get(self.training.id), cancel_requested=True))
            uow.commit()
        self.app.clock.move(seconds=2)

    def fall_silent(self) -> None:
        self.app.clock.move(minutes=5)

    def delete(self) -> None:
        self.app.database.kept.trainings.clear()
        self.app.clock.move(seconds=2)


@dataclass
class Exporting(Kind):
    app: InMemoryApplication
    went_wrong = "The report could not be made: something failed on our side. Ask for it again."

    def __post_init__(self) -> None:
        self.store = FileExports(self.app.folder / "results")
        folder = self.store.root / "run-1"
        folder.mkdir(parents=True)
        for name in ("customers.parquet", "notes.json"):
            (folder / name).touch()
        owner = an_account(id="analyst", role=Role.ANALYST)
        with self.app.new_uow() as uow:
            uow.accounts.add(owner)
            uow.runs.add(a_finished_run(id="run-1"))
            uow.commit()
        options = ExportOptions(ExportKind.PDF)
        self.order = ExportOrder(
            "export-1", RunId("run-1"), owner.id, CustomerQuery(0.5), options, self.app.clock.now()
        )
        self.store.put(self.order)

    def work(self, worker: str = "first", during: Hook | None = None) -> Any:
        act = once(during)

        def pdf(_run: RunId, _query: CustomerQuery, draft: Path, **_: object) -> None:
            act()
            draft.write_bytes(b"%PDF")

        unused: Any = None
        made: Any = pdf
        return MakeExport(self.app.new_uow, self.store, made, unused, self.app.queue)("run-1", "export-1")  # type: ignore[arg-type]

    def stored(self) -> tuple[str, str | None]:
        record = self.store.find(self.order.run_id, self.order.id)
        assert record is not None
        return str(record.state), record.problem or None

    def request_cancel(self) -> None:
        raise Cancelled

    def fall_silent(self) -> None:
        hour_ago = time.time() - 3600
        os.utime(self.store.root / "run-1" / "exports" / "export-1.claim", (hour_ago, hour_ago))

    def delete(self) -> None:
        with self.app.new_uow() as uow:
            uow.runs.remove(RunId("run-1"))
            uow.commit()
        raise InvalidInput("The run is gone.")


@pytest.fixture(params=["scoring", "training", "export"])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    if request.param == "scoring":
        return Scoring(request.getfixturevalue("scoring_app"))
    if request.param == "training":
        return Learning(learning.TrainingApplication(tmp_path))
    return Exporting(InMemoryApplication(tmp_path))


def raising(error: BaseException) -> Hook:
    def hook() -> None:
        raise error

    return hook


def test_a_job_that_succeeds_runs_once(job: Kind) -> None:
    assert job.end(lambda: None) == DONE
    assert job.stored() == (DONE, None)
    assert job.work("second") is None


def test_the_message_of_a_domain_error_is_the_reason_of_the_failure(job: Kind) -> None:
    assert job.end(raising(InvalidInput("This cannot be read."))) == FAILED
    assert job.stored() == (FAILED, "This cannot be read.")


def test_an_internal_error_is_stored_without_its_text_and_raised_again(job: Kind) -> None:
    with pytest.raises(RuntimeError, match="a defect"):
        job.work(during=raising(OURS))
    assert job.stored() == (FAILED, job.went_wrong)


def test_a_killed_job_has_no_end_until_another_worker_takes_it_over(job: Kind) -> None:
    with pytest.raises(Killed):
        job.work(during=raising(Killed()))
    assert job.stored()[0] in ("running", "making")
    assert job.work("second") is None
    job.fall_silent()
    ended = job.work("second")
    assert str(ended.state) == DONE
    assert job.stored() == (DONE, None)


def test_a_job_taken_over_while_running_is_finished_by_the_other_worker(job: Kind) -> None:
    def successor() -> None:
        job.fall_silent()
        assert str(job.work("second").state) == DONE

    ended = job.work(during=successor)
    assert job.stored() == (DONE, None)
    if not isinstance(job, Exporting):  # two workers with one order write the same file, and the later one stays
        assert ended is None


def test_a_job_deleted_while_running_does_not_fail(job: Kind) -> None:
    assert job.end(job.delete) is None


def test_a_job_that_a_person_cancels_ends_as_cancelled(job: Kind) -> None:
    """An export cannot be cancelled on any page; one that is nevertheless says so."""
    ended = job.end(job.request_cancel)
    if isinstance(job, Exporting):
        assert ended == FAILED
        assert job.stored() == (FAILED, "This export was cancelled. Ask for it again.")
    else:
        assert ended == CANCELLED
        assert job.stored() == (CANCELLED, None)


def test_an_error_after_cancelling_ends_as_cancelled(job: Kind) -> None:
    if isinstance(job, Exporting):
        pytest.skip("an export cannot be cancelled")

    def cancel_then_fail() -> None:
        job.request_cancel()
        raise OURS

    assert job.end(cancel_then_fail) == CANCELLED
    assert job.stored() == (CANCELLED, None)


AT = datetime.fromisoformat("2026-11-29T12:00:00+00:00")


@pytest.mark.parametrize(
    ("seconds", "state", "heartbeat", "all_queued", "needed"),
    [
        (30, JobState.QUEUED, None, False, False),
        (31, JobState.QUEUED, None, False, True),
        (0, JobState.QUEUED, None, True, True),
        (90, JobState.RUNNING, 30, True, False),
        (90, JobState.RUNNING, 31, False, True),
        (90, JobState.RUNNING, None, False, True),
        (90, JobState.DONE, 90, True, False),
        (90, JobState.CANCELLED, 90, True, False),
    ],
)
def test_which_jobs_need_a_worker(
    seconds: int, state: JobState, heartbeat: int | None, all_queued: bool, needed: bool
) -> None:
    """Queued for over half a minute, or running with a worker that has been silent for that long."""
    given = {
        "state": state,
        "created_at": AT - timedelta(seconds=seconds),
        "heartbeat_at": None if heartbeat is None else AT - timedelta(seconds=heartbeat),
    }
    for job in (a_run(**given), a_training(**given)):
        assert job.needs_worker(AT, all_queued=all_queued) is needed


def test_resuming_queues_runs_trainings_and_exports_by_the_same_rule(tmp_path: Path) -> None:
    exporting = Exporting(InMemoryApplication(tmp_path))
    app = exporting.app
    with app.new_uow() as uow:
        uow.runs.add(a_run(id="waiting", created_at=app.clock.now()))
        uow.trainings.add(a_training(id="learning", created_at=app.clock.now()))
        uow.commit()
    work = ResumeWork(app.new_uow, app.queue, app.clock)
    exports = ResumeExports(exporting.store, app.queue, app.clock)
    app.clock.move(seconds=30)
    assert (work(), exports()) == (0, 0)
    app.clock.move(seconds=1)
    assert (work(), exports()) == (2, 1)
    assert app.queue.asked == ["learning", "waiting", "export-1"]
