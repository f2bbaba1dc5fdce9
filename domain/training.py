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
    seen: tuple[str, ...] = ()
    """Values of the target among which `positive` was chosen, where they come from a part of the file."""


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

    def asking(self, column: str, values: tuple[str, ...]) -> Training:
        """With the question which value of a column means that a customer left: of all that the file holds."""
        return replace(self, request=replace(self.request, target=column, positive=None, seen=values))

    @property
    def asks(self) -> bool:
        """Whether it failed with a question that a person can answer."""
        return self.state is RunState.FAILED and self.request.positive is None and bool(self.request.seen)
