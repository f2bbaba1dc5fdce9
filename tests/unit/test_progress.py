"""How far a job is: its words, its parts and its share."""

from __future__ import annotations

import pytest

from domain.model import Algorithm, Effort
from domain.progress import (
    STAGE_WORDS,
    JobStage,
    Progress,
    ScoringStage,
    SoFar,
    Stage,
    TaskStage,
    TrainingStage,
    share_of_scoring,
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
    (Progress(ScoringStage.SUMMING_UP, 0, 100), "Summing up"),
    (Progress(ScoringStage.SORTING, 50, 100), "Sorting by risk and writing"),
    (Progress(ScoringStage.LISTING, 50, 100), "Preparing the contact list"),
    (Progress(ScoringStage.STORING, 50, 100), "Storing the contact list"),
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
    assert len({str(stage) for stage in stages}) == 23
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
    ("progress", "algorithm", "effort", "share"),
    [
        (Progress(TrainingStage.READING), Algorithm.XGBOOST, Effort.NORMAL, 0.0),
        (Progress(TrainingStage.TRYING_SETTINGS, 8, 32), Algorithm.XGBOOST, Effort.NORMAL, 0.1147683),
        (Progress(TrainingStage.COMPARING_SETTINGS, 4, 8), Algorithm.XGBOOST, Effort.HIGH, 0.775),
        (Progress(TrainingStage.TRYING_SETTINGS, 1, 4), Algorithm.XGBOOST, Effort.LOW, 0.1225),
        (Progress(TrainingStage.LEARNING), Algorithm.XGBOOST, Effort.LOW, 0.85),
        (Progress(TrainingStage.CHECKING), Algorithm.LOGISTIC, Effort.NORMAL, 37 / 84),
        (Progress(TrainingStage.FITTING_BASELINE), Algorithm.LOGISTIC, Effort.NORMAL, None),
        (Progress(JobStage.UNKNOWN), Algorithm.XGBOOST, Effort.NORMAL, None),
    ],
)
def test_the_share_of_a_whole_training(
    progress: Progress, algorithm: Algorithm, effort: Effort, share: float | None
) -> None:
    expected = None if share is None else pytest.approx(share, abs=1e-6)
    assert share_of_training(progress, algorithm, effort) == expected


SCORED = SoFar(scored=100_000, rejected=3, likely=25_000, at_risk=1.0)


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (Progress(ScoringStage.RECOGNISING, 0, 100_000), 0.0),
        (Progress(ScoringStage.SCORING, 50_000, 100_000), 11 / 74),
        (Progress(ScoringStage.SUMMING_UP, 0, 100_000), 17 / 74),
        (Progress(ScoringStage.SORTING, 50_000, 100_000), 33 / 74),
        (Progress(ScoringStage.LISTING, 5_000, 10_000, SCORED), 49.5 / 74),
        (Progress(ScoringStage.STORING, 5_000, 10_000, SCORED), 68 / 74),
        (Progress(ScoringStage.RECOGNISING), None),
        (Progress(JobStage.STARTING, 0, 100_000), None),
    ],
)
def test_the_share_of_a_whole_scoring_includes_what_comes_after_the_scores(
    progress: Progress, share: float | None
) -> None:
    assert share_of_scoring(progress, listed=10_000) == (None if share is None else pytest.approx(share))


def test_a_short_scoring_is_mostly_its_contact_list() -> None:
    assert share_of_scoring(Progress(ScoringStage.SUMMING_UP, 0, 1_000), listed=10_000) == pytest.approx(17 / 407)


@pytest.mark.parametrize(
    ("progress", "is_estimated", "about"),
    [
        (Progress(ScoringStage.SCORING, 0, 140_619), True, 141_000),
        (Progress(ScoringStage.SCORING, 0, 9_999), False, 10_000),
        (Progress(ScoringStage.SORTING, 0, 140_000), False, 140_000),
        (Progress(ScoringStage.SCORING), False, 0),
    ],
)
def test_rows_of_large_files_are_estimated_until_all_are_scored(
    progress: Progress, is_estimated: bool, about: int
) -> None:
    assert (progress.is_estimated, progress.about) == (is_estimated, about)
