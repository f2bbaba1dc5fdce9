"""Runs a queued training, and promotes the new version where no approval is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from application.ports.audit import AuditEntry
from application.ports.columns import CustomerBatch
from application.ports.intake import CustomerFiles, RowsWith, Uploads
from application.ports.models import HistoryOfRows, ModelRegistry, ThresholdChoice, TrainedModel, Trainers
from application.ports.system import Clock
from application.ports.trained_models import Trainings
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.history import AddHistory
from application.use_cases.files.recognition import of_training
from application.use_cases.jobs.claimed_job import ClaimedWork, JobRunner
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.heartbeat import Heartbeat, Lost
from application.use_cases.models.algorithms import trainer_of
from application.use_cases.models.compare_models import CompareModels
from application.use_cases.models.promotion import make_champion
from application.use_cases.permissions import NewUnitOfWork, owner_of
from domain.account import system_account
from domain.champion import reason_to_take_over
from domain.errors import Conflict, NotFound, UploadDamaged
from domain.label_columns import MONTH
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.model import STARTER_ID, ModelVersion, is_starter
from domain.policy import InstallationPolicy
from domain.progress import Progress, TrainingStage, share_of_training
from domain.schema import CustomerSchema
from domain.training import Training, TrainingId

TOOK_OVER = "made its model the champion"
WENT_WRONG = "Something went wrong on our side while training. The uploaded file is kept; try again."


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Trains one queued model. Safe to call twice: it is done once."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    registry: ModelRegistry
    trainers: Callable[[], Trainers]
    clock: Clock
    claims: Claims
    compare: CompareModels
    add_history: AddHistory
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(
        self,
        training_id: TrainingId,
        *,
        progress: Callable[[Progress], None] | None = None,
        claim: Claim | None = None,
    ) -> Training | None:
        """Returns the ended training; None if another worker has claimed it. Without a `claim`, it is claimed here."""

        def train(job: ClaimedWork[Training], heartbeat: Heartbeat) -> Training:
            def report(step: Progress) -> None:
                heartbeat(step)
                if progress is not None:
                    progress(step)

            return self._train(job, heartbeat, report)

        runner: JobRunner[Training] = JobRunner(
            self.new_uow, _trainings, self.clock, self.liveness, self.claims, WENT_WRONG
        )
        return runner.run(training_id, train, claim=claim)

    def _train(self, job: ClaimedWork[Training], heartbeat: Heartbeat, report: Callable[[Progress], None]) -> Training:
        began = self.clock.monotonic()
        training, policy = self._plan(job.claim)
        request = training.request
        heartbeat.share = lambda step: share_of_training(step, request.algorithm, request.effort)
        choice = ThresholdChoice(policy.threshold_strategy, policy.threshold_target, policy.economics)
        report(Progress(TrainingStage.READING))
        path = self.uploads.path(training.id)
        if path.is_file() and self.uploads.sha256(training.id) != training.file_sha256:
            raise UploadDamaged(training.file_name)
        recognition = of_training(self.files, path, training)
        months = training.request.compare
        only = RowsWith(MONTH, months.learned) if months is not None else None
        table = self.files.load(path, format=recognition.format, only=only)
        trainer = trainer_of(self.trainers(), training.request.algorithm)
        model = trainer.train(
            table,
            training.request,
            choice,
            progress=report,
            known=recognition.labelled,
            history=self._history(training, path),
        )
        version = version_of(
            training,
            model,
            id=self._reserved(training),
            strategy=choice.strategy.value,
            at=self.clock.now(),
            seconds=self.clock.monotonic() - began,
        )
        return self._store(job, training, version, model, report)

    def _history(self, training: Training, path: Path) -> HistoryOfRows:
        """Attributes of the earlier months in the training file itself."""
        choice = training.request.format_override

        def of(schema: CustomerSchema) -> Iterator[CustomerBatch]:
            return self.add_history.of_training(path, choice, schema)

        return of

    def _plan(self, claim: Claim) -> tuple[Training, InstallationPolicy]:
        with self.new_reading() as uow:
            try:
                return uow.trainings.get(TrainingId(claim.job.id)), uow.policies.get()
            except NotFound as error:
                raise Lost from error

    def _reserved(self, training: Training) -> str:
        """Reserve a version id that no other training gets. Existing folders without a row keep their ids."""
        highest = max((numbered(name) for name in self.registry.versions()), default=0)
        with self.new_uow() as uow:
            if training.starter:
                if any(is_starter(version.id) for version in uow.models.all()):
                    raise Conflict("There is a starter model already.")
                return STARTER_ID
            version_id = uow.models.reserve(above=highest)
            uow.commit()
        return version_id

    def _store(
        self,
        job: ClaimedWork[Training],
        training: Training,
        version: ModelVersion,
        model: TrainedModel,
        report: Callable[[Progress], None],
    ) -> Training:
        """Store the folder first, then the version, the promotion and the training's end in one transaction.

        A folder without a row is a leftover. A row without a folder would be a model that cannot score.
        """
        self.registry.save(version, model)
        version = self._compared(training, version, report)

        def store(uow: UnitOfWork, _: Training) -> None:
            uow.models.add(version)
            champion = uow.models.champion()
            waits = training.request.compare is not None and champion is not None and not training.promote
            reason = reason_to_take_over(version, champion, asked=training.promote)
            if reason is not None and not waits:
                make_champion(uow, version, by=_email_of(uow, training), clock=self.clock, reason=reason)
                owner = owner_of(uow, training.owner) or system_account(self.clock.now())
                uow.audit.record(AuditEntry(self.clock.now(), owner.email, TOOK_OVER, version.id))

        try:
            return job.end(lambda current: current.done(version.id, at=self.clock.now()), store=store)
        except (Lost, Conflict):
            if not version.starter:  # another training of the starter model may have stored the same version
                self.registry.discard(version.id)
            raise

    def _compared(self, training: Training, version: ModelVersion, report: Callable[[Progress], None]) -> ModelVersion:
        """The version with the comparison that was asked for; it waits for a person who promotes it."""
        months = training.request.compare
        if months is None:
            return version
        step, path = Progress(TrainingStage.LEARNING), self.uploads.path(training.id)
        found = self.compare(version, months, path, sha256=training.file_sha256, on_batch=lambda: report(step))
        return replace(version, evaluation=replace(version.evaluation, compared=found))


def version_of(
    training: Training, model: TrainedModel, *, id: str, strategy: str, at: datetime, seconds: float
) -> ModelVersion:
    return ModelVersion(
        id=id,
        algorithm=model.algorithm,
        schema=model.schema,
        evaluation=model.evaluation,
        threshold=model.threshold,
        threshold_strategy=strategy,
        trained_at=at,
        trained_by=training.owner,
        file_name=training.file_name,
        data_sha256=training.file_sha256,
        rows=model.rows,
        churned=model.churned,
        seed=training.request.seed,
        seconds=seconds,
        starter=training.starter,
        sample=training.sample,
        horizon=training.request.horizon,
        left_out=model.left_out,
        notes=model.notes,
        parameters=model.parameters,
        libraries=model.libraries,
        label=training.request.label,
    )


def numbered(version_id: str) -> int:
    """The number of "v12"; 0 for other names."""
    digits = version_id.removeprefix("v")
    return int(digits) if re.fullmatch(r"[0-9]{1,6}", digits, re.ASCII) else 0


def _email_of(uow: UnitOfWork, training: Training) -> str:
    owner = owner_of(uow, training.owner)
    return owner.email if owner else training.owner


def _trainings(uow: UnitOfWork) -> Trainings:
    return uow.trainings
