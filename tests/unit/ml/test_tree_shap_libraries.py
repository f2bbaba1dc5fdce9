"""The explainer's numbers are those of each library, for customers that no model has seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ml.tree_shap.explainer import TreeExplainer
from adapters.ml.tree_shap.lightgbm_trees import lightgbm_trees
from adapters.ml.tree_shap.thresholds import just_above
from tests.unit.ml.libraries import LIBRARIES, random_file, strangers


def assert_equals_the_library(library: str, seed: int, *, rows: int, learned: int) -> None:
    matrix, churned = random_file(learned, seed)
    model = LIBRARIES[library](matrix, churned, seed)
    explainer = TreeExplainer.of([model.trees], attribute_of_column=range(matrix.shape[1]))
    asked = strangers(matrix, rows, seed + 1)
    contributions, margins = explainer.explain(asked)
    expected = model.own_reasons(asked)
    tolerance = np.maximum(1e-5, 1e-6 * np.abs(expected[:, :-1]).sum(axis=1))
    assert (np.abs(contributions - expected[:, :-1]).max(axis=1) <= tolerance).all()
    assert abs(explainer.base_value - expected[0, -1]) <= 1e-5
    assert np.abs(explainer.base_value + contributions.sum(axis=1) - margins).max() <= 1e-6


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("library", list(LIBRARIES))
def test_reasons_equal_those_of_the_library(library: str, seed: int) -> None:
    assert_equals_the_library(library, seed, rows=300, learned=(400, 30, 3)[seed])


@pytest.mark.slow
@pytest.mark.parametrize("library", list(LIBRARIES))
def test_reasons_of_twenty_models_and_two_thousand_customers_equal_those_of_the_library(library: str) -> None:
    for seed in range(20):
        assert_equals_the_library(library, 100 + seed, rows=2_000, learned=(2_000, 200, 20, 3)[seed % 4])


def test_a_mean_of_several_libraries_is_the_mean_of_their_reasons() -> None:
    matrix, churned = random_file(300, seed=4)
    models = [train(matrix, churned, 4) for train in LIBRARIES.values()]
    weights = [float(place + 1) for place in range(len(models))]
    explainer = TreeExplainer.of(
        [model.trees for model in models],
        weights=weights,
        attribute_of_column=range(matrix.shape[1]),
        slope=0.8,
        shift=0.3,
    )
    asked = strangers(matrix, 200, seed=5)
    expected = 0.8 * np.average([model.own_reasons(asked) for model in models], axis=0, weights=weights)
    contributions, margins = explainer.explain(asked)
    np.testing.assert_allclose(contributions, expected[:, :-1], atol=1e-5)
    np.testing.assert_allclose(margins, expected.sum(axis=1) + 0.3, atol=1e-5)
    alone = [explainer.explain(asked[row : row + 1])[0] for row in range(5)]
    assert np.concatenate(alone).tobytes() == contributions[:5].tobytes()


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_less_than_the_threshold_is_not_above_the_limit(limit: float, number: float) -> None:
    threshold = just_above(np.array([limit, number]))
    x = np.float32(number)
    if abs(x) < np.finfo(np.float32).max:
        assert (x < threshold).tolist() == [float(x) <= limit, True]
        assert not np.nextafter(x, np.float32(np.inf)) < threshold[1]


def test_thresholds_between_two_float32_numbers_and_beyond_all() -> None:
    one_and_a_bit = np.nextafter(np.float32(1), np.float32(2))
    limits = np.array([1.0, 1.0 + 1e-12, 1.0 - 1e-12, 1e300, -1e300])
    largest = np.finfo(np.float32).max
    assert just_above(limits).tolist() == [one_and_a_bit, one_and_a_bit, 1.0, largest, -largest]


def a_text(**changed: str) -> bytes:
    lines = {
        "tree": "", "version": "v4", "num_class": "1", "max_feature_idx": "1", "objective": "binary sigmoid:1",
    }  # fmt: skip
    tree = {
        "num_leaves": "2", "num_cat": "0", "split_feature": "1", "threshold": "0.5", "decision_type": "2",
        "left_child": "-1", "right_child": "-2", "leaf_value": "-0.25 0.75", "leaf_count": "30 10",
        "internal_count": "40", "is_linear": "0",
    }  # fmt: skip
    header, body = (
        "\n".join(f"{name}={changed.get(name, value)}" for name, value in part.items()) for part in (lines, tree)
    )
    return f"{header}\n\nTree=0\n{body}\n\n\nend of trees\n\nparameters:\n".encode()


@pytest.mark.parametrize(
    ("decision", "threshold", "missing_goes"),
    [("2", "0.5", "left"), ("0", "0.5", "left"), ("0", "-0.5", "right"), ("8", "0.5", "right"), ("10", "-0.5", "left")],
    ids=["never missing", "never missing, bit unset", "never missing, 0 is right", "to the right", "to the left"],
)
def test_a_missing_value_goes_where_lightgbm_sends_it(decision: str, threshold: str, missing_goes: str) -> None:
    trees = lightgbm_trees(a_text(decision_type=decision, threshold=threshold))
    explainer = TreeExplainer.of([trees], attribute_of_column=[0, 1])
    missing = np.array([[0.0, np.nan]], np.float32)
    assert explainer.base_value == 0.0
    assert explainer.explain(missing)[1][0] == {"left": -0.25, "right": 0.75}[missing_goes]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"objective": "regression"}, "objective binary"),
        ({"objective": "binary sigmoid:2"}, "objective binary"),
        ({"version": "x"}, "not a LightGBM model"),
        ({"decision_type": "6"}, "zeros that mean missing"),
        ({"decision_type": "1"}, "categorical"),
        ({"num_cat": "1"}, "categorical"),
        ({"is_linear": "1"}, "linear leaves"),
        ({"leaf_value": "1"}, "2 of leaf_value"),
        ({"max_feature_idx": "0"}, "column outside"),
        ({"left_child": "0"}, "cycle"),
        ({"left_child": "-9"}, "outside the tree's arrays"),
    ],
)
def test_a_text_that_is_not_understood_is_refused(changed: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        TreeExplainer.of([lightgbm_trees(a_text(**changed))], attribute_of_column=[0, 1])


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"{}", b"tree\nversion=v4\n"])
def test_a_file_that_is_not_a_lightgbm_model_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a LightGBM model|objective binary"):
        lightgbm_trees(text)


def test_a_text_without_a_tree_s_covers_is_refused() -> None:
    text = a_text().replace(b"leaf_count", b"leaf_number")
    with pytest.raises(ValueError, match="complete trees"):
        lightgbm_trees(text)


def test_the_cost_of_a_row_is_counted_from_tables_and_walks() -> None:
    two_columns = TreeExplainer.of([lightgbm_trees(a_text())], attribute_of_column=[0, 1])
    assert two_columns.plan.microseconds_per_row == pytest.approx(2 * 0.016 + 0.002 + 2 * 32 / 1024 * 0.00003)
    walked = TreeExplainer.of([lightgbm_trees(a_text())], attribute_of_column=[0, 1], table_bytes=0)
    assert walked.plan.microseconds_per_row == pytest.approx(2 * 0.016 + 2 * 0.6)
