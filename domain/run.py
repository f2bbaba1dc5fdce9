"""A run: one scoring of one file by one model version."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Self

from domain.errors import Conflict
from domain.evaluation import ConfusionMatrix
from domain.file_format import FileFormat, FormatChoice
from domain.liveness import Liveness
from domain.prediction import RiskBand

RunId = NewType("RunId", str)

DEFAULT_LIVENESS = Liveness()

SYSTEM_OWNER = "system"
"""Owner of runs made on the command line; managers and administrators see them."""


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)

    @property
    def without_result(self) -> bool:
        """Whether the job ended and left no result."""
        return self in (RunState.FAILED, RunState.CANCELLED)


LEGAL_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.RUNNING, RunState.DONE, RunState.FAILED, RunState.CANCELLED}),
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class DriverShare:
    """An attribute's part in the risk of a run: mean |SHAP| in log-odds, its share of all, mean signed SHAP."""

    attribute: str
    mean_abs: float
    share: float
    mean: float


@dataclass(frozen=True, slots=True)
class ActionTotal:
    """How many customers an action is best for, and what acting on them is expected to earn together."""

    action_id: str
    name: str
    customers: int
    expected_gain: float


@dataclass(frozen=True, slots=True)
class TruthMetrics:
    """Quality of a run against a known truth. Figures are fractions; None where they cannot be defined."""

    customers: int
    churned: int
    auc: float | None
    log_loss: float
    brier: float
    accuracy: float
    precision: float
    recall: float
    f1: float
    ece: float
    lift_10: float
    confusion: ConfusionMatrix


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """One snapshot month of a run. `revenue_at_risk` = Σ probability × monthly revenue; `observed` is the churn rate
    where the file holds the truth."""

    month: str
    customers: int
    mean_probability: float
    likely_to_leave: int
    revenue_at_risk: float | None
    observed: float | None


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What a run saw in one attribute. PSI against training is None below the minimum sample.

    `shift` says in words how the attribute moved, where it did.
    """

    column: str
    missing: int = 0
    unknown: int = 0
    unknown_examples: tuple[str, ...] = ()
    out_of_range: int = 0
    unreadable: int = 0
    psi: float | None = None
    shift: str | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a finished run found, kept with the run. Money is in the installation's currency, a month.

    `money_at_risk` = Σ probability × monthly revenue over all customers; `revenue_likely` = Σ monthly revenue of
    the likely leavers. Both are None where the schema has no monthly revenue.
    `histogram` counts customers in equal bins of churn probability from 0 to 1.
    """

    rows: int
    scored: int
    rejected: int
    likely_to_leave: int
    mean_probability: float
    money_at_risk: float | None
    revenue_likely: float | None
    revenue_total: float | None
    expected_gain: float
    worth_contacting: int
    bands: dict[RiskBand, int]
    histogram: tuple[int, ...]
    drivers: tuple[DriverShare, ...]
    actions: tuple[ActionTotal, ...]
    columns: tuple[ColumnReport, ...] = ()
    duplicate_ids: int = 0
    out_of_range: int = 0
    months: tuple[MonthSummary, ...] = ()
    truth: TruthMetrics | None = None
    columns_missing: tuple[str, ...] = ()
    columns_matched: tuple[tuple[str, str], ...] = ()
    """Schema column and file header, where the two differ."""
    columns_extra: tuple[str, ...] = ()
    format: FileFormat | None = None
    """How the file turned out to be written; None for runs of earlier versions."""
    remarks: tuple[str, ...] = ()
    """What is worth knowing about how it was read, in sentences."""
    duplicate_rows: tuple[int, ...] = ()
    """The first few rows whose id stood before."""

    def __post_init__(self) -> None:
        if self.rows != self.scored + self.rejected:
            raise ValueError(f"{self.rows} rows are not {self.scored} scored + {self.rejected} rejected")


