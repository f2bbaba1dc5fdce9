"""Which model is in charge, and changing that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ports.persistence import UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.economics import ThresholdStrategy
from domain.errors import Conflict, NoModel
from domain.model import ModelStage, ModelVersion, Promotion, in_charge_at, must_be_promotable


def champion_for(uow: UnitOfWork, model_id: str | None = None) -> ModelVersion:
    """The named version, or the champion. Raises ModelNotFound or NoModel."""
    if model_id:
        return uow.models.get(model_id)
    champion = uow.models.champion()
    if champion is None:
        raise NoModel
    return champion


def make_champion(uow: UnitOfWork, version: ModelVersion, *, by: str, clock: Clock, why: str = "") -> None:
    """Retire the champion, promote the version, and log it; within the unit of work."""
    previous = uow.models.champion()
    if previous is not None:
        uow.models.set_stage(previous.id, ModelStage.RETIRED)
    uow.models.set_stage(version.id, ModelStage.CHAMPION)
    uow.models.log(Promotion(version.id, previous.id if previous else None, by=by, at=clock.now(), why=why.strip()))


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Put a version in charge: a candidate, or an earlier champion again (roll back)."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(
        self, version_id: str, *, by: Account, insist: bool = False, why: str = "", address: str = ""
    ) -> ModelVersion:
        by.must_be_able_to(Permission.PROMOTE)
        with self.new_uow() as uow:
            version = uow.models.get(version_id)
            champion = uow.models.champion()
            if champion is not None and champion.id == version.id:
                raise Conflict(f"{version.name} is the champion already.")
            if version.stage is ModelStage.CANDIDATE:
                must_be_promotable(version, champion, insist=insist, why=why)
            make_champion(uow, version, by=by.email, clock=self.clock, why=why)
            note(uow, self.clock, by, "promoted a model", version.id, address=address)
            uow.commit()
        return version.at(ModelStage.CHAMPION)


@dataclass(frozen=True, slots=True)
class ChangeThreshold:
    """Choose a version's threshold anew, for the predictions to come; earlier ones keep the one they began with."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(
        self,
        version_id: str,
        strategy: ThresholdStrategy,
        *,
        by: Account,
        target: float | None = None,
        address: str = "",
    ) -> ModelVersion:
        """Raises ModelNotFound, or InvalidInput for a target that does not do."""
        by.must_be_able_to(Permission.PROMOTE)
        with self.new_uow() as uow:
            version = uow.models.get(version_id)
            changed = version.with_threshold(strategy, uow.policies.get().economics, target=target)
            uow.models.save(changed)
            what = f"{version.id}: {version.threshold:.1%} to {changed.threshold:.1%}"
            note(uow, self.clock, by, "changed a model's threshold", what, address=address)
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ChampionAt:
    """The promotion that put the champion of a given time in charge; None before the first."""

    new_uow: NewUnitOfWork

    def __call__(self, at: datetime, *, by: Account) -> Promotion | None:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            return in_charge_at(uow.models.promotions(), at)
