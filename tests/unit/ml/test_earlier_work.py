"""Scores of other models and splits of the rows are left out of a training; drivers with similar names are used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import Detected, detect
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers

ROWS = 600
LEFT = (customers(ROWS)["Churn"] == "Yes").astype(float)
SCORE = "gives the answer away: by its name and its values it is the score of another model"
SPLIT = "divides the rows for training and testing a model"


def a_score(*, strength: float = 0.35, largest: float = 1.0, seed: int = 3) -> np.ndarray:
    """Numbers from 0 to `largest` that rank leavers with an AUC of about 0.7."""
    draw = np.random.default_rng(seed).random(ROWS)
    mixed = np.clip((draw + strength * LEFT) / (1 + strength), 0.0, 1.0)
    return (mixed * largest).round(4 if largest == 1.0 else 1)


def detected_in(name: str, values: Any, **request: Any) -> Detected:
    columns = {own: cells for own, cells in customers(ROWS).items() if own != "Churn"}
    return detect(a_table(columns | {name: values, "Churn": customers(ROWS)["Churn"]}), TrainingRequest(**request))


def why(name: str, values: Any, **request: Any) -> str | None:
    return next((left.why for left in detected_in(name, values, **request).left_out if left.column == name), None)


@pytest.mark.parametrize("largest", [1.0, 100.0, 1000.0])
@pytest.mark.parametrize(
    "name",
    [
        *("churn_score", "p_churn", "ChurnProbability", "propensity_to_churn", "attrition risk", "predicted_churn"),
        *("Kündigungswahrscheinlichkeit", "Abwanderungsrisiko", "riesgo_baja", "probabilité de résiliation"),
        *("score_evasao", "churn_skoru", "вероятность оттока", "流失概率", "解約スコア", "이탈확률"),
        *("propensity", "risk_score", "model_score_v2", "pred_proba", "prediction", "Score", "scoring"),
    ],
)
def test_the_score_of_another_model_is_left_out(name: str, largest: float) -> None:
    assert why(name, a_score(largest=largest)) == SCORE


@pytest.mark.parametrize("strength", [0.0, 0.1])
@pytest.mark.parametrize("name", ["churn_score", "Abwanderungsrisiko", "p_churn", "流失概率", "churn_proba"])
def test_a_name_that_speaks_of_leaving_needs_no_good_ranking(name: str, strength: float) -> None:
    assert why(name, a_score(strength=strength)) == SCORE


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("churn_risk", ["Low", "Medium", "High"]),
        ("Abwanderungsrisiko", ["niedrig", "mittel", "hoch"]),
        ("riesgo de baja", ["bajo", "medio", "alto"]),
        ("predicted_churn", ["0", "1"]),
        ("риск оттока", ["низкий", "средний", "высокий"]),
    ],
)
def test_levels_of_the_risk_of_leaving_are_left_out(name: str, levels: list[str]) -> None:
    places = (a_score() * len(levels)).astype(int).clip(0, len(levels) - 1)
    assert why(name, [levels[place] for place in places]) == SCORE


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("credit_score", 300 + a_score(largest=100.0) * 5),
        ("credit_score", a_score(largest=1000.0)),
        ("nps_score", (a_score() * 10).astype(int)),
        ("satisfaction_score", a_score(largest=100.0)),
        ("Zufriedenheitsscore", a_score(largest=100.0)),
        ("health_score", a_score(largest=100.0)),
        ("risk_class", ["ABCDE"[place] for place in (a_score() * 5).astype(int).clip(0, 4)]),
        ("fraud_probability", a_score()),
        ("risk_score", 1.0 - a_score()),
        ("risk_score", a_score(strength=0.05)),
        ("score", (a_score() * 10).astype(int)),
        ("engagement score", a_score(largest=100.0)),
        ("cancel_problems", (a_score() * 10).astype(int)),
        ("churn_calls_scored_hours", a_score() * 40 - 5),
    ],
)
def test_a_driver_with_a_similar_name_is_used(name: str, values: Any) -> None:
    assert why(name, values) is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("split", ["train", "test"]),
        ("train_test", ["Train", "Test", "Valid"]),
        ("set", ["training", "validation", "holdout"]),
        ("Datensatz", ["Training", "Test"]),
        ("conjunto", ["entrenamiento", "prueba"]),
        ("échantillon", ["apprentissage", "test"]),
        ("данные", ["обучение", "тест"]),
        ("数据集", ["训练", "测试"]),
        ("fold", ["0", "1", "2", "3", "4"]),
        ("cv_fold", ["1", "2", "3"]),
        ("KFold", list(map(str, range(10)))),
        ("partition", ["0", "1"]),
        ("is_train", ["0", "1"]),
        ("holdout", ["no", "yes"]),
    ],
)
def test_a_column_that_divides_the_rows_is_left_out_and_can_be_used(name: str, parts: list[str]) -> None:
    draw = np.random.default_rng(8).integers(0, len(parts), ROWS)
    values = [parts[place] for place in draw]
    left_out = [left for left in detected_in(name, values).left_out if left.column == name]
    assert [(left.why, left.can_be_used) for left in left_out] == [(SPLIT, True)]
    assert why(name, values, keep=(name,)) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("transport", ["train", "bus"]),
        ("group", ["test", "control"]),
        ("split", ["0", "1", "2", "5"]),
        ("set", ["0", "1", "2"]),
        ("training", ["yes", "no"]),
        ("subset_of_services", ["1", "2", "3"]),
    ],
)
def test_other_columns_of_few_values_are_used(name: str, values: list[str]) -> None:
    draw = np.random.default_rng(8).integers(0, len(values), ROWS)
    assert why(name, [values[place] for place in draw]) is None


@pytest.mark.parametrize("name", ["split", "fold", "partition"])
def test_numbers_that_go_with_leaving_are_no_split(name: str) -> None:
    assert why(name, (a_score() * 4).astype(int)) is None


@pytest.mark.parametrize("name", ["churn_score", "propensity"])
def test_a_person_can_use_a_score_anyway(name: str) -> None:
    assert why(name, a_score(), keep=(name,)) is None
    assert [left.can_be_used for left in detected_in(name, a_score()).left_out if left.column == name] == [True]
