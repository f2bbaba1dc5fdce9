"""Workers take jobs in turn: who is next, how many large ones at once, how many may wait, and where one stands."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from application.ports.exports import ExportOrder, ExportRecord, ExportState
from application.ports.results import CustomerQuery
from application.use_cases.claims import Claim, Claims
from application.use_cases.queueing import ClaimNext, ReadQueue, TouchClaims, ViewPlace
from application.use_cases.submit_scoring import CancelRun, SubmitScoring
from application.use_cases.submit_training import SubmitTraining
from domain.account import Account, AccountId, Role
from domain.errors import TooManyWaiting
from domain.export import ExportKind, ExportOptions
from domain.queueing import MAX_SMALL_BYTES, QueuePlace
from domain.run import Run, RunId, RunState
from domain.training import TrainingRequest
from tests.builders import a_run, a_training, an_account
from tests.unit.use_cases.scoring.conftest import desk as desk  # a fixture
from tests.unit.use_cases.scoring.desk import ANALYST, FILE, Desk

OTHER = an_account(id="other", email="other@telco.example.com", role=Role.ANALYST)


@dataclass
class Exports:
    """A store of exports that holds these orders."""

    records: list[ExportRecord] = field(default_factory=list)

    def unfinished(self) -> Sequence[ExportRecord]:
        return self.records

    def order(self, name: str, desk: Desk, owner: str = "other") -> None:
        order = ExportOrder(
            name, RunId("r"), AccountId(owner), CustomerQuery(0.5), ExportOptions(ExportKind.PDF), desk.clock.now()
        )
        self.records.append(ExportRecord(order, ExportState.WAITING))


@dataclass
class Worker:
    """One worker process with so many threads."""

    desk: Desk
    threads: int = 2
    name: str = "worker"
    exports: Any = field(default_factory=Exports)

    def __post_init__(self) -> None:
        self.claims = Claims(self.name, threads=self.threads)
        self.read = ReadQueue(self.exports, self.claims)

    def next(self, **more: Any) -> Claim | None:
        return ClaimNext(self.desk.new_uow, self.read, self.claims, self.desk.clock)(**more)

    def take(self) -> str | None:
        claim = self.next()
        return None if claim is None else claim.job.id

    def place(self, job_id: str) -> QueuePlace | None:
        return ViewPlace(self.desk.new_uow, self.read, self.desk.clock)(job_id)


def queued(desk: Desk, name: str, owner: str = "analyst", *, large: bool = False) -> Run:
    run = a_run(
        id=RunId(name),
        owner=owner,
        created_at=desk.clock.now(),
        file_bytes=MAX_SMALL_BYTES + large,
    )
    with desk.new_uow() as uow:
        uow.runs.add(run)
        uow.commit()
    desk.clock.move(seconds=1)
    return run


def end(desk: Desk, worker: Worker, name: str) -> None:
    run = desk.run(RunId(name))
    desk.change(replace(run, state=RunState.CANCELLED))
    worker.claims.release(next(claim for claim in worker.claims.held() if claim.job.id == name))
    desk.clock.move(seconds=1)


def test_another_person_s_file_is_taken_as_soon_as_a_thread_is_free(desk: Desk) -> None:
    for number in range(20):
        queued(desk, f"theirs-{number}", "other")
    worker = Worker(desk, threads=1)
    assert worker.take() == "theirs-0"
    queued(desk, "mine")
    assert worker.place("mine") == QueuePlace()
    end(desk, worker, "theirs-0")
    assert worker.take() == "mine"


def test_with_two_threads_one_is_kept_free_of_large_jobs_trainings_included(desk: Desk) -> None:
    queued(desk, "large-1", large=True)
    queued(desk, "large-2", "other", large=True)
    with desk.new_uow() as uow:
        uow.trainings.add(a_training(owner="third", created_at=desk.clock.now()))
        uow.commit()
    worker = Worker(desk, threads=2)
    assert worker.take() == "large-1"
    assert worker.take() is None, "the second thread waits for something small"
    queued(desk, "small", "analyst")
    assert worker.take() == "small"
    end(desk, worker, "large-1")
    assert worker.take() == "large-2"


def test_several_workers_never_take_the_same_job(desk: Desk) -> None:
    for number in range(3):
        queued(desk, f"run-{number}")
    workers = [Worker(desk, name=f"worker-{number}") for number in range(2)]
    taken = [worker.take() for _ in range(3) for worker in workers]
    assert sorted(name for name in taken if name) == ["run-0", "run-1", "run-2"]
    assert taken.count(None) == 3


def test_lost_and_doubled_messages_change_nothing(desk: Desk) -> None:
    worker = Worker(desk)
    assert worker.take() is None
    queued(desk, "run-0")
    assert [worker.take(), worker.take()] == ["run-0", None]


def test_a_job_of_a_silent_worker_is_taken_over_but_never_from_a_thread_of_the_same_process(desk: Desk) -> None:
    queued(desk, "run-0")
    asleep, awake = Worker(desk, name="asleep"), Worker(desk, name="awake")
    claim = asleep.next()
    assert claim is not None
    desk.clock.move(seconds=30)
    assert awake.take() is None
    desk.clock.move(seconds=1)
    assert asleep.take() is None
    assert awake.take() == "run-0"
    assert desk.run(RunId("run-0")).worker != claim.name


def test_a_long_step_without_progress_is_no_silence(desk: Desk) -> None:
    queued(desk, "run-0")
    busy, idle = Worker(desk, name="busy"), Worker(desk, name="idle")
    assert busy.take() == "run-0"
    for _ in range(5):
        desk.clock.move(seconds=25)
        TouchClaims(desk.new_uow, busy.claims, desk.clock)()
    assert idle.take() is None
    assert desk.run(RunId("run-0")).heartbeat_at == desk.clock.now()


def test_a_lost_claim_is_not_touched(desk: Desk) -> None:
    queued(desk, "run-0")
    asleep, awake = Worker(desk, name="asleep"), Worker(desk, name="awake")
    asleep.next()
    desk.clock.move(minutes=1)
    awake.next()
    beat = desk.run(RunId("run-0")).heartbeat_at
    desk.clock.move(seconds=10)
    TouchClaims(desk.new_uow, asleep.claims, desk.clock)()
    assert desk.run(RunId("run-0")).heartbeat_at == beat


def test_a_file_that_the_command_line_scores_itself_is_left_alone(desk: Desk) -> None:
    submit = SubmitScoring(desk.new_uow, desk_files(), desk.uploads, desk.queue, desk.clock, desk.ids, kept=True)
    run = submit(io.BytesIO(FILE), "customers.csv", by=ANALYST)
    worker = Worker(desk)
    assert worker.take() is None
    assert desk.score(run.id) is not None
    abandoned = submit(io.BytesIO(FILE), "customers.csv", by=ANALYST)
    desk.clock.move(seconds=31)
    assert worker.take() == abandoned.id, "the command was interrupted"


def test_exports_take_part_one_at_a_time(desk: Desk) -> None:
    worker = Worker(desk)
    for number in range(2):
        worker.exports.order(f"pdf-{number}", desk)
    desk.clock.move(seconds=1)
    queued(desk, "mine")
    assert worker.take() == "r/pdf-0"
    assert worker.take() == "mine"
    assert worker.take() is None, "another export waits for the first"
    worker.claims.release(worker.claims.held()[0])
    claim = worker.next(but={"r/pdf-0"})
    assert claim is not None
    assert claim.job.id == "r/pdf-1"


def test_an_export_counts_as_its_person_s_turn(desk: Desk) -> None:
    worker = Worker(desk, threads=1)
    worker.exports.order("pdf", desk, owner="other")
    assert worker.take() == "r/pdf"
    worker.claims.release(worker.claims.held()[0])
    worker.exports.records.clear()
    queued(desk, "theirs", "other")
    queued(desk, "mine")
    assert worker.take() == "mine"


def test_a_cancelled_file_leaves_the_queue_at_once(desk: Desk) -> None:
    first, second = queued(desk, "first"), queued(desk, "second")
    worker = Worker(desk)
    assert worker.place(second.id) == QueuePlace(own=1)
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(first.id, by=ANALYST)
    assert desk.run(first.id).state is RunState.CANCELLED
    assert worker.place(first.id) is None
    assert worker.place(second.id) == QueuePlace()
    assert worker.take() == "second"


def test_a_person_may_have_twenty_files_waiting(desk: Desk) -> None:
    for _ in range(20):
        desk.submit()
    stored = desk.files
    with pytest.raises(TooManyWaiting, match="You have 20 files waiting"):
        desk.submit()
    assert desk.files == stored, "it was refused before it was received"
    training = SubmitTraining(desk.new_uow, desk_files(), desk.uploads, desk.queue, desk.clock, desk.ids)
    with pytest.raises(TooManyWaiting):
        training(io.BytesIO(FILE), "labelled.csv", TrainingRequest(), by=ANALYST)
    assert desk.submit(by=OTHER).state is RunState.QUEUED, "other people are not kept out"
    assert Worker(desk).take() is not None
    assert desk.submit().state is RunState.QUEUED, "one of them is being scored"


def test_the_limit_is_a_setting_and_spares_the_sample_and_the_command_line(desk: Desk) -> None:
    def submit(by: Account, **more: Any) -> Run:
        use_case = SubmitScoring(
            desk.new_uow, desk_files(), desk.uploads, desk.queue, desk.clock, desk.ids, max_waiting=1
        )
        return use_case(io.BytesIO(FILE), "customers.csv", by=by, **more)

    submit(ANALYST)
    with pytest.raises(TooManyWaiting, match="You have 1 file waiting"):
        submit(ANALYST)
    submit(ANALYST, sample=True)
    system = an_account(id="system", email="system@localhost", role=Role.ADMIN)
    assert [submit(system).state for _ in range(2)] == [RunState.QUEUED] * 2


def desk_files() -> Any:
    from adapters.intake.reader import CsvCustomerFiles

    return CsvCustomerFiles()
