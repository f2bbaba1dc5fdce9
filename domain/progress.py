"""Progress of a job: its stage, the completed part of the stage, and the wording in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.model import Algorithm


class JobStage(StrEnum):
    """Stages that every kind of job has."""

    WAITING = "waiting"
    STARTING = "starting"
    """A worker has the job and has not reported a stage yet."""
    UNKNOWN = "unknown"
    """Stored by another version of this program."""


class ScoringStage(StrEnum):
    """Stages of a scoring, in order. SCORING counts customers."""

    RECOGNISING = "recognising"
    SCORING = "scoring"
    SUMMING_UP = "summing_up"


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
        ScoringStage.SUMMING_UP: "Weighing the actions, summing up",
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

TRAINING_WEIGHTS: Mapping[TrainingStage, int] = MappingProxyType(
    {
        TrainingStage.READING: 1,
        TrainingStage.INSPECTING_COLUMNS: 2,
        TrainingStage.TRYING_SETTINGS: 6,
        TrainingStage.COMPARING_SETTINGS: 2,
        TrainingStage.CHECKING: 5,
        TrainingStage.FITTING_BASELINE: 1,
        TrainingStage.LEARNING: 1,
    }
)
"""The usual share of each stage in a training's time."""
_WITHOUT: Mapping[Algorithm, frozenset[TrainingStage]] = MappingProxyType(
    {
        Algorithm.XGBOOST: frozenset(),
        Algorithm.LOGISTIC: frozenset({TrainingStage.COMPARING_SETTINGS, TrainingStage.FITTING_BASELINE}),
        Algorithm.NEURAL: frozenset({TrainingStage.COMPARING_SETTINGS}),
    }
)
"""The stages that a training with an algorithm does not have."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` parts of a stage: customers of a scoring, settings or folds of a training.

    `of` is None while the whole is unknown. Raises ValueError for negative counts.
    """

    stage: Stage = JobStage.WAITING
    done: int = 0
    of: int | None = None

    def __post_init__(self) -> None:
        if self.done < 0 or (self.of is not None and self.of < 0):
            raise ValueError(f"progress counts from 0, not {self.done} of {self.of}")

    @property
    def share(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None while the whole is unknown."""
        return min(1.0, self.done / self.of) if self.of else None

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


def share_of_training(progress: Progress, algorithm: Algorithm) -> float | None:
    """How much of a training's work is done, from 0 to 1; None where its stage is not one of the algorithm's."""
    stages = training_stages(algorithm)
    stage = next((own for own in stages if own is progress.stage), None)
    if stage is None:
        return None
    total = sum(TRAINING_WEIGHTS[own] for own in stages)
    before = sum(TRAINING_WEIGHTS[own] for own in stages[: stages.index(stage)])
    return (before + TRAINING_WEIGHTS[stage] * (progress.share or 0.0)) / total


_BY_NAME: Mapping[str, Stage] = MappingProxyType({str(stage): stage for stage in STAGE_WORDS})
