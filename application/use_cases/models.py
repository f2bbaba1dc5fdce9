"""Which model is in charge, and changing that."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.persistence import UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.errors import Conflict, NoModel
from domain.model import ModelStage, ModelVersion, Promotion, must_be_promotable


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
