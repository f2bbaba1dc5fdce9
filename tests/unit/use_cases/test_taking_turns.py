"""Workers take jobs in turn: who is next, how many large ones at once, how many may wait, and where one stands."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.exports import ExportOrder, ExportRecord, ExportState
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.job_queue import ClaimNext, ReadQueue, TouchClaims, ViewPlace
from application.use_cases.models.submit_training import SubmitTraining
from application.use_cases.predictions.submit_scoring import CancelRun, SubmitScoring
from domain.account import Account, AccountId, Role
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.errors import TooManyWaiting
from domain.export import ExportKind, ExportOptions
from domain.queueing import MAX_SMALL_BYTES, QueuePlace
from domain.run import JobState, Run, RunId
from domain.training import TrainingRequest
from tests.builders import a_run, a_training, an_account
from tests.unit.use_cases.scoring.application import ANALYST, FILE, ScoringApplication
from tests.unit.use_cases.scoring.conftest import app as app  # a fixture

OTHER = an_account(id="other", email="other@telco.example.com", role=Role.ANALYST)


@dataclass
class Exports:
    """A store of exports that holds these orders."""

    records: list[ExportRecord] = field(default_factory=list)

    def unfinished(self) -> Sequence[ExportRecord]:
        return self.records

    def order(self, name: str, app: ScoringApplication, owner: str = "other") -> None:
        order = ExportOrder(
            name, RunId("r"), AccountId(owner), CustomerQuery(0.5), ExportOptions(ExportKind.PDF), app.clock.now()
        )
        self.records.append(ExportRecord(order, ExportState.WAITING))


@dataclass
class Worker:
    """One worker process with so many threads."""

    app: ScoringApplication
    threads: int = 2
    name: str = "worker"
    exports: Any = field(default_factory=Exports)

    def __post_init__(self) -> None:
        self.claims = Claims(self.name, threads=self.threads)
        self.read = ReadQueue(self.exports, self.claims)

    def next(self, **more: Any) -> Claim | None:
        return ClaimNext(self.app.new_uow, self.read, self.claims, self.app.clock)(**more)

    def take(self) -> str | None:
        claim = self.next()
        return None if claim is None else claim.job.id

    def place(self, job_id: str) -> QueuePlace | None:
        return ViewPlace(self.app.new_uow, self.read, self.app.clock)(job_id)


def queued(app: ScoringApplication, name: str, owner: str = "analyst", *, large: bool = False) -> Run:
    run = a_run(
        id=RunId(name),
        owner=owner,
        created_at=app.clock.now(),
        file_bytes=MAX_SMALL_BYTES + large,
    )
    with app.new_uow() as uow:
        uow.runs.add(run)
        uow.commit()
    app.clock.move(seconds=1)
    return run


def end(app: ScoringApplication, worker: Worker, name: str) -> None:
    run = app.run(RunId(name))
    app.change(replace(run, state=JobState.CANCELLED))
    worker.claims.release(next(claim for claim in worker.claims.held() if claim.job.id == name))
    app.clock.move(seconds=1)


def test_another_person_s_file_is_taken_as_soon_as_a_thread_is_free(app: ScoringApplication) -> None:
    for number in range(20):
        queued(app, f"theirs-{number}", "other")
    worker = Worker(app, threads=1)
    assert worker.take() == "theirs-0"
    queued(app, "mine")
    assert worker.place("mine") == QueuePlace()
    end(app, worker, "theirs-0")
    assert worker.take() == "mine"


def test_with_two_threads_one_is_kept_free_of_large_jobs_trainings_included(app: ScoringApplication) -> None:
    queued(app, "large-1", large=True)
    queued(app, "large-2", "other", large=True)
    with app.new_uow() as uow:
        uow.trainings.add(a_training(owner="third", created_at=app.clock.now()))
        uow.commit()
    worker = Worker(app, threads=2)
    assert worker.take() == "large-1"
    assert worker.take() is None, "the second thread waits for something small"
    queued(app, "small", "analyst")
    assert worker.take() == "small"
    end(app, worker, "large-1")
    assert worker.take() == "large-2"


def test_a_worker_that_is_about_to_be_replaced_leaves_waiting_jobs_to_the_next_one(app: ScoringApplication) -> None:
    queued(app, "run-0")
    queued(app, "run-1")
    old, new = Worker(app, name="old"), Worker(app, name="new")
    old.claims.max_jobs = 1
    assert old.take() == "run-0"
    end(app, old, "run-0")

    assert old.take() is None
    assert new.take() == "run-1"


def test_several_workers_never_take_the_same_job(app: ScoringApplication) -> None:
    for number in range(3):
        queued(app, f"run-{number}")
    workers = [Worker(app, name=f"worker-{number}") for number in range(2)]
    taken = [worker.take() for _ in range(3) for worker in workers]
    assert sorted(name for name in taken if name) == ["run-0", "run-1", "run-2"]
    assert taken.count(None) == 3


def test_lost_and_doubled_messages_change_nothing(app: ScoringApplication) -> None:
    worker = Worker(app)
    assert worker.take() is None
    queued(app, "run-0")
    assert [worker.take(), worker.take()] == ["run-0", None]


def test_a_job_of_a_silent_worker_is_taken_over_but_never_from_a_thread_of_the_same_process(
    app: ScoringApplication,
) -> None:
    queued(app, "run-0")
    asleep, awake = Worker(app, name="asleep"), Worker(app, name="awake")
    claim = asleep.next()
    assert claim is not None
    app.clock.move(seconds=30)
    assert awake.take() is None
    app.clock.move(seconds=1)
    assert asleep.take() is None
    assert awake.take() == "run-0"
    assert app.run(RunId("run-0")).worker != claim.name


def test_a_long_step_without_progress_keeps_its_claim(app: ScoringApplication) -> None:
    queued(app, "run-0")
    busy, idle = Worker(app, name="busy"), Worker(app, name="idle")
    assert busy.take() == "run-0"
    for _ in range(5):
        app.clock.move(seconds=25)
        TouchClaims(app.new_uow, busy.claims, app.clock)()
    assert idle.take() is None
    assert app.run(RunId("run-0")).heartbeat_at == app.clock.now()


def test_a_lost_claim_is_not_touched(app: ScoringApplication) -> None:
    queued(app, "run-0")
    asleep, awake = Worker(app, name="asleep"), Worker(app, name="awake")
    asleep.next()
    app.clock.move(minutes=1)
    awake.next()
    heartbeat = app.run(RunId("run-0")).heartbeat_at
    app.clock.move(seconds=10)
    TouchClaims(app.new_uow, asleep.claims, app.clock)()
    assert app.run(RunId("run-0")).heartbeat_at == heartbeat


def test_workers_take_a_run_of_the_command_line_only_when_it_is_abandoned(app: ScoringApplication) -> None:
    submit = SubmitScoring(
        app.new_uow, customer_files(), app.uploads, app.queue, app.clock, app.ids, formats_of, kept=True
    )
    run = submit(io.BytesIO(FILE), "customers.csv", by=Actor(ANALYST))
    worker = Worker(app)
    assert worker.take() is None
    assert app.score(run.id) is not None
    abandoned = submit(io.BytesIO(FILE), "customers.csv", by=Actor(ANALYST))
    app.clock.move(seconds=31)
    assert worker.take() == abandoned.id, "the command was interrupted"


def test_exports_are_made_one_at_a_time(app: ScoringApplication) -> None:
    worker = Worker(app)
    for number in range(2):
        worker.exports.order(f"pdf-{number}", app)
    app.clock.move(seconds=1)
    queued(app, "mine")
    assert worker.take() == "r/pdf-0"
    assert worker.take() == "mine"
    assert worker.take() is None, "another export waits for the first"
    worker.claims.release(worker.claims.held()[0])
    claim = worker.next(but={"r/pdf-0"})
    assert claim is not None
    assert claim.job.id == "r/pdf-1"


def test_an_export_counts_as_its_person_s_turn(app: ScoringApplication) -> None:
    worker = Worker(app, threads=1)
    worker.exports.order("pdf", app, owner="other")
    assert worker.take() == "r/pdf"
    worker.claims.release(worker.claims.held()[0])
    worker.exports.records.clear()
    queued(app, "theirs", "other")
    queued(app, "mine")
    assert worker.take() == "mine"


def test_a_cancelled_file_leaves_the_queue_at_once(app: ScoringApplication) -> None:
    first, second = queued(app, "first"), queued(app, "second")
    worker = Worker(app)
    assert worker.place(second.id) == QueuePlace(own=1)
    CancelRun(app.new_uow, app.clock)(first.id, by=Actor(ANALYST))
    assert app.run(first.id).state is JobState.CANCELLED
    assert worker.place(first.id) is None
    assert worker.place(second.id) == QueuePlace()
    assert worker.take() == "second"


def test_a_person_may_have_twenty_files_waiting(app: ScoringApplication) -> None:
    for _ in range(20):
        app.submit()
    stored = app.files
    with pytest.raises(TooManyWaiting, match="You have 20 files waiting"):
        app.submit()
    assert app.files == stored, "it was refused before it was received"
    training = SubmitTraining(app.new_uow, customer_files(), app.uploads, app.queue, app.clock, app.ids)
    with pytest.raises(TooManyWaiting):
        training(io.BytesIO(FILE), "labelled.csv", TrainingRequest(), by=Actor(ANALYST))
    assert app.submit(by=OTHER).state is JobState.QUEUED, "other people are not kept out"
    assert Worker(app).take() is not None
    assert app.submit().state is JobState.QUEUED, "one of them is being scored"


def test_the_limit_is_a_setting_and_excludes_sample_and_command_line(app: ScoringApplication) -> None:
    def submit(by: Account, **more: Any) -> Run:
        use_case = SubmitScoring(
            app.new_uow, customer_files(), app.uploads, app.queue, app.clock, app.ids, formats_of, max_waiting=1
        )
        return use_case(io.BytesIO(FILE), "customers.csv", by=Actor(by), **more)

    submit(ANALYST)
    with pytest.raises(TooManyWaiting, match="You have 1 file waiting"):
        submit(ANALYST)
    submit(ANALYST, sample=True)
    system = an_account(id="system", email="system@localhost", role=Role.ADMIN)
    assert [submit(system).state for _ in range(2)] == [JobState.QUEUED] * 2


def customer_files() -> Any:
    from adapters.intake.reader import CsvCustomerFiles

    return CsvCustomerFiles()
