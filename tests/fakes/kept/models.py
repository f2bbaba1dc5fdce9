"""Model versions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.trained_models import ModelTitle
from domain.errors import Conflict, ModelNotFound
from domain.model import ModelStage, ModelVersion, Promotion
from domain.schema import CustomerSchema
from tests.fakes.kept.everything import Kept, isolated


@dataclass(frozen=True, slots=True)
class FakeModels:
    kept: Kept

    def reserve(self, *, above: int = 0) -> str:
        number = max(0, above, *self.kept.model_numbers, *self.kept.reserved_numbers) + 1
        self.kept.reserved_numbers.add(number)
        return f"v{number}"

    def add(self, version: ModelVersion) -> None:
        if version.number in self.kept.model_numbers:
            raise Conflict("There is, or was, a model with this number.")
        self._must_leave_one_champion(version)
        self.kept.model_numbers.add(version.number)
        self.kept.models[version.id] = isolated(version)

    def get(self, version_id: str) -> ModelVersion:
        if version_id not in self.kept.models:
            raise ModelNotFound(version_id)
        return isolated(self.kept.models[version_id])

    def schema(self, version_id: str) -> CustomerSchema:
        return self.get(version_id).schema

    def set_stage(self, version_id: str, stage: ModelStage) -> None:
        self.save(self.get(version_id).at(stage))

    def save(self, version: ModelVersion) -> None:
        self.get(version.id)
        self._must_leave_one_champion(version)
        self.kept.models[version.id] = isolated(version)

    def remove(self, version_id: str) -> None:
        self.get(version_id)
        del self.kept.models[version_id]

    def champion(self) -> ModelVersion | None:
        return isolated(next((own for own in self.kept.models.values() if own.stage is ModelStage.CHAMPION), None))

    def all(self) -> Sequence[ModelVersion]:
        return isolated(sorted(self.kept.models.values(), key=lambda own: own.number, reverse=True))

    def titles(self) -> Sequence[ModelTitle]:
        return [ModelTitle(own.id, own.file_name) for own in self.all()]

    def log(self, promotion: Promotion) -> None:
        self.kept.promotions.append(isolated(promotion))

    def promotions(self) -> Sequence[Promotion]:
        return isolated(sorted(self.kept.promotions, key=lambda own: own.at)[::-1])

    def _must_leave_one_champion(self, version: ModelVersion) -> None:
        champion = self.champion()
        if version.stage is ModelStage.CHAMPION and champion is not None and champion.id != version.id:
            raise Conflict("There is already a champion; retire it first.")
