"""The use cases that compare earlier predictions with what happened."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.grading.ask_grading import AskGrading, DoGrade
from application.use_cases.grading.compare_files import CompareFiles
from application.use_cases.grading.grade_after_scoring import GradeEarlierRuns
from application.use_cases.grading.grade_run import GradeRun, WithdrawGrading
from application.use_cases.grading.read_gradings import ExportGradings, ListGradings, ViewBestBefore, ViewGrading
from application.use_cases.labels.recognise_snapshots import RecogniseSnapshot
from application.use_cases.tasks import AddTask
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Grading:
    """Grade runs by later files, read and withdraw gradings."""

    grade_run: GradeRun
    grade_earlier_runs: GradeEarlierRuns
    ask_grading: AskGrading
    withdraw: WithdrawGrading
    view: ViewGrading
    list_gradings: ListGradings
    export: ExportGradings
    best_before: ViewBestBefore


def build_grading(ports: Ports) -> Grading:
    compare = CompareFiles(
        recognise=RecogniseSnapshot(files=ports.files, leaving=ports.leaving_columns),
        store=ports.snapshots,
        results=ports.results,
        evaluator=ports.outcome_evaluator,
        clock=ports.clock,
        formats_of=ports.formats_of,
    )
    grade_run = GradeRun(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        compare=compare,
        uploads=ports.uploads,
        clock=ports.clock,
        ids=ports.ids,
    )
    list_gradings = ListGradings(new_reading=ports.new_reading)
    return Grading(
        grade_run=grade_run,
        grade_earlier_runs=GradeEarlierRuns(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            grade=grade_run,
            results=ports.results,
            clock=ports.clock,
        ),
        ask_grading=AskGrading(
            new_uow=ports.new_uow,
            grade=grade_run,
            add_task=AddTask(jobs=ports.jobs, ids=ports.ids, clock=ports.clock),
        ),
        withdraw=WithdrawGrading(new_uow=ports.new_uow, exports=ports.exports, clock=ports.clock),
        view=ViewGrading(new_reading=ports.new_reading, uploads=ports.uploads),
        list_gradings=list_gradings,
        export=ExportGradings(new_uow=ports.new_uow, list_gradings=list_gradings, clock=ports.clock),
        best_before=ViewBestBefore(new_reading=ports.new_reading),
    )


def build_grading_work(ports: Ports, grading: Grading) -> DoGrade:
    """The work of a task that grades."""
    return DoGrade(grade=grading.grade_run, new_reading=ports.new_reading)
