"""How a model version is described in few words."""

from __future__ import annotations

import pytest

from domain.model import Algorithm
from entrypoints.web.models.figures import algorithm_words, build_words
from tests.builders import a_model_version


@pytest.mark.parametrize(
    ("algorithm", "parameters", "words"),
    [
        (Algorithm.XGBOOST, {"max_depth": "3", "rounds": "233"}, ("XGBoost", "Depth 3, 233 rounds")),
        (
            Algorithm.XGBOOST,
            {"library": "LightGBM", "max_depth": "8", "rounds": "90"},
            ("LightGBM", "Depth 8, 90 rounds"),
        ),
        (Algorithm.XGBOOST, {"members": "3", "member_1": "…"}, ("Boosted trees", "3 kinds of trees blended")),
    ],
    ids=["an earlier release", "one library", "a blend"],
)
def test_a_version_is_named_by_its_kind_and_size(
    algorithm: Algorithm, parameters: dict[str, str], words: tuple[str, str]
) -> None:
    model = a_model_version(algorithm=algorithm, parameters=parameters)
    assert algorithm_words(model) == words[0]
    assert build_words(model) == words[1]


def test_a_logistic_model_is_named_by_its_kind() -> None:
    assert algorithm_words(a_model_version(algorithm=Algorithm.LOGISTIC)) == "Logistic regression"
