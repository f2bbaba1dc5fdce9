"""Labelled files: looked at, taken in and queued; a training watched and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import Recognised, Trainers
from application.ports.persistence import UploadRecord
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.queueing import MAX_WAITING, must_have_room
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
    rows_seen: int | None = None
    """How many rows were looked at, where that is not all of the file."""

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
    """What a training would take a file for, judged by its first rows; nothing stays.

    Memory is bounded whatever the file. Raises FileRefused for what is no usable CSV.
    """

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    trainers: Callable[[], Trainers]
    ids: Ids

    def __call__(
        self, stream: IO[bytes], request: TrainingRequest, *, by: Account, whole: bool = False
    ) -> LabelledCheck:
        """`whole` reads all of the file, for the command line, where nobody else waits for the process."""
        by.must_be_able_to(Permission.TRAIN)
        with looked_at(self.new_uow, self.uploads, self.ids, stream) as path:
            preview = self.files.preview(path)
            load = self.files.load if whole else self.files.load_sample
            table = load(path, format=preview.format)
        rows_seen = None if table.whole else table.rows
        try:
            recognised = self.trainers()[request.algorithm].recognise(table, request)
        except FileRefused:
            raise
        except InvalidInput as problem:
            return LabelledCheck(preview, None, problem, rows_seen)
        return LabelledCheck(preview, recognised, None, rows_seen)


@dataclass(frozen=True, slots=True)
class SubmitTraining:
    """Take a labelled file in and queue the training. Raises FileRefused or TooManyWaiting; then nothing is stored."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids
    max_waiting: int = MAX_WAITING
    kept: bool = False
    """The submitting process does the job itself, so workers leave it alone while its first heartbeat is fresh."""

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
        with self.new_uow() as uow:
            must_have_room(uow, by, now=self.clock.now(), most=self.max_waiting)
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
                heartbeat_at=self.clock.now() if self.kept else None,
                promote=promote and by.can(Permission.PROMOTE),
                progress=Progress(stage="Waiting for its turn"),
            )
            with self.new_uow() as uow:
                must_have_room(uow, by, now=self.clock.now(), most=self.max_waiting)
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
class TrainAgain:
    """Train once more on the kept file of a training that ended, with another choice of target or value."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    submit: SubmitTraining

    def __call__(
        self,
        training_id: TrainingId,
        *,
        by: Account,
        target: str | None = None,
        positive: str | None = None,
        address: str = "",
    ) -> Training:
        """Raises InvalidInput while it is under way, NotFound where its file is no longer kept."""
        ended = ViewTraining(self.new_uow)(training_id, by=by)
        if not ended.state.ended:
            raise InvalidInput("This training is still under way.")
        path = self.uploads.path(training_id)
        if not path.is_file():
            raise NotFound("The uploaded file is no longer kept. Upload it again.")
        request = ended.request
        if target is not None and target != request.target:
            request = replace(request, target=target, positive=None, seen=())
        request = replace(request, positive=positive or request.positive)
        with path.open("rb") as stream:
            return self.submit(stream, ended.file_name, request, by=by, promote=ended.promote, address=address)


@dataclass(frozen=True, slots=True)
class OfferColumns:
    """The columns of a training's kept file, to choose another target from; none where it is not kept."""

    files: CustomerFiles
    uploads: Uploads

    def __call__(self, training_id: TrainingId) -> tuple[str, ...]:
        path = self.uploads.path(training_id)
        if not path.is_file():
            return ()
        try:
            return tuple(name for name in self.files.preview(path).header if name)
        except FileRefused:
            return ()


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
