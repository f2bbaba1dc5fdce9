"""The champion model, and promotions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.champion import must_be_promotable
from domain.economics import ThresholdStrategy
from domain.errors import Conflict, NoModel
from domain.formats import NO_CURRENCY, FormatsOf
from domain.model import ModelStage, ModelVersion, Promotion, in_charge_at


def champion_for(uow: UnitOfWork, model_id: str | None = None) -> ModelVersion:
    """The named version, or the champion. Raises ModelNotFound or NoModel."""
    if model_id:
        return uow.models.get(model_id)
    champion = uow.models.champion()
    if champion is None:
        raise NoModel
    return champion


def make_champion(uow: UnitOfWork, version: ModelVersion, *, by: str, clock: Clock, reason: str = "") -> None:
    """Retire the champion, make this version the champion, and log it, within the unit of work."""
    previous = uow.models.champion()
    if previous is not None:
        uow.models.set_stage(previous.id, ModelStage.RETIRED)
    uow.models.set_stage(version.id, ModelStage.CHAMPION)
    uow.models.log(
        Promotion(version.id, previous.id if previous else None, by=by, at=clock.now(), reason=reason.strip())
    )


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Makes a version the champion: a candidate, or an earlier champion (rollback)."""

    new_uow: NewUnitOfWork
    clock: Clock
    formats_of: FormatsOf

    def __call__(self, version_id: str, *, by: Actor, force: bool = False, reason: str = "") -> ModelVersion:
        by.account.must_be_able_to(Permission.PROMOTE)
        with self.new_uow() as uow:
            version = uow.models.get(version_id)
            champion = uow.models.champion()
            if champion is not None and champion.id == version.id:
                raise Conflict(f"{version.name} is the champion already.")
            if version.stage is ModelStage.CANDIDATE:
                formats = self.formats_of(NO_CURRENCY)
                must_be_promotable(version, champion, force=force, reason=reason, formats=formats)
            make_champion(uow, version, by=by.account.email, clock=self.clock, reason=reason)
            note(uow, self.clock, by, "promoted a model", version.id)
            uow.commit()
        return version.at(ModelStage.CHAMPION)


@dataclass(frozen=True, slots=True)
class ChangeThreshold:
    """Changes a version's threshold for later predictions. Earlier predictions keep theirs."""

    new_uow: NewUnitOfWork
    clock: Clock
    formats_of: FormatsOf

    def __call__(
        self,
        version_id: str,
        strategy: ThresholdStrategy,
        *,
        by: Actor,
        target: float | None = None,
    ) -> ModelVersion:
        """Raises ModelNotFound, or InvalidInput for an impossible target."""
        by.account.must_be_able_to(Permission.PROMOTE)
        with self.new_uow() as uow:
            version = uow.models.get(version_id)
            changed = version.with_threshold(strategy, uow.policies.get().economics, target=target)
            uow.models.save(changed)
            percent = self.formats_of(NO_CURRENCY).percent
            what = f"{version.id}: {percent(version.threshold)} to {percent(changed.threshold)}"
            note(uow, self.clock, by, "changed a model's threshold", what)
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ChampionAt:
    """Finds the promotion of the model that was champion at a given time; None before the first."""

    new_uow: NewUnitOfWork

    def __call__(self, at: datetime, *, by: Account) -> Promotion | None:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            return in_charge_at(uow.models.promotions(), at)
