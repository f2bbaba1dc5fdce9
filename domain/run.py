"""A run: one scoring of one file by one model version."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Self

from domain.errors import Conflict
from domain.evaluation import ConfusionMatrix
from domain.expected_quality import ExpectedQuality
from domain.file_format import FileFormat, FormatChoice
from domain.header_matching import Unmatched
from domain.history_kind import HistoryFound
from domain.intake_limits import has_too_many_rejected
from domain.joint_drift import JointDrift
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.prediction import RiskBand
from domain.progress import JobStage, Progress
from domain.question import Question, Subject
from domain.recognition import FileRecognition
from domain.shift import shift_state
from domain.truth import TruthReading

RunId = NewType("RunId", str)
SYSTEM_OWNER = "system"
"""Owner of runs made on the command line; managers and administrators see them."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def without_result(self) -> bool:
        """Whether the job ended without a result."""
        return self in (JobState.FAILED, JobState.CANCELLED)


LEGAL_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.RUNNING, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
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

    @property
    def gain_each(self) -> float | None:
        """Expected gain per customer; None without customers."""
        return self.expected_gain / self.customers if self.customers else None


@dataclass(frozen=True, slots=True)
class Contacting:
    """The customers of a run who are worth contacting, and what contacting them is expected to earn together.

    These are all customers whose best action has a positive expected gain; the threshold does not matter.
    `actions` counts all customers of the run by best action, including "leave alone".
    """

    customers: int
    expected_gain: float
    actions: tuple[ActionTotal, ...]
    left: int = 0  # those of `customers` who have left, says the file; 0 for runs of earlier versions
    left_gain: float = 0.0  # their part of `expected_gain`


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
class TrainingOverlap:
    """The model learned from a scored file, or from most of its customers, so their outcomes do not measure it:
    `held_out`, the model's figures in cross-validation at its own threshold, count instead."""

    share: float
    same_file: bool
    held_out: TruthMetrics


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month of a run. `revenue_at_risk`: Σ probability × monthly revenue; `observed`: churn rate, where known."""

    month: str
    customers: int
    mean_probability: float
    likely_to_leave: int
    revenue_at_risk: float | None
    observed: float | None


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What a run measured for one attribute. PSI against training is None below the minimum sample.

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
    out_of_range_example: float | None = None
    """The first value out of the trained range; None without one, and for runs of earlier versions."""
    psi_by_chance: float | None = None
    """The PSI that chance alone could reach; None for runs of earlier versions."""

    @property
    def state(self) -> str:
        """Whether the attribute has moved: see `shift_state`."""
        return shift_state(self.psi, self.psi_by_chance)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a finished run found, kept with the run. Money is in the installation's currency, a month.

    `money_at_risk` = Σ probability × monthly revenue over all customers; `revenue_likely` = Σ monthly revenue of the
    likely leavers; None without monthly revenue. `histogram` counts customers in equal bins of churn
    probability from 0 to 1.
    """

    rows: int
    scored: int
    rejected: int
    likely_to_leave: int
    mean_probability: float
    money_at_risk: float | None
    revenue_likely: float | None
    revenue_total: float | None
    bands: dict[RiskBand, int]
    histogram: tuple[int, ...]
    drivers: tuple[DriverShare, ...]
    contacting: Contacting | None = None
    """None for runs of versions that counted only likely leavers."""
    columns: tuple[ColumnReport, ...] = ()
    duplicate_ids: int = 0
    out_of_range: int = 0
    months: tuple[MonthSummary, ...] = ()
    truth: TruthMetrics | None = None
    columns_missing: tuple[str, ...] = ()
    columns_matched: tuple[tuple[str, str], ...] = ()
    """Schema column and file header, where the two differ."""
    unmatched: Unmatched | None = None
    """Which columns the model missed, and why; None for runs of earlier versions."""
    columns_extra: tuple[str, ...] = ()
    format: FileFormat | None = None
    """The file's format as it was read; None for runs of earlier versions."""
    remarks: tuple[str, ...] = ()
    """Remarks on how the file was read, in sentences."""
    duplicate_rows: tuple[int, ...] = ()
    """The first few rows whose id occurred in an earlier row."""
    id_header: str | None = None
    """The file's column of customer ids, blank where rows are numbered; None for runs of earlier versions."""
    truth_reading: TruthReading | None = None
    """How much of the file's truth is understood; None without it, and for runs of earlier versions."""
    overlap: TrainingOverlap | None = None
    expected: ExpectedQuality | None = None
    """The quality to be expected from the probabilities alone; None for runs of earlier versions."""
    history: HistoryFound | None = None  # the earlier months that were found; None where the model needs none
    joint_drift: JointDrift | None = None  # None with few customers, and for models and runs of earlier versions

    @property
    def estimate(self) -> ExpectedQuality | None:
        """The expected quality, unless the model learned from these customers and is too certain of them."""
        return None if self.overlap else self.expected

    @property
    def quality(self) -> TruthMetrics | None:
        """The model's quality: by the outcomes in the file, unless it learned from them; None without outcomes."""
        return self.overlap.held_out if self.overlap else self.truth

    def __post_init__(self) -> None:
        if self.rows != self.scored + self.rejected:
            raise ValueError(f"{self.rows} rows are not {self.scored} scored + {self.rejected} rejected")

    @property
    def numbered(self) -> bool:
        """Whether no ids were recognised, so that the customers have their row numbers as ids."""
        return self.id_header == ""


