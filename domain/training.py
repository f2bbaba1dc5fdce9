"""A training: one attempt to learn a model from one labelled file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, NewType

from domain.model import Algorithm, Effort
from domain.run import RunState, Work

TrainingId = NewType("TrainingId", str)


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to learn and how. None means: detect it. `keep` names columns to use although they look like a leak."""

    target: str | None = None
    positive: str | None = None
    id_column: str | None = None
    algorithm: Algorithm = Algorithm.XGBOOST
    effort: Effort = Effort.NORMAL
    seed: int = 20261122
    keep: tuple[str, ...] = ()
    horizon: str = "the next month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Work):
    """One attempt. `version` is the model it made, once done. A sample training also scores sample months."""

    CALLED: ClassVar[str] = "training"
    id: TrainingId
    request: TrainingRequest
    starter: bool = False
    promote: bool = False
    version: str | None = None

    def done(self, version: str, *, at: datetime) -> Training:
        return replace(self._moved(RunState.DONE), version=version, finished_at=at)
