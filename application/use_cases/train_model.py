"""Labelled files train models: submitted, learned by a worker, put in charge where nobody must be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import IO

from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import ModelRegistry, Recognised, ThresholdChoice, TrainedModel, Trainer
from application.ports.persistence import UploadRecord
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.heartbeat import STALE, Heartbeat, Lost
from application.use_cases.models import make_champion
from application.use_cases.received import looked_at, taken_in
from application.use_cases.submit_scoring import clean_name
from domain.account import Account, Permission
from domain.errors import Cancelled, ChurnDeskError, InvalidInput, NotFound
from domain.model import Algorithm, ModelStage, ModelVersion
from domain.run import Progress, RunState
from domain.training import Training, TrainingId, TrainingRequest

STARTER_ID = "v0"

Trainers = dict[Algorithm, Trainer]


@dataclass(frozen=True, slots=True)
class RecogniseLabelled:
    """What a training would take a file for. Stores nothing."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    trainers: Callable[[], Trainers]
    ids: Ids

    def __call__(self, stream: IO[bytes], request: TrainingRequest) -> tuple[tuple[str, ...], Recognised]:
        """The file's header, and what was recognised."""
        with self.new_uow() as uow:
            limit = uow.policies.get().upload_limit
        with looked_at(self.uploads, self.ids, stream, limit=limit) as path:
            table = self.files.load(path, format=self.files.preview(path).format)
        return table.header, self.trainers()[request.algorithm].recognise(table, request)


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
        with self.new_uow() as uow:
            limit = uow.policies.get().upload_limit
        with taken_in(self.uploads, training_id, stream, limit=limit) as stored:
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
                uow.uploads.add(
                    UploadRecord(
                        training_id,
                        training.owner,
                        training.file_name,
                        stored.sha256,
                        stored.size,
                        training.created_at,
                    )
                )
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
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, training_id: TrainingId, *, by: Account, address: str = "") -> Training:
        training = ViewTraining(self.new_uow)(training_id, by=by)
        with self.new_uow() as uow:
            training = uow.trainings.get(training_id)
            if training.state is RunState.QUEUED:
                training = training.cancelled(at=self.clock.now())
            elif training.state is RunState.RUNNING:
                training = replace(training, cancel_requested=True)
            uow.trainings.save(training)
            note(uow, self.clock, by, "cancelled a training", training.file_name, address=address)
            uow.commit()
        return training


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Learn one queued model; safe to call twice, done once."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    registry: ModelRegistry
    trainers: Callable[[], Trainers]
    clock: Clock
    worker: str

    def __call__(
        self, training_id: TrainingId, *, progress: Callable[[Progress], None] | None = None
    ) -> Training | None:
        """The ended training; None where another worker has it."""
        now = self.clock.now()
        with self.new_uow() as uow:
            training = uow.trainings.claim(training_id, worker=self.worker, now=now, stale_before=now - STALE)
            policy = uow.policies.get()
            uow.commit()
        if training is None:
            return None
        beat = Heartbeat(partial(self._note, training_id), self.clock)

        def report(step: Progress) -> None:
            beat(step)
            if progress is not None:
                progress(step)

        try:
            choice = ThresholdChoice(policy.threshold_strategy, policy.threshold_target, policy.economics)
            report(Progress(stage="Reading the file"))
            path = self.uploads.path(training.id)
            table = self.files.load(path, format=self.files.preview(path).format)
            trainer = self.trainers()[training.request.algorithm]
            model = trainer.train(table, training.request, choice, progress=report)
            version = self._keep(training, model, choice.strategy.value)
            return self._end(training.id, lambda t: t.done(version.id, at=self.clock.now()))
        except Lost:
            return None
        except Cancelled:
            return self._end(training.id, lambda t: t.cancelled(at=self.clock.now()))
        except ChurnDeskError as error:
            words = str(error)
            return self._end(training.id, lambda t: t.failed(words, at=self.clock.now()))
        except Exception:
            self._end(
                training.id,
                lambda t: t.failed(
                    "Something went wrong on our side while training. The uploaded file is kept; try again.",
                    at=self.clock.now(),
                ),
            )
            raise

    def _note(self, training_id: TrainingId, progress: Progress, at: datetime) -> tuple[bool, bool]:
        with self.new_uow() as uow:
            ours = uow.trainings.beat(training_id, worker=self.worker, at=at, progress=progress)
            cancelled = not ours and uow.trainings.get(training_id).cancel_requested
            uow.commit()
        return ours, cancelled

    def _keep(self, training: Training, model: TrainedModel, strategy: str) -> ModelVersion:
        """Folder first, then the row: a folder without a row is a leftover, a row without a folder would be a lie."""
        with self.new_uow() as uow:
            version_id = STARTER_ID if training.starter else uow.models.next_id()
        now = self.clock.now()
        version = ModelVersion(
            id=version_id,
            algorithm=model.algorithm,
            schema=model.schema,
            evaluation=model.evaluation,
            threshold=model.threshold,
            threshold_strategy=strategy,
            trained_at=now,
            trained_by=training.owner,
            file_name=training.file_name,
            data_sha256=training.file_sha256,
            rows=model.rows,
            churned=model.churned,
            seed=training.request.seed,
            seconds=(now - (training.started_at or now)).total_seconds(),
            starter=training.starter,
            sample=training.sample,
            horizon=training.request.horizon,
            left_out=model.left_out,
            notes=model.notes,
            parameters=model.parameters,
            libraries=model.libraries,
        )
        self.registry.save(version, model)
        promoter = self._email_of(training)
        with self.new_uow() as uow:
            uow.models.add(version)
            champion = uow.models.champion()
            first_own = champion is None or (champion.starter and not version.starter)
            if first_own or training.promote:
                why = "the first model of this installation" if first_own else "asked for with the training"
                make_champion(uow, version, by=promoter, clock=self.clock, why=why)
                version = version.at(ModelStage.CHAMPION)
            uow.commit()
        return version

    def _email_of(self, training: Training) -> str:
        with self.new_uow() as uow:
            owner = next((a for a in uow.accounts.all() if a.id == training.owner), None)
        return owner.email if owner else training.owner

    def _end(self, training_id: TrainingId, change: Callable[[Training], Training]) -> Training | None:
        with self.new_uow() as uow:
            training = uow.trainings.get(training_id)
            if training.worker != self.worker or training.state.ended:
                return None
            training = change(training)
            uow.trainings.save(training)
            uow.commit()
        return training
