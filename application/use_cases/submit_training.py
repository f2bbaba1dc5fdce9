"""Labelled files: looked at, taken in and queued; a training watched and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import Recognised, Trainers
from application.ports.persistence import UploadRecord
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.received import claim, clean_name, looked_at, taken_in
from domain.account import Account, Permission
from domain.errors import FileRefused, InvalidInput, NotFound, ValueUnclear
from domain.liveness import Liveness
from domain.run import DEFAULT_LIVENESS, Progress
from domain.training import Training, TrainingId, TrainingRequest


@dataclass(frozen=True, slots=True)
class LabelledCheck:
    """A labelled file before training. Where it was not recognised, `problem` says why, and a person can choose."""

    preview: FilePreview
    recognised: Recognised | None
    problem: InvalidInput | None

    def values_of(self, column: str | None) -> tuple[str, ...]:
        """Distinct values of a column: all of the one that is asked about, else those among the first rows."""
        if isinstance(self.problem, ValueUnclear) and column == self.problem.column:
            return self.problem.values
        if column is None or column not in self.preview.header:
            return ()
        place = self.preview.header.index(column)
        values = (row[place].strip() for row in self.preview.sample if place < len(row))
        return tuple(dict.fromkeys(value for value in values if value))


@dataclass(frozen=True, slots=True)
class CheckLabelled:
    """What a training would take a file for; nothing stays. Raises FileRefused for what is no usable CSV."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    trainers: Callable[[], Trainers]
    ids: Ids

    def __call__(self, stream: IO[bytes], request: TrainingRequest, *, by: Account) -> LabelledCheck:
        by.must_be_able_to(Permission.TRAIN)
        with looked_at(self.new_uow, self.uploads, self.ids, stream) as path:
            preview = self.files.preview(path)
            table = self.files.load(path, format=preview.format)
        try:
            return LabelledCheck(preview, self.trainers()[request.algorithm].recognise(table, request), None)
        except FileRefused:
            raise
        except InvalidInput as problem:
            return LabelledCheck(preview, None, problem)


@dataclass(frozen=True, slots=True)
class SubmitTraining:
    """Take a labelled file in and queue the training. Raises FileRefused; then nothing is stored."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        request: TrainingRequest,
        *,
        by: Account,
        promote: bool = False,
        starter: bool = False,
        address: str = "",
    ) -> Training:
        by.must_be_able_to(Permission.TRAIN)
        training_id = TrainingId(self.ids.new())
        with taken_in(self.new_uow, self.uploads, training_id, stream, now=self.clock.now()) as stored:
            preview = self.files.preview(self.uploads.path(training_id))
            _target_must_be_there(request, preview.header)
            training = Training(
                id=training_id,
                owner=str(by.id),
                file_name=clean_name(file_name),
                file_sha256=stored.sha256,
                file_bytes=stored.size,
                request=request,
                created_at=self.clock.now(),
                starter=starter,
                promote=promote and by.can(Permission.PROMOTE),
                progress=Progress(stage="Waiting for its turn"),
            )
            with self.new_uow() as uow:
                uow.trainings.add(training)
                uow.uploads.add(UploadRecord.of(training))
                claim(uow, training_id)
                note(uow, self.clock, by, "uploaded a training file", training.file_name, address=address)
                uow.commit()
        self.jobs.train(training_id)
        return training


def _target_must_be_there(request: TrainingRequest, header: tuple[str, ...]) -> None:
    if request.target is not None and request.target not in header:
        names = ", ".join(header[:8])
        raise InvalidInput(
            f"The file has no column called “{request.target}”. Its columns begin with {names}.", field="target"
        )


@dataclass(frozen=True, slots=True)
class ViewTraining:
    new_uow: NewUnitOfWork

    def __call__(self, training_id: TrainingId, *, by: Account) -> Training:
        with self.new_uow() as uow:
            training = uow.trainings.get(training_id)
        if training.owner != by.id and not by.can(Permission.SEE_ALL_RUNS):
            raise NotFound("There is no such training.")
        return training


@dataclass(frozen=True, slots=True)
class CancelTraining:
    """As CancelRun."""

    new_uow: NewUnitOfWork
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, training_id: TrainingId, *, by: Account, address: str = "") -> Training:
        ViewTraining(self.new_uow)(training_id, by=by)
        with self.new_uow() as uow:
            training = uow.trainings.get(training_id).asked_to_stop(at=self.clock.now(), liveness=self.liveness)
            uow.trainings.save(training)
            note(uow, self.clock, by, "cancelled a training", training.file_name, address=address)
            uow.commit()
        return training
