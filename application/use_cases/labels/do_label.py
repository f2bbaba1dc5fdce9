"""The task that looks at the files of a labelling, writes the training file, or starts a training on it."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.intake import Uploads
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.labels.labelling import out_of
from application.use_cases.labels.make_labels import MakeLabels, Report
from application.use_cases.labels.recognise_snapshots import LabelFile
from application.use_cases.labels.train_on_labels import TrainOnLabels
from application.use_cases.permissions import NewUnitOfWork, note
from application.use_cases.tasks import asked_by
from domain.actor import Actor
from domain.errors import InvalidInput, TooManyWaiting
from domain.label_check import NotAccepted
from domain.label_choice import FileUnclear
from domain.labelling import LabelFinding, LabelOrder, LabelStep
from domain.task import Task
from domain.training import TrainingRequest

FILES_GONE = "The files are no longer here: they are deleted an hour after they were last used. Choose them again."


@dataclass(frozen=True, slots=True)
class DoLabel:
    """Files that cannot be labelled are an answer and not an error: the task is done, and says what is wrong."""

    make: MakeLabels
    train: TrainOnLabels
    uploads: Uploads
    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        order = LabelOrder.from_text(task.argument)
        with self.new_reading() as uow:
            by = asked_by(uow, task, self.clock)
        try:
            finding = self._found(order, task, by, report)
        except FileUnclear as error:
            finding = LabelFinding(question=error.asked, place=error.place)
        except NotAccepted as error:
            finding = LabelFinding(error.check, problem=str(error))
        except (InvalidInput, TooManyWaiting) as error:
            finding = LabelFinding(problem=str(error))

        def store(uow: UnitOfWork, _: Task) -> None:
            if finding.written is not None and finding.check is not None:
                note(uow, self.clock, by, "made labels", finding.check.file_name)

        return job.end(lambda current: current.done(at=self.clock.now(), result=finding.to_text()), store=store)

    def _found(self, order: LabelOrder, task: Task, by: Actor, report: Report) -> LabelFinding:
        files = self._files(order)
        if order.step is LabelStep.CHECK:
            return LabelFinding(self.make(files, order.choice, report=report))
        if order.step is LabelStep.TRAIN:
            request = TrainingRequest(algorithm=order.algorithm, effort=order.effort)
            check, training = self.train(
                files, order.choice, request, by=by, accept=order.accept, compare=order.compare, report=report
            )
            return LabelFinding(check, training=training.id)
        out = self.uploads.path(out_of(task.owner))
        draft = self.uploads.path(f"{out_of(task.owner)}-part")
        try:
            check = self.make(files, order.choice, report=report, target=draft, accept=order.accept)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
        return LabelFinding(check, written=check.made.customers)

    def _files(self, order: LabelOrder) -> list[LabelFile]:
        files = [LabelFile(self.uploads.path(own.upload), own.name, own.reading) for own in order.files]
        if not all(file.path.is_file() for file in files):
            raise InvalidInput(FILES_GONE, field="file")
        return files
