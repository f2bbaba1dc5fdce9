"""How far a job is: its words, its parts and its share."""

from __future__ import annotations

import pytest

from domain.model import Algorithm
from domain.progress import (
    STAGE_WORDS,
    JobStage,
    Progress,
    ScoringStage,
    Stage,
    TaskStage,
    TrainingStage,
    share_of_training,
    stage_named,
    training_stages,
)

WORDS: list[tuple[Progress, str]] = [
    (Progress(), "Waiting for its turn"),
    (Progress(JobStage.STARTING), "Starting"),
    (Progress(JobStage.UNKNOWN, 3, 9), "Under way"),
    (Progress(ScoringStage.RECOGNISING), "Recognising the columns"),
    (Progress(ScoringStage.SCORING, 41, 100), "Scoring and explaining each customer"),
    (Progress(ScoringStage.SUMMING_UP, 100, 100), "Weighing the actions, summing up"),
    (Progress(TrainingStage.READING), "Reading the file"),
    (Progress(TrainingStage.INSPECTING_COLUMNS), "Looking at the columns"),
    (Progress(TrainingStage.TRYING_SETTINGS, 1, 9), "Trying settings 2 of 9"),
    (Progress(TrainingStage.COMPARING_SETTINGS, 0, 6), "Comparing the best settings, 1 of 6"),
    (Progress(TrainingStage.CHECKING, 2, 5), "Checking on customers it has not seen, part 3 of 5"),
    (Progress(TrainingStage.CHECKING, 5, 5), "Checking on customers it has not seen, part 5 of 5"),
    (Progress(TrainingStage.CHECKING), "Checking on customers it has not seen"),
    (Progress(TrainingStage.FITTING_BASELINE), "Learning a simpler model to compare with"),
    (Progress(TrainingStage.LEARNING), "Learning from all customers"),
]


@pytest.mark.parametrize(("progress", "words"), WORDS)
def test_each_stage_has_its_words(progress: Progress, words: str) -> None:
    assert progress.words == words


def test_every_stage_has_words_and_a_name_of_its_own() -> None:
    stages: list[Stage] = [*JobStage, *ScoringStage, *TrainingStage, *TaskStage]
    assert list(STAGE_WORDS) == stages
    assert len({str(stage) for stage in stages}) == 20
    assert [stage_named(str(stage)) for stage in stages] == stages


def test_a_name_of_another_version_is_an_unknown_stage() -> None:
    assert stage_named("Trying settings 2 of 9") is JobStage.UNKNOWN


@pytest.mark.parametrize(("done", "of", "share"), [(41, 100, 0.41), (0, 100, 0.0), (12, 10, 1.0), (3, None, None)])
def test_the_share_of_a_stage(done: int, of: int | None, share: float | None) -> None:
    assert Progress(ScoringStage.SCORING, done, of).share == share


@pytest.mark.parametrize(("done", "of"), [(-1, 5), (0, -1)])
def test_counts_are_not_negative(done: int, of: int) -> None:
    with pytest.raises(ValueError, match="progress counts from 0"):
        Progress(ScoringStage.SCORING, done, of)


def test_a_logistic_training_has_no_stages_of_boosted_trees() -> None:
    assert training_stages(Algorithm.LOGISTIC) == (
        TrainingStage.READING,
        TrainingStage.INSPECTING_COLUMNS,
        TrainingStage.TRYING_SETTINGS,
        TrainingStage.CHECKING,
        TrainingStage.LEARNING,
    )
    assert training_stages(Algorithm.XGBOOST) == tuple(TrainingStage)


def test_a_neural_training_has_a_baseline_and_compares_its_settings_once() -> None:
    assert training_stages(Algorithm.NEURAL) == (
        TrainingStage.READING,
        TrainingStage.INSPECTING_COLUMNS,
        TrainingStage.TRYING_SETTINGS,
        TrainingStage.CHECKING,
        TrainingStage.FITTING_BASELINE,
        TrainingStage.LEARNING,
    )


@pytest.mark.parametrize(
    ("progress", "algorithm", "share"),
    [
        (Progress(TrainingStage.READING), Algorithm.XGBOOST, 0.0),
        (Progress(TrainingStage.TRYING_SETTINGS, 3, 9), Algorithm.XGBOOST, 5 / 18),
        (Progress(TrainingStage.LEARNING), Algorithm.XGBOOST, 17 / 18),
        (Progress(TrainingStage.CHECKING), Algorithm.LOGISTIC, 9 / 15),
        (Progress(TrainingStage.FITTING_BASELINE), Algorithm.LOGISTIC, None),
        (Progress(JobStage.UNKNOWN), Algorithm.XGBOOST, None),
    ],
)
def test_the_share_of_a_whole_training(progress: Progress, algorithm: Algorithm, share: float | None) -> None:
    assert share_of_training(progress, algorithm) == (None if share is None else pytest.approx(share))
