"""Repositories of trainings, model versions and playbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.model import ModelStage, ModelVersion, Promotion, is_starter
from domain.playbook import Playbook
from domain.playbook_versions import PlaybookVersion
from domain.progress import Progress
from domain.schema import CustomerSchema
from domain.training import Training, TrainingId


class Trainings(Protocol):
    """Training jobs. They have the same states as runs."""

    def add(self, training: Training) -> None: ...
    def get(self, training_id: TrainingId) -> Training:
        """Raises NotFound."""

    def save(self, training: Training) -> None: ...
    def claim(
        self, training_id: TrainingId, *, worker: str, now: datetime, stale_before: datetime
    ) -> Training | None: ...
    def heartbeat(self, training_id: TrainingId, *, worker: str, at: datetime, progress: Progress) -> bool: ...
    def unfinished(self) -> Sequence[Training]: ...
    def latest(self, *, owner: str | None = None, limit: int | None = 20) -> Sequence[Training]:
        """Newest first."""


@dataclass(frozen=True, slots=True)
class ModelTitle:
    """A version by its name, without its figures."""

    id: str
    file_name: str

    @property
    def name(self) -> str:
        return "Starter model" if is_starter(self.id) else f"Model {self.id}"


class Models(Protocol):
    """Model versions and the log of promotions."""

    def reserve(self, *, above: int = 0) -> str:
        """Reserve the next id, "v1", "v2" …: its number is higher than all numbers used so far and than `above`.

        After the commit no other training gets the id, even if no version is added. The starter model is "v0".
        """

    def add(self, version: ModelVersion) -> None:
        """Raises Conflict if a version had the number before, or if there would be a second champion."""

    def get(self, version_id: str) -> ModelVersion:
        """Raises ModelNotFound."""

    def schema(self, version_id: str) -> CustomerSchema:
        """The version's schema alone, without its evaluation. Raises ModelNotFound."""

    def set_stage(self, version_id: str, stage: ModelStage) -> None: ...
    def save(self, version: ModelVersion) -> None: ...
    def remove(self, version_id: str) -> None: ...
    def champion(self) -> ModelVersion | None: ...
    def all(self) -> Sequence[ModelVersion]:
        """Newest first."""

    def titles(self) -> Sequence[ModelTitle]:
        """Newest first."""

    def log(self, promotion: Promotion) -> None: ...
    def promotions(self) -> Sequence[Promotion]:
        """Newest first."""


class Playbooks(Protocol):
    """Versions of the playbook. Version 1 is seeded by the migrations."""

    def latest(self) -> Playbook: ...
    def get(self, version: int) -> Playbook:
        """Raises NotFound."""

    def version(self, number: int) -> PlaybookVersion:
        """A version with its author. Raises NotFound."""

    def versions(self) -> Sequence[PlaybookVersion]:
        """Newest first."""

    def add(self, version: PlaybookVersion) -> None:
        """Raises Conflict if the version exists."""
