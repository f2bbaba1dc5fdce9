"""A queued model is learned by a worker, and put in charge where nobody must be asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from application.ports.intake import CustomerFiles, Uploads
from application.ports.models import ModelRegistry, ThresholdChoice, TrainedModel, Trainers
from application.ports.persistence import Trainings, UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.claimed_work import ClaimedWork, claimed_by_id
from application.use_cases.claims import Claim, Claims
from application.use_cases.heartbeat import Heartbeat, Lost
from application.use_cases.models import make_champion
from domain.errors import Conflict, NotFound, UploadDamaged, ValueUnclear
from domain.liveness import Liveness
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.run import DEFAULT_LIVENESS, Progress
from domain.training import Training, TrainingId

STARTER_ID = "v0"
MAX_VALUES_ASKED = 50
"""Values of a column that a person is asked to choose from."""
WENT_WRONG = "Something went wrong on our side while training. The uploaded file is kept; try again."


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Learn one queued model; safe to call twice, done once."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    registry: ModelRegistry
    trainers: Callable[[], Trainers]
    clock: Clock
    claims: Claims
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(
        self,
        training_id: TrainingId,
        *,
        progress: Callable[[Progress], None] | None = None,
        claim: Claim | None = None,
    ) -> Training | None:
        """The ended training; None where another claim has it. Without a `claim`, it is claimed here."""
        if claim is not None:
            return self._claimed(claim, progress)
        with claimed_by_id(
            self.claims, self.new_uow, _trainings, training_id, now=self.clock.now(), liveness=self.liveness
        ) as own:
            return None if own is None else self._claimed(own, progress)

    def _claimed(self, claim: Claim, progress: Callable[[Progress], None] | None) -> Training | None:
        job: ClaimedWork[Training] = ClaimedWork(self.new_uow, _trainings, self.clock, self.liveness, claim, WENT_WRONG)

        def train(beat: Heartbeat) -> Training:
            def report(step: Progress) -> None:
                beat(step)
                if progress is not None:
                    progress(step)

            try:
                return self._train(job, report)
            except ValueUnclear as unclear:
                return self._asked(job, unclear)

        return job.run_claimed(train)

    def _asked(self, job: ClaimedWork[Training], unclear: ValueUnclear) -> Training:
        """It fails with the question; its page offers the values and trains again on the kept file."""
        words, column, values = str(unclear), unclear.column, unclear.values[:MAX_VALUES_ASKED]
        return job.end(lambda training: training.failed(words, at=self.clock.now()).asking(column, values))

    def _train(self, job: ClaimedWork[Training], report: Callable[[Progress], None]) -> Training:
        began = self.clock.monotonic()
        training, policy = self._plan(job.claim)
        choice = ThresholdChoice(policy.threshold_strategy, policy.threshold_target, policy.economics)
        report(Progress(stage="Reading the file"))
        path = self.uploads.path(training.id)
        if path.is_file() and self.uploads.sha256(training.id) != training.file_sha256:
            raise UploadDamaged(training.file_name)
        table = self.files.load(path, format=self.files.preview(path).format)
        trainer = self.trainers()[training.request.algorithm]
        model = trainer.train(table, training.request, choice, progress=report)
        version = version_of(
            training,
            model,
            id=self._reserved(training),
            strategy=choice.strategy.value,
            at=self.clock.now(),
            seconds=self.clock.monotonic() - began,
        )
        return self._store(job, training, version, model)

    def _plan(self, claim: Claim) -> tuple[Training, InstallationPolicy]:
        with self.new_uow() as uow:
            try:
                return uow.trainings.get(TrainingId(claim.job.id)), uow.policies.get()
            except NotFound as error:
                raise Lost from error

    def _reserved(self, training: Training) -> str:
        """A version id that nobody else gets. Folders that an older backup does not know of keep theirs."""
        highest = max((numbered(name) for name in self.registry.versions()), default=0)
        with self.new_uow() as uow:
            if training.starter:
                if any(version.id == STARTER_ID for version in uow.models.all()):
                    raise Conflict("There is a starter model already.")
                return STARTER_ID
            version_id = uow.models.reserve(above=highest)
            uow.commit()
        return version_id

    def _store(
        self, job: ClaimedWork[Training], training: Training, version: ModelVersion, model: TrainedModel
    ) -> Training:
        """The folder first; then the version, the promotion and the training's end in one transaction.

        A folder without a row is a leftover. A row without a folder would be a model that cannot score.
        """
        self.registry.save(version, model)

        def store(uow: UnitOfWork, _: Training) -> None:
            uow.models.add(version)
            champion = uow.models.champion()
            first_own = champion is None or (champion.starter and not version.starter)
            if first_own or training.promote:
                why = "the first model of this installation" if first_own else "asked for with the training"
                make_champion(uow, version, by=_email_of(uow, training), clock=self.clock, why=why)

        try:
            return job.end(lambda current: current.done(version.id, at=self.clock.now()), store=store)
        except (Lost, Conflict):
            if not version.starter:  # a second training of the starter model may have stored the same version
                self.registry.discard(version.id)
            raise


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
    )


def numbered(version_id: str) -> int:
    """The number of "v12"; 0 for other names."""
    digits = version_id.removeprefix("v")
    return int(digits) if re.fullmatch(r"[0-9]{1,6}", digits, re.ASCII) else 0


def _email_of(uow: UnitOfWork, training: Training) -> str:
    owner = next((account for account in uow.accounts.all() if account.id == training.owner), None)
    return owner.email if owner else training.owner


def _trainings(uow: UnitOfWork) -> Trainings:
    return uow.trainings
