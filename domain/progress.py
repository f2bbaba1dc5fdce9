"""Progress of a job: its stage, the completed part of the stage, and the wording in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.model import Algorithm, Effort


class JobStage(StrEnum):
    """Stages that every kind of job has."""

    WAITING = "waiting"
    STARTING = "starting"
    """A worker has the job and has not reported a stage yet."""
    UNKNOWN = "unknown"
    """Stored by another version of this program."""


class ScoringStage(StrEnum):
    """Stages of a scoring, in order. SCORING and SORTING count customers, the last two those of the contact list."""

    RECOGNISING = "recognising"
    SCORING = "scoring"
    SUMMING_UP = "summing_up"
    SORTING = "sorting"
    LISTING = "listing"
    STORING = "storing"


class TrainingStage(StrEnum):
    """Stages of a training, in order. Some count settings or folds."""

    READING = "reading"
    INSPECTING_COLUMNS = "inspecting_columns"
    TRYING_SETTINGS = "trying_settings"
    COMPARING_SETTINGS = "comparing_settings"
    CHECKING = "checking"
    FITTING_BASELINE = "fitting_baseline"
    LEARNING = "learning"


class TaskStage(StrEnum):
    """Stages of tasks. All but CHOOSING count customers."""

    READING_RESULTS = "reading_results"
    CHOOSING = "choosing"
    STORING_MEMBERS = "storing_members"
    MATCHING = "matching"
    RECOMMENDING = "recommending"
    READING_FILES = "reading_files"
    WRITING_LABELS = "writing_labels"


Stage = JobStage | ScoringStage | TrainingStage | TaskStage

STAGE_WORDS: Mapping[Stage, str] = MappingProxyType(
    {
        JobStage.WAITING: "Waiting for its turn",
        JobStage.STARTING: "Starting",
        JobStage.UNKNOWN: "Under way",
        ScoringStage.RECOGNISING: "Recognising the columns",
        ScoringStage.SCORING: "Scoring and explaining each customer",
        ScoringStage.SUMMING_UP: "Summing up",
        ScoringStage.SORTING: "Sorting by risk and writing",
        ScoringStage.LISTING: "Preparing the contact list",
        ScoringStage.STORING: "Storing the contact list",
        TrainingStage.READING: "Reading the file",
        TrainingStage.INSPECTING_COLUMNS: "Looking at the columns",
        TrainingStage.TRYING_SETTINGS: "Trying settings",
        TrainingStage.COMPARING_SETTINGS: "Comparing the best settings",
        TrainingStage.CHECKING: "Checking on customers it has not seen",
        TrainingStage.FITTING_BASELINE: "Learning a simpler model to compare with",
        TrainingStage.LEARNING: "Learning from all customers",
        TaskStage.READING_RESULTS: "Weighing the actions for each customer",
        TaskStage.CHOOSING: "Choosing the customers who earn most",
        TaskStage.STORING_MEMBERS: "Storing the members",
        TaskStage.MATCHING: "Looking for the members in the file",
        TaskStage.RECOMMENDING: "Choosing the best action again",
        TaskStage.READING_FILES: "Reading the files",
        TaskStage.WRITING_LABELS: "Writing the training file",
    }
)
_BEFORE_THE_COUNT: Mapping[Stage, str] = MappingProxyType(
    {
        TrainingStage.TRYING_SETTINGS: " ",
        TrainingStage.COMPARING_SETTINGS: ", ",
        TrainingStage.CHECKING: ", part ",
    }
)
"""Stages that work on one numbered part after the other, and what is written between their words and the number."""

MIN_ESTIMATED_ROWS = 10_000
"""Rows are counted in small files and estimated in large ones."""

_QUICK: Mapping[TrainingStage, int] = MappingProxyType(
    {
        TrainingStage.READING: 1,
        TrainingStage.INSPECTING_COLUMNS: 3,
        TrainingStage.TRYING_SETTINGS: 33,
        TrainingStage.COMPARING_SETTINGS: 8,
        TrainingStage.CHECKING: 32,
        TrainingStage.FITTING_BASELINE: 8,
        TrainingStage.LEARNING: 15,
    }
)
_THOROUGH: Mapping[TrainingStage, int] = MappingProxyType(
    {
        TrainingStage.READING: 1,
        TrainingStage.INSPECTING_COLUMNS: 1,
        TrainingStage.TRYING_SETTINGS: 66,
        TrainingStage.COMPARING_SETTINGS: 19,
        TrainingStage.CHECKING: 9,
        TrainingStage.FITTING_BASELINE: 1,
        TrainingStage.LEARNING: 3,
    }
)
"""The usual percentage of each stage in a training's time: with few settings, and of boosted trees with many."""
_LATER_SETTINGS = 1.4
"""Of many settings of boosted trees, later ones take longer: a share of them takes that share to this power."""
SCORING_COSTS: Mapping[ScoringStage, float] = MappingProxyType(
    {
        ScoringStage.RECOGNISING: 5.0,
        ScoringStage.SCORING: 12.0,
        ScoringStage.SUMMING_UP: 12.0,
        ScoringStage.SORTING: 8.0,
        ScoringStage.LISTING: 250.0,
        ScoringStage.STORING: 120.0,
    }
)
"""The usual microseconds per customer of each stage; for the last two, per customer of the contact list."""
_LISTED = (ScoringStage.LISTING, ScoringStage.STORING)
_WITHOUT: Mapping[Algorithm, frozenset[TrainingStage]] = MappingProxyType(
    {
        Algorithm.XGBOOST: frozenset(),
        Algorithm.LOGISTIC: frozenset({TrainingStage.COMPARING_SETTINGS, TrainingStage.FITTING_BASELINE}),
        Algorithm.NEURAL: frozenset({TrainingStage.COMPARING_SETTINGS}),
    }
)
"""The stages that a training with an algorithm does not have."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known of a scoring that goes on: customers scored, rows rejected, and the sums of those scored.

    `at_risk` = Σ probability × monthly revenue, None without monthly revenue.
    """

    scored: int
    rejected: int
    likely: int
    at_risk: float | None

    @property
    def likely_share(self) -> float | None:
        return self.likely / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` parts of a stage: customers of a scoring, settings or folds of a training.

    `of` is None while the whole is unknown. `whole` is the share of the job that is done, and `left` the estimated
    seconds until its end, both None while unknown; see `Heartbeat`. Raises ValueError for negative counts.
    """

    stage: Stage = JobStage.WAITING
    done: int = 0
    of: int | None = None
    so_far: SoFar | None = None
    whole: float | None = None
    left: int | None = None

    def __post_init__(self) -> None:
        if self.done < 0 or (self.of is not None and self.of < 0):
            raise ValueError(f"progress counts from 0, not {self.done} of {self.of}")

    @property
    def share(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None while the whole is unknown."""
        return min(1.0, self.done / self.of) if self.of else None

    @property
    def share_of_job(self) -> float | None:
        """How much of the job is done; of its stage, where the whole job is not measured."""
        return self.share if self.whole is None else self.whole

    @property
    def customers(self) -> int | None:
        """The customers of a scoring, as far as they are known or estimated."""
        counted = self.so_far is not None and self.stage is not ScoringStage.SCORING
        return self.so_far.scored if self.so_far and counted else self.of

    @property
    def about(self) -> int:
        """`of` rounded to three digits."""
        of = self.of or 0
        unit = int(10 ** max(0, len(str(of)) - 3))
        return round(of / unit) * unit

    @property
    def is_estimated(self) -> bool:
        """Whether `of` may be an estimate, as the rows of a large file are until all are read."""
        return self.stage is ScoringStage.SCORING and (self.of or 0) >= MIN_ESTIMATED_ROWS

    @property
    def part(self) -> str:
        """The part that is worked on, such as "2 of 9"; empty for a stage that has no numbered parts."""
        if self.stage not in _BEFORE_THE_COUNT or not self.of:
            return ""
        return f"{min(self.done + 1, self.of)} of {self.of}"

    @property
    def words(self) -> str:
        """The stage in English, with the part that is worked on: "Trying settings 2 of 9"."""
        part = self.part
        return STAGE_WORDS[self.stage] + (_BEFORE_THE_COUNT[self.stage] + part if part else "")


def stage_named(name: str) -> Stage:
    """The stage of a stored name; UNKNOWN for a name that no stage of this version has."""
    return _BY_NAME.get(name, JobStage.UNKNOWN)


def training_stages(algorithm: Algorithm) -> tuple[TrainingStage, ...]:
    """The stages that a training with this algorithm goes through, in order."""
    return tuple(stage for stage in TrainingStage if stage not in _WITHOUT[algorithm])


def share_of_training(progress: Progress, algorithm: Algorithm, effort: Effort) -> float | None:
    """How much of a training's work is done, from 0 to 1; None where its stage is not one of the algorithm's."""
    stages = training_stages(algorithm)
    stage = next((own for own in stages if own is progress.stage), None)
    if stage is None:
        return None
    thorough = algorithm is Algorithm.XGBOOST and effort is not Effort.LOW
    weights, share = _THOROUGH if thorough else _QUICK, progress.share or 0.0
    if thorough and stage is TrainingStage.TRYING_SETTINGS:
        share **= _LATER_SETTINGS
    before = sum(weights[own] for own in stages[: stages.index(stage)])
    return (before + weights[stage] * share) / sum(weights[own] for own in stages)


def share_of_scoring(progress: Progress, *, listed: int) -> float | None:
    """How much of a scoring's work is done, from 0 to 1, if at most `listed` customers get onto its contact list.

    None outside its stages, and while the number of customers is unknown.
    """
    stages = list(ScoringStage)
    stage = next((own for own in stages if own is progress.stage), None)
    customers = progress.customers
    if stage is None or not customers:
        return None
    costs = [SCORING_COSTS[own] * (min(customers, listed) if own in _LISTED else customers) for own in stages]
    at = stages.index(stage)
    return (sum(costs[:at]) + costs[at] * (progress.share or 0.0)) / sum(costs)


_BY_NAME: Mapping[str, Stage] = MappingProxyType({str(stage): stage for stage in STAGE_WORDS})
