"""Tasks: asking for one, following it, and doing it in a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from application.ports.campaign_records import Tasks
from application.ports.jobs import JobQueue
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.claimed_job import ClaimedWork, JobRunner
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.heartbeat import Heartbeat, Lost
from application.use_cases.permissions import NewUnitOfWork, owner_of
from domain.account import system_account
from domain.actor import Actor
from domain.errors import Conflict, NotFound
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.progress import Progress
from domain.task import Task, TaskId, TaskKind

WENT_WRONG = "Something went wrong on our side. Nothing was changed; try again."
Report = Callable[[Progress], None]
TaskWork = Callable[[ClaimedWork[Task], Task, Report], Task]
"""Does a claimed task and stores its end, with what the task changes, in one transaction."""
Discard = Callable[[UnitOfWork, Task], None]
"""Removes what an unfinished task stored; called in the transaction that stores a failed or cancelled task."""


def asked_by(uow: UnitOfWork, task: Task, clock: Clock) -> Actor:
    """The person who asked for the task; the system, if the account was deleted meanwhile."""
    return Actor(owner_of(uow, task.owner) or system_account(clock.now()), task.address)


@dataclass(frozen=True, slots=True)
class AddTask:
    """Adds tasks in the caller's transaction, and wakes a worker after it."""

    jobs: JobQueue
    ids: Ids
    clock: Clock

    def __call__(self, uow: UnitOfWork, kind: TaskKind, subject: str, *, by: Actor, argument: str = "") -> Task:
        """Raises Conflict while another task works on the same subject."""
        latest = uow.tasks.latest_of(subject)
        if latest is not None and not latest.state.ended:
            raise Conflict("This is being worked out already. Wait until it is done.")
        task = Task(
            id=TaskId(self.ids.new()),
            kind=kind,
            subject=subject,
            argument=argument,
            address=by.address,
            owner=str(by.account.id),
            created_at=self.clock.now(),
        )
        uow.tasks.add(task)
        return task

    def wake(self, task: Task) -> None:
        """Call it after the transaction."""
        self.jobs.task(task.id)


@dataclass(frozen=True, slots=True)
class RunTask:
    """Does one queued task. Safe to call twice: it is done once."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock
    claims: Claims
    works: Mapping[TaskKind, TaskWork]
    discards: Mapping[TaskKind, Discard]
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, task_id: TaskId, *, progress: Report | None = None, claim: Claim | None = None) -> Task | None:
        """Returns the ended task; None if another worker has claimed it. Without a `claim`, it is claimed here."""

        def work(job: ClaimedWork[Task], heartbeat: Heartbeat) -> Task:
            def report(step: Progress) -> None:
                heartbeat(step)
                if progress is not None:
                    progress(step)

            task = self._task(job.claim)
            return self.works[task.kind](job, task, report)

        runner: JobRunner[Task] = JobRunner(
            self.new_uow, _tasks, self.clock, self.liveness, self.claims, WENT_WRONG, discard=self._discard
        )
        return runner.run(task_id, work, claim=claim)

    def _task(self, claim: Claim) -> Task:
        with self.new_reading() as uow:
            try:
                return uow.tasks.get(TaskId(claim.job.id))
            except NotFound as error:
                raise Lost from error

    def _discard(self, uow: UnitOfWork, task: Task) -> Callable[[], None]:
        discard = self.discards.get(task.kind)
        if discard is not None:
            discard(uow, task)
        return lambda: None


def _tasks(uow: UnitOfWork) -> Tasks:
    return uow.tasks
