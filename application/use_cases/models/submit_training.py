"""Training jobs: check and upload a labelled file, queue, view and cancel a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import Trainers
from application.ports.stored_files import UploadRecord
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.receive_file import claim, clean_name, stored_upload, temporary_upload
from application.use_cases.files.recognition import recognise_to_train
from application.use_cases.jobs.job_queue import MAX_WAITING, must_have_room
from application.use_cases.jobs.stored_file import ANSWERED, question_answered, stored_file_of
from application.use_cases.models.algorithms import trainer_of
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import DomainError, FileRefused, InvalidInput, NotFound, ValueUnclear
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.question import Question
from domain.recognition import Recognised
from domain.training import Training, TrainingId, TrainingRequest

TRAINED = "uploaded a training file"


@dataclass(frozen=True, slots=True)
class LabelledCheck:
    """The result of checking a labelled file. If it was not recognised, `problem` says why, and a person can choose."""

    preview: FilePreview
    recognised: Recognised | None
    problem: InvalidInput | None
    rows_seen: int | None = None
    """Number of rows that were checked; None if all were."""
    of: tuple[str, TrainingRequest] | None = None
    """SHA-256 of the file, and the request; None if the file was not recognised."""

    def holds_for(self, sha256: str, request: TrainingRequest) -> Recognised | None:
        """The recognition, if it is based on all rows of this very file and on this request; else None."""
        return self.recognised if self.of == (sha256, request) and self.rows_seen is None else None

    def values_of(self, column: str | None) -> tuple[str, ...]:
        """Distinct values of a column: all values if the check asks about this column, else those in the first rows."""
        if isinstance(self.problem, ValueUnclear) and column == self.problem.column:
            return self.problem.values
        if column is None or column not in self.preview.header:
            return ()
        place = self.preview.header.index(column)
        values = (row[place].strip() for row in self.preview.sample if place < len(row))
        return tuple(dict.fromkeys(value for value in values if value))


@dataclass(frozen=True, slots=True)
class CheckLabelled:
    """Recognises a labelled file from its first rows, as a training does. Stores nothing.

    Memory is bounded for any file. Raises FileRefused for a file that is not a usable CSV, and InvalidInput if the
    libraries of the algorithm are not installed.
    """

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    trainers: Callable[[], Trainers]
    ids: Ids

    def __call__(
        self, stream: IO[bytes], request: TrainingRequest, *, by: Account, whole: bool = False
    ) -> LabelledCheck:
        """`whole` reads the whole file. It is meant for the command line, which has the process for itself."""
        by.must_be_able_to(Permission.TRAIN)
        with temporary_upload(self.new_uow, self.uploads, self.ids, stream) as (path, stored):
            preview = self.files.preview(path, request.format_override)
            load = self.files.load if whole else self.files.load_sample
            table = load(path, format=preview.format)
        rows_seen = None if table.whole else table.rows
        trainer = trainer_of(self.trainers(), request.algorithm)
        try:
            recognised = trainer.recognise(table, request)
        except FileRefused:
            raise
        except InvalidInput as problem:
            return LabelledCheck(preview, None, problem, rows_seen)
        return LabelledCheck(preview, recognised, None, rows_seen, (stored.sha256, request))


@dataclass(frozen=True, slots=True)
class SubmitTraining:
    """Receives a labelled file and queues its training.

    Raises FileRefused, TooManyWaiting, or InvalidInput for a target or demands that the header does not allow; then
    nothing is stored.
    """

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids
    max_waiting: int = MAX_WAITING
    kept: bool = False
    """Whether the submitting process does the job itself. Workers then ignore it while its first heartbeat is fresh."""
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        request: TrainingRequest,
        *,
        by: Actor,
        promote: bool = False,
        starter: bool = False,
        checked: LabelledCheck | None = None,
        action: str = TRAINED,
        store: Callable[[UnitOfWork, Training], object] = lambda _, __: None,
    ) -> Training:
        """`checked` is a check of the whole file. The training uses its recognition instead of repeating it.

        `action` is what the audit log says, with the file and the demanded directions. `store` adds to the transaction
        that stores the training; what it raises leaves nothing behind.
        """
        by.account.must_be_able_to(Permission.TRAIN)
        training_id = TrainingId(self.ids.new())
        with self.new_uow() as uow:
            self._must_have_room(uow, by.account)
        with stored_upload(self.new_uow, self.uploads, training_id, stream, now=self.clock.now()) as stored:
            recognition = recognise_to_train(
                self.files,
                self.uploads.path(training_id),
                sha256=stored.sha256,
                format_override=request.format_override,
            )
            _target_must_be_there(request, recognition.header)
            demands = request.demands_on(recognition.header)
            known = checked.holds_for(stored.sha256, request) if checked else None
            training = Training(
                id=training_id,
                owner=str(by.account.id),
                file_name=clean_name(file_name),
                file_sha256=stored.sha256,
                file_bytes=stored.size,
                request=request,
                created_at=self.clock.now(),
                starter=starter,
                heartbeat_at=self.clock.now() if self.kept else None,
                promote=promote and by.account.can(Permission.PROMOTE),
                recognition=replace(recognition, labelled=known),
            )
            subject = "; ".join([training.file_name, *(own.words for own in demands)])
            self._store(training, by, action, subject, store)
        self.jobs.train(training_id)
        return training

    def _store(
        self,
        training: Training,
        by: Actor,
        action: str,
        subject: str,
        store: Callable[[UnitOfWork, Training], object],
    ) -> None:
        with self.new_uow() as uow:
            self._must_have_room(uow, by.account)
            uow.trainings.add(training)
            uow.uploads.add(UploadRecord.of(training))
            claim(uow, training.id)
            store(uow, training)
            note(uow, self.clock, by, action, subject)
            uow.commit()

    def _must_have_room(self, uow: UnitOfWork, by: Account) -> None:
        must_have_room(uow, by, now=self.clock.now(), liveness=self.liveness, most=self.max_waiting)


def _target_must_be_there(request: TrainingRequest, header: tuple[str, ...]) -> None:
    if request.target is not None and request.target not in header:
        names = ", ".join(header[:8])
        raise InvalidInput(
            f"The file has no column called “{request.target}”. Its columns begin with {names}.", field="target"
        )


@dataclass(frozen=True, slots=True)
class TrainAgain:
    """Trains again on the stored file of an ended training, with the answer to its question or with another target."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    submit: SubmitTraining

    def __call__(
        self, training_id: TrainingId, *, by: Actor, target: str | None = None, answer: Sequence[str] = ()
    ) -> Training:
        """Returns the new training, or the ended one with another question, if the answer raises one.

        Raises InvalidInput if the training has not ended or has no such answer, NotFound without its file.
        """
        with self.new_uow() as uow:
            ended = training_seen_by(uow, training_id, by.account)
        path, question = stored_file_of(ended, self.uploads), question_answered(ended, answer)
        request = ended.request
        if question is not None:
            request = request.with_answer(question, answer)
        elif target is not None and target != request.target:
            request = replace(request, target=target, seen=()).with_positives(())
        action = TRAINED if question is None else ANSWERED
        try:
            with path.open("rb") as stream:
                return self.submit(stream, ended.file_name, request, by=by, promote=ended.promote, action=action)
        except DomainError as error:
            if question is None or error.question is None:
                raise
            return self._ask(training_id, request, error, error.question, by)

    def _ask(
        self, training_id: TrainingId, request: TrainingRequest, error: DomainError, question: Question, by: Actor
    ) -> Training:
        """Store the answer with the training, and the question that it raised."""
        with self.new_uow() as uow:
            ended = training_seen_by(uow, training_id, by.account)
            asking = replace(ended, request=request).asking(str(error), question)
            uow.trainings.save(asking)
            note(uow, self.submit.clock, by, ANSWERED, ended.file_name)
            uow.commit()
        return asking


