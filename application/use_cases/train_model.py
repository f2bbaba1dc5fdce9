"""A queued model is learned by a worker, and put in charge where nobody must be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from application.ports.intake import CustomerFiles, Uploads
from application.ports.models import ModelRegistry, ThresholdChoice, TrainedModel, Trainers
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.heartbeat import STALE, Heartbeat, Lost
from application.use_cases.models import make_champion
from domain.errors import Cancelled, ChurnDeskError
from domain.model import ModelStage, ModelVersion
from domain.run import Progress
from domain.training import Training, TrainingId

STARTER_ID = "v0"


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
            if self._asked_to_stop(training.id):  # its upload may have been deleted meanwhile, with the account
                return self._end(training.id, lambda t: t.cancelled(at=self.clock.now()))
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

    def _asked_to_stop(self, training_id: TrainingId) -> bool:
        with self.new_uow() as uow:
            return uow.trainings.get(training_id).cancel_requested

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