@dataclass(frozen=True, slots=True)
class StopReport:
    """What had been read of a file when it was given up; nothing else of it is kept but the list of rejected rows.

    `reasons` are the commonest ones for rejecting a row, in words, with how many rows each.
    """

    rows: int = 0
    rejected: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    format: FileFormat | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rejected <= self.rows:
            raise ValueError(f"{self.rejected} of {self.rows} rows cannot have been rejected")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run or a training has come. `stage` is a short present phrase; `of` is None while unknown."""

    stage: str = ""
    rows: int = 0
    of: int | None = None
    likely_to_leave: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker does with a file that its owner uploaded. Times are UTC."""

    CALLED: ClassVar[str]
    id: str
    owner: str
    file_name: str
    file_sha256: str
    file_bytes: int
    created_at: datetime
    state: RunState = RunState.QUEUED
    sample: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    worker: str | None = None
    progress: Progress = field(default_factory=Progress)
    error: str | None = None
    cancel_requested: bool = False

    def started(self, *, worker: str, at: datetime) -> Self:
        """Taken by a worker, or taken over from one whose heartbeat stopped."""
        return replace(
            self._moved(RunState.RUNNING), worker=worker, started_at=at, heartbeat_at=at, progress=Progress()
        )

    def cancelled(self, *, at: datetime) -> Self:
        return replace(self._moved(RunState.CANCELLED), finished_at=at)

    def failed(self, error: str, *, at: datetime) -> Self:
        return replace(self._moved(RunState.FAILED), error=error, finished_at=at)

    def asked_to_stop(self, *, at: datetime, liveness: Liveness = DEFAULT_LIVENESS) -> Self:
        """Cancelled at once where no living worker has it; else its worker stops. What has ended stays as it is."""
        if self.state.ended:
            return self
        if self.state is RunState.QUEUED or self.is_abandoned(at, liveness):
            return replace(self.cancelled(at=at), cancel_requested=True)
        return replace(self, cancel_requested=True)

    def is_abandoned(self, now: datetime, liveness: Liveness = DEFAULT_LIVENESS) -> bool:
        """Running, but its worker is silent."""
        return self.state is RunState.RUNNING and not liveness.lives(self.heartbeat_at, now)

    def belongs_to(self, claim: str) -> bool:
        """Whether this claim may still store an outcome."""
        return self.state is RunState.RUNNING and self.worker == claim

    def _moved(self, to: RunState) -> Self:
        if to not in LEGAL_TRANSITIONS[self.state]:
            raise Conflict(f"This {self.CALLED} is {self.state.value} and can no longer become {to.value}.")
        return replace(self, state=to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Work):
    """One scoring. `threshold` starts as the model's and may be stored anew."""

    CALLED: ClassVar[str] = "prediction"
    id: RunId
    model_version: str
    threshold: float
    shared: bool = False
    playbook_version: int | None = None
    summary: RunSummary | None = None
    stopped: StopReport | None = None
    """Where the file was to blame that the run failed."""
    delete_previous: bool = False
    matches: tuple[tuple[str, int], ...] = ()
    """A person's confirmed matches: schema column → header position."""
    written: FormatChoice = field(default_factory=FormatChoice)
    """What a person decided about the file's format."""

    def __post_init__(self) -> None:
        if not self.file_name:
            raise ValueError("a run names its file")
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"a threshold lies in [0, 1], not {self.threshold}")

    def done(self, summary: RunSummary, *, playbook_version: int, at: datetime) -> Run:
        return replace(self._moved(RunState.DONE), summary=summary, playbook_version=playbook_version, finished_at=at)

    def failed(self, error: str, *, at: datetime, stopped: StopReport | None = None) -> Run:
        return replace(self._moved(RunState.FAILED), error=error, stopped=stopped, finished_at=at)

    def renamed(self, name: str) -> Run:
        """Raises ValueError for an empty name."""
        return replace(self, file_name=name.strip())

    @property
    def seconds(self) -> float | None:
        """How long the scoring took, from start to end; 0 where the clock was set back meanwhile."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())