@dataclass(frozen=True, slots=True)
class OfferColumns:
    """Lists the columns of a training's stored file for the choice of another target. Empty if the file was deleted."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads

    def __call__(self, training_id: TrainingId) -> tuple[str, ...]:
        path = self.uploads.path(training_id)
        if not path.is_file():
            return ()
        with self.new_uow() as uow:
            choice = uow.trainings.get(training_id).request.format_override
        try:
            return tuple(name for name in self.files.preview(path, choice).header if name)
        except FileRefused:
            return ()


@dataclass(frozen=True, slots=True)
class ViewTraining:
    new_uow: NewUnitOfWork

    def __call__(self, training_id: TrainingId, *, by: Account) -> Training:
        with self.new_uow() as uow:
            return training_seen_by(uow, training_id, by)


def training_seen_by(uow: UnitOfWork, training_id: TrainingId, by: Account) -> Training:
    """The training. Raises NotFound if it does not exist or the person may not see it."""
    training = uow.trainings.get(training_id)
    if training.owner != by.id and not by.can(Permission.SEE_ALL_RUNS):
        raise NotFound("There is no such training.")
    return training


@dataclass(frozen=True, slots=True)
class CancelTraining:
    """Cancels a training in the same way as CancelRun."""

    new_uow: NewUnitOfWork
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, training_id: TrainingId, *, by: Actor) -> Training:
        with self.new_uow() as uow:
            current = training_seen_by(uow, training_id, by.account)
            training = current.asked_to_stop(at=self.clock.now(), liveness=self.liveness)
            uow.trainings.save(training)
            note(uow, self.clock, by, "cancelled a training", training.file_name)
            uow.commit()
        return training
