"""A training: one attempt to learn a model from one labelled file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType

from domain.errors import Conflict
from domain.model import Algorithm, Effort
from domain.run import LEGAL_TRANSITIONS, Progress, RunState

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


@dataclass(frozen=True, slots=True)
class Training:
    """Times are UTC. `version` is the model it made, once done. A sample training also scores sample months."""

    id: TrainingId
    owner: str
    file_name: str
    file_sha256: str
    file_bytes: int
    request: TrainingRequest
    created_at: datetime
    state: RunState = RunState.QUEUED
    sample: bool = False
    starter: bool = False
    promote: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    worker: str | None = None
    progress: Progress = field(default_factory=Progress)
    version: str | None = None
    error: str | None = None
    cancel_requested: bool = False

    def started(self, *, worker: str, at: datetime) -> Training:
        return replace(
            self._moved(RunState.RUNNING), worker=worker, started_at=at, heartbeat_at=at, progress=Progress()
        )

    def done(self, version: str, *, at: datetime) -> Training:
        return replace(self._moved(RunState.DONE), version=version, finished_at=at)

    def failed(self, error: str, *, at: datetime) -> Training:
        return replace(self._moved(RunState.FAILED), error=error, finished_at=at)

    def cancelled(self, *, at: datetime) -> Training:
        return replace(self._moved(RunState.CANCELLED), finished_at=at)

    def _moved(self, to: RunState) -> Training:
        if to not in LEGAL_TRANSITIONS[self.state]:
            raise Conflict(f"This training is {self.state.value} and can no longer become {to.value}.")
        return replace(self, state=to)
