"""Asks for a grading on the web: at once for small files, else by a worker."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.grading.compare_files import Report
from application.use_cases.grading.grade_run import GradeRun, later_file
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.permissions import NewUnitOfWork, run_changed_by, run_seen_by
from application.use_cases.tasks import AddTask, asked_by
from domain.account import Permission
from domain.actor import Actor
from domain.grading_choice import GradingChoice, GradingOrder
from domain.labelling import SMALL_BYTES
from domain.run import Run, RunId
from domain.task import Task, TaskKind


def subject_of(run_id: str) -> str:
    """The subject of the tasks that grade a run; there is one at a time."""
    return f"grading-{run_id}"


@dataclass(frozen=True, slots=True)
class AskGrading:
    """Raises what GradeRun raises for small files; for large ones the task says what is wrong."""

    new_uow: NewUnitOfWork
    grade: GradeRun
    add_task: AddTask

    def __call__(self, run_id: RunId, later_id: RunId, choice: GradingChoice, *, by: Actor) -> None:
        by.account.must_be_able_to(Permission.PREDICT)
        with self.new_uow() as uow:
            run, later = run_changed_by(uow, run_id, by.account), run_seen_by(uow, later_id, by.account)
            later_file(later, self.grade.uploads)
            if _is_large(run, later):
                order = GradingOrder(later_id, choice).to_text()
                task = self.add_task(uow, TaskKind.GRADE, subject_of(run_id), by=by, argument=order)
                uow.commit()
        if _is_large(run, later):
            self.add_task.wake(task)
        else:
            self.grade.by_run(run_id, later_id, choice, by=by)


def _is_large(run: Run, later: Run) -> bool:
    return run.file_bytes + later.file_bytes > SMALL_BYTES


@dataclass(frozen=True, slots=True)
class DoGrade:
    """The task that grades a run. A file that cannot grade fails it with its sentence."""

    grade: GradeRun
    new_reading: NewUnitOfWork

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        order, clock = GradingOrder.from_text(task.argument), self.grade.clock
        with self.new_reading() as uow:
            by = asked_by(uow, task, clock)
        run_id = RunId(task.subject.removeprefix(subject_of("")))
        grading = self.grade.by_run(run_id, order.by_run, order.choice, by=by, report=report)
        return job.end(lambda current: current.done(at=clock.now(), result=grading.id))