@dataclass(frozen=True, slots=True)
class StopReport:
    """What had been read of a file when reading was stopped. Only this and the list of rejected rows are kept.

    `reasons` are the most frequent reasons for rejecting a row, in words, with the number of rows for each.
    """

    rows: int = 0
    rejected: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    format: FileFormat | None = None
    blank: int = 0
    """Rejected rows without any content; 0 for runs of earlier versions."""

    def __post_init__(self) -> None:
        if not 0 <= self.blank <= self.rejected <= self.rows:
            raise ValueError(f"{self.rejected} of {self.rows} rows, {self.blank} blank, cannot have been rejected")

    @property
    def too_many_rejected(self) -> bool:
        """Whether the file is not scored because too many of its rows were rejected."""
        return has_too_many_rejected(self.rejected - self.blank, self.rows - self.blank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker does for its owner, and how far it is. Times are UTC."""

    LABEL: ClassVar[str]
    id: str
    owner: str
    created_at: datetime
    state: JobState = JobState.QUEUED
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
            self._moved(JobState.RUNNING),
            worker=worker,
            started_at=at,
            heartbeat_at=at,
            progress=Progress(JobStage.STARTING),
        )

    def cancelled(self, *, at: datetime) -> Self:
        return replace(self._moved(JobState.CANCELLED), finished_at=at)

    def failed(self, error: str, *, at: datetime, question: Question | None = None) -> Self:
        """`question` asks for what a person can settle; only work on a file can have one."""
        return replace(self._moved(JobState.FAILED), error=error, finished_at=at)

    def asked_to_stop(self, *, at: datetime, liveness: Liveness = DEFAULT_LIVENESS) -> Self:
        """Cancelled at once if no running worker has it; else its worker stops. Ended work is unchanged."""
        if self.state.ended:
            return self
        if self.state is JobState.QUEUED or self.is_abandoned(at, liveness):
            return replace(self.cancelled(at=at), cancel_requested=True)
        return replace(self, cancel_requested=True)

    def is_abandoned(self, now: datetime, liveness: Liveness = DEFAULT_LIVENESS) -> bool:
        """Running, but its worker is silent."""
        return self.state is JobState.RUNNING and not liveness.lives(self.heartbeat_at, now)

    def needs_worker(self, now: datetime, liveness: Liveness = DEFAULT_LIVENESS, *, all_queued: bool = False) -> bool:
        """Whether to notify the workers of it: its worker is silent, or it has been queued for long.

        `all_queued` includes all queued work.
        """
        if self.state is JobState.QUEUED:
            return all_queued or liveness.waits_long(self.created_at, now)
        return self.is_abandoned(now, liveness)

    def belongs_to(self, claim: str) -> bool:
        """Whether this claim may still store an outcome."""
        return self.state is JobState.RUNNING and self.worker == claim

    def _moved(self, to: JobState) -> Self:
        if to not in LEGAL_TRANSITIONS[self.state]:
            raise Conflict(f"This {self.LABEL} is {self.state.value} and can no longer become {to.value}.")
        return replace(self, state=to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Work):
    """What a worker does with a file that its owner uploaded."""

    file_name: str
    file_sha256: str
    file_bytes: int
    sample: bool = False
    recognition: FileRecognition | None = None
    """The recognition of the file at its arrival, until the job ends. None for jobs of earlier versions."""
    question: Question | None = None
    """What a person has to answer about the file before it can be used; set only if the job failed because of it."""

    def failed(self, error: str, *, at: datetime, question: Question | None = None) -> Self:
        return replace(self._moved(JobState.FAILED), error=error, finished_at=at, question=question)

    def asking(self, error: str, question: Question) -> Self:
        """A failed job whose answered question raised another one."""
        return replace(self, error=error, question=question)

    def _moved(self, to: JobState) -> Self:
        moved = Work._moved(self, to)
        return replace(moved, recognition=None) if to.ended else moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Job):
    """One scoring. `threshold` is the model's at first and can be changed later."""

    LABEL: ClassVar[str] = "prediction"
    id: RunId
    model_version: str
    threshold: float
    shared: bool = False
    playbook_version: int | None = None
    summary: RunSummary | None = None
    stopped: StopReport | None = None  # set if the run failed because of its file
    delete_previous: bool = False
    matches: tuple[tuple[str, int], ...] = ()
    """A person's confirmed matches: schema column → header position."""
    format_override: FormatChoice = field(default_factory=FormatChoice)
    """A person's choices for the file's format."""
    folder: str = ""  # the watched folder that the file came from
    month: str = ""  # "YYYY-MM", where a person said it: see `domain/run_month.py`

    def __post_init__(self) -> None:
        if not self.file_name:
            raise ValueError("a run names its file")
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"a threshold lies in [0, 1], not {self.threshold}")

    def done(self, summary: RunSummary, *, playbook_version: int, at: datetime) -> Run:
        return replace(self._moved(JobState.DONE), summary=summary, playbook_version=playbook_version, finished_at=at)

    def stopped_by_file(self, error: str, report: StopReport, *, at: datetime) -> Run:
        """Failed because of its file, of which only the report is kept."""
        return replace(self.failed(error, at=at), stopped=report)

    def with_answer(self, question: Question, answer: str) -> Run:
        """With the answer to a question among a person's choices.

        The answer about the customers' ids is a position in the header, and the question's column is the model's; a
        model without ids takes the column's own name.
        """
        if question.about is Subject.CUSTOMER:
            words = {choice.value: choice.words for choice in question.choices}
            column = question.column or words[answer]
            return replace(self, matches=tuple((dict(self.matches) | {column: int(answer)}).items()))
        return replace(self, format_override=self.format_override.with_answer(question, answer))

    def renamed(self, name: str) -> Run:
        """Raises ValueError for an empty name."""
        return replace(self, file_name=name.strip())

    @property
    def seconds(self) -> float | None:
        """How long the scoring took, from start to end; 0 where the clock was set back meanwhile."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())
