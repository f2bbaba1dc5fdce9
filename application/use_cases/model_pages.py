"""Reading models: the champion and its rivals, one version in full, a labelled file before it is learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.models import Recognised
from application.ports.persistence import UnitOfWork
from application.ports.system import Ids
from application.use_cases.access import NewUnitOfWork
from application.use_cases.received import looked_at
from application.use_cases.train_model import Trainers
from domain.account import Account, Permission
from domain.errors import Conflict, FileRefused, InvalidInput
from domain.evaluation import SegmentQuality
from domain.model import ModelStage, ModelVersion, Promotion, must_be_promotable
from domain.run import SYSTEM_OWNER
from domain.schema import plain_words
from domain.training import Training, TrainingRequest

FEW_LEAVERS = 200
"""Leavers below which the figures themselves are uncertain enough to say so."""
SEGMENT_ENOUGH = 100
"""Customers from which a segment's quality is worth a word."""
OFTEN_MISSING = 0.2
CLEARLY_WORSE = 0.05


@dataclass(frozen=True, slots=True)
class ModelsView:
    """Every version, newest first, and who put which in charge. `refusals` says why a version needs insisting on."""

    champion: ModelVersion | None
    versions: tuple[ModelVersion, ...]
    promotions: tuple[Promotion, ...]
    refusals: dict[str, str]
    people: dict[str, str]
    under_way: tuple[Training, ...]


@dataclass(frozen=True, slots=True)
class ModelView:
    """One version in full. `limits` are its limits in plain words, derived from facts."""

    model: ModelVersion
    all: ModelsView
    limits: tuple[str, ...]

    @property
    def refusal(self) -> str | None:
        return self.all.refusals.get(self.model.id)


@dataclass(frozen=True, slots=True)
class ListModels:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> ModelsView:
        with self.new_uow() as uow:
            return _models(uow, by)


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Raises ModelNotFound."""

    new_uow: NewUnitOfWork

    def __call__(self, version_id: str, *, by: Account) -> ModelView:
        with self.new_uow() as uow:
            model = uow.models.get(version_id)
            return ModelView(model=model, all=_models(uow, by), limits=limits_of(model))


def _models(uow: UnitOfWork, by: Account) -> ModelsView:
    versions, champion = tuple(uow.models.all()), uow.models.champion()
    owner = None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)
    return ModelsView(
        champion=champion,
        versions=versions,
        promotions=tuple(uow.models.promotions()),
        refusals=_refusals(versions, champion),
        people=_people(uow),
        under_way=tuple(t for t in uow.trainings.latest(owner=owner) if not t.state.ended),
    )


def _refusals(versions: Sequence[ModelVersion], champion: ModelVersion | None) -> dict[str, str]:
    refused: dict[str, str] = {}
    for version in versions:
        if version.stage is not ModelStage.CANDIDATE:
            continue
        try:
            must_be_promotable(version, champion, insist=False, why="")
        except Conflict as error:
            refused[version.id] = str(error)
    return refused


def _people(uow: UnitOfWork) -> dict[str, str]:
    """Names by id and by email: trainings are kept by id, promotions by email."""
    names = {SYSTEM_OWNER: "Command line", "system@localhost": "Command line"}
    for account in uow.accounts.all():
        names[str(account.id)] = names[account.email] = account.name
    return names


def limits_of(model: ModelVersion) -> tuple[str, ...]:
    """What a model cannot know, each in one sentence that a person can act on."""
    found = [*_origin(model), *_time(model), *_evidence(model), *_columns(model)]
    return (*found, "Reasons say what the model leaned on, not what causes churn.")


def _origin(model: ModelVersion) -> list[str]:
    if model.starter or model.sample:
        return ["It learned from generated customers: its figures say nothing about yours until you train on your own."]
    return []


def _time(model: ModelVersion) -> list[str]:
    ahead = f"It speaks of {model.horizon} alone and says nothing about later."
    if model.schema.month_column is None:
        return [ahead, "One snapshot without months: it cannot see seasons, nor a bill that has just gone up."]
    return [ahead]


def _evidence(model: ModelVersion) -> list[str]:
    found: list[str] = []
    if model.churned < FEW_LEAVERS:
        found.append(
            f"Only {model.churned:,} of its {model.rows:,} customers left: read its figures with their intervals."
        )
    weakest = _weakest_segment(model)
    if weakest is not None and weakest.auc is not None:
        found.append(
            f"Where {plain_words(weakest.column).lower()} is {weakest.level} it tells leavers apart less well: "
            f"AUC {weakest.auc:.3f}, from {weakest.churned:,} leavers among {weakest.customers:,} customers."
        )
    few = [segment for segment in model.evaluation.segments if segment.customers < SEGMENT_ENOUGH]
    if few:
        least = min(few, key=lambda segment: segment.customers)
        found.append(
            f"Only {least.customers:,} customers had {plain_words(least.column).lower()} {least.level}: "
            "too few to say how well it does for them."
        )
    return found


def _weakest_segment(model: ModelVersion) -> SegmentQuality | None:
    overall = model.evaluation.metrics.get("auc")
    known = [s for s in model.evaluation.segments if s.auc is not None and s.customers >= SEGMENT_ENOUGH]
    weakest = min(known, key=lambda segment: segment.auc or 1.0, default=None)
    if overall is None or weakest is None or (weakest.auc or 1.0) > overall.value - CLEARLY_WORSE:
        return None
    return weakest


def _columns(model: ModelVersion) -> list[str]:
    missing = max(model.schema.columns, key=lambda column: column.missing_rate, default=None)
    if missing is None or missing.missing_rate < OFTEN_MISSING:
        return []
    return [f"{missing.label} was empty for {missing.missing_rate:.0%} of customers: there it knows less."]


@dataclass(frozen=True, slots=True)
class LabelledCheck:
    """A labelled file before training. Where it was not recognised, `problem` says why, and a person can choose."""

    preview: FilePreview
    recognised: Recognised | None
    problem: InvalidInput | None

    def values_of(self, column: str | None) -> tuple[str, ...]:
        """Distinct values of a column among the first rows, in their order."""
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
        with self.new_uow() as uow:
            limit = uow.policies.get().upload_limit
        with looked_at(self.uploads, self.ids, stream, limit=limit) as path:
            preview = self.files.preview(path)
            table = self.files.load(path, format=preview.format)
        try:
            return LabelledCheck(preview, self.trainers()[request.algorithm].recognise(table, request), None)
        except FileRefused:
            raise
        except InvalidInput as problem:
            return LabelledCheck(preview, None, problem)
