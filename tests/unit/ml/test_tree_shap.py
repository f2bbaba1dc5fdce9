import json
import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters.ml.tree_shap.explainer import TreeExplainer
from tests.unit.ml.boosters import (
    as_json,
    assert_adds_up,
    assert_same_reasons,
    booster,
    customers,
    edited,
    from_json,
    one_each,
)

SOME_MODELS = settings(max_examples=60, deadline=None)


@SOME_MODELS
@given(
    depth=st.integers(1, 8),
    rounds=st.integers(1, 12),
    columns=st.integers(1, 9),
    missing=st.sampled_from([0.0, 0.1, 0.6]),
    base_score=st.sampled_from([0.5, 0.27, 1e-6, 0.999999]),
    method=st.sampled_from(["hist", "exact"]),
    seed=st.integers(0, 2**16),
)
def test_the_reasons_equal_those_of_xgboost(
    depth: int, rounds: int, columns: int, missing: float, base_score: float, method: str, seed: int
) -> None:
    matrix = customers(250, columns, seed=seed, missing=missing)
    model = booster(matrix, depth=depth, rounds=rounds, seed=seed, base_score=base_score, tree_method=method)
    explainer = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(columns))
    unseen = customers(120, columns, seed=seed + 7, missing=missing)
    assert_same_reasons(explainer, model, unseen)
    assert_adds_up(explainer, unseen)


@settings(max_examples=10, deadline=None)
@given(depth=st.integers(1, 8), limit=st.sampled_from([0, 100_000]), seed=st.integers(0, 2**16))
def test_trees_without_room_for_tables_are_explained_as_exactly(depth: int, limit: int, seed: int) -> None:
    matrix = customers(250, 4, seed=seed)
    model = booster(matrix, depth=depth, rounds=4, seed=seed)
    tables = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(4))
    walks = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(4), table_bytes=limit)
    assert walks.plan.table_bytes <= limit < tables.plan.table_bytes + 100_001
    assert_same_reasons(walks, model, matrix[:100])
    np.testing.assert_allclose(walks.explain(matrix)[0], tables.explain(matrix)[0], atol=2e-6)


@pytest.mark.parametrize("depth", [9, 10, 14])
def test_paths_longer_than_any_table_are_walked(depth: int) -> None:
    matrix = customers(2000, 12, seed=depth)
    model = booster(matrix, depth=depth, rounds=2, min_child_weight=0, reg_lambda=0)
    explainer = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(12), table_bytes=2**18)
    assert explainer.plan.walked
    assert_same_reasons(explainer, model, matrix[:60])


def test_a_thousand_trees_stay_within_a_hundred_thousandth() -> None:
    matrix = customers(400, 19, seed=3)
    model = booster(matrix, depth=3, rounds=1000, eta=0.1)
    explainer = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(19))
    assert_same_reasons(explainer, model, matrix[:200])


def shapley_by_definition(tree: dict[str, Any], x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Over all subsets of columns, with the conditional expectation of TreeSHAP's Algorithm 1."""

    def mean(node: int, known: frozenset[int]) -> float:
        left, right = tree["left_children"][node], tree["right_children"][node]
        if left < 0:
            return float(np.float32(tree["split_conditions"][node]))
        column = tree["split_indices"][node]
        if column in known:
            gone_left = x[column] < np.float32(tree["split_conditions"][node])
            if np.isnan(x[column]):
                gone_left = bool(tree["default_left"][node])
            return mean(left if gone_left else right, known)
        cover_left, cover_right = float(tree["sum_hessian"][left]), float(tree["sum_hessian"][right])
        total = cover_left * mean(left, known) + cover_right * mean(right, known)
        return total / (cover_left + cover_right)

    columns = range(len(x))
    values = np.zeros(len(x))
    for column in columns:
        others = [other for other in columns if other != column]
        for size in range(len(x)):
            weight = math.factorial(size) * math.factorial(len(x) - size - 1) / math.factorial(len(x))
            for chosen in combinations(others, size):
                with_it = mean(0, frozenset(chosen) | {column})
                values[column] += weight * (with_it - mean(0, frozenset(chosen)))
    return values


@pytest.mark.parametrize("table_bytes", [0, 2**28])
def test_the_reasons_are_shapley_values_by_definition(table_bytes: int) -> None:
    matrix = customers(200, 4, seed=11, missing=0.2)
    document = as_json(booster(matrix, depth=6, rounds=1))
    tree = json.loads(document)["learner"]["gradient_booster"]["model"]["trees"][0]
    explainer = TreeExplainer.build([document], attribute_of_column=one_each(4), table_bytes=table_bytes)
    expected = [shapley_by_definition(tree, x) for x in matrix[:12]]
    np.testing.assert_allclose(explainer.explain(matrix[:12])[0], expected, atol=1e-6)


@pytest.mark.parametrize("table_bytes", [0, 2**28])
@pytest.mark.parametrize("side", ["left_children", "right_children"])
def test_a_child_without_training_rows_is_explained(side: str, table_bytes: int) -> None:
    matrix = customers(200, 4, seed=5)
    model = booster(matrix, depth=4, rounds=3)

    def empty_one_leaf(learner: dict[str, Any]) -> None:
        for tree in learner["gradient_booster"]["model"]["trees"]:
            covers, left, right = tree["sum_hessian"], tree["left_children"], tree["right_children"]
            inner = [node for node in range(len(left)) if left[node] >= 0]
            both_leaves = [node for node in inner if left[left[node]] < 0 and left[right[node]] < 0]
            covers[tree[side][both_leaves[-1]]] = 0.0
            for node in sorted(inner, reverse=True):
                covers[node] = covers[left[node]] + covers[right[node]]

    document = edited(model, empty_one_leaf)
    explainer = TreeExplainer.build([document], attribute_of_column=one_each(4), table_bytes=table_bytes)
    assert_same_reasons(explainer, from_json(document), matrix)


@pytest.mark.parametrize("table_bytes", [0, 2**28])
def test_a_split_that_no_training_row_reached_still_adds_up(table_bytes: int) -> None:
    matrix = customers(200, 4, seed=6)
    model = booster(matrix, depth=4, rounds=3)

    def no_cover(learner: dict[str, Any]) -> None:
        for tree in learner["gradient_booster"]["model"]["trees"]:
            tree["sum_hessian"] = [0.0] * len(tree["sum_hessian"])

    explainer = TreeExplainer.build([edited(model, no_cover)], attribute_of_column=one_each(4), table_bytes=table_bytes)
    margins = explainer.explain(matrix)[1]
    np.testing.assert_allclose(margins, model.predict(xgb.DMatrix(matrix, nthread=1), output_margin=True), atol=1e-5)


def test_trees_of_a_single_leaf_have_no_reasons() -> None:
    matrix = customers(100, 3, seed=2)
    model = booster(matrix, depth=3, rounds=4, gamma=1e9)
    explainer = TreeExplainer.build([as_json(model)], attribute_of_column=one_each(3))
    contributions, margins = explainer.explain(matrix)
    assert not contributions.any()
    assert (margins == explainer.base_value).all()
    assert_same_reasons(explainer, model, matrix)


def test_a_model_without_trees_predicts_its_base_score() -> None:
    matrix = customers(50, 2, seed=2)
    explainer = TreeExplainer.build(
        [as_json(booster(matrix, depth=1, rounds=0, base_score=0.2))], attribute_of_column=[0, 1]
    )
    assert explainer.base_value == pytest.approx(math.log(0.2 / 0.8), abs=1e-6)
    assert (explainer.explain(matrix)[1] == explainer.base_value).all()


def test_both_spellings_of_the_base_score_are_read() -> None:
    matrix = customers(60, 2, seed=2)
    model = booster(matrix, depth=2, rounds=2)

    def spell(text: str) -> bytes:
        return edited(model, lambda learner: learner["learner_model_param"].update(base_score=text))

    built = [TreeExplainer.build([spell(text)], attribute_of_column=[0, 1]) for text in ("[2.5E-1]", "2.5E-1")]
    assert built[0].base_value == built[1].base_value


@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5]])
def test_a_bag_is_averaged_in_log_odds_and_scaled(weights: list[float] | None) -> None:
    matrix = customers(200, 5, seed=8)
    models = [booster(matrix, depth=3, rounds=6, seed=seed, subsample=0.7) for seed in range(3)]
    explainer = TreeExplainer.build(
        [as_json(model) for model in models],
        weights=weights,
        attribute_of_column=one_each(5),
        slope=1.3,
        shift=-0.2,
    )
    each = [model.predict(xgb.DMatrix(matrix, nthread=1), pred_contribs=True).astype(np.float64) for model in models]
    expected = 1.3 * np.average(each, axis=0, weights=weights)
    contributions, margins = explainer.explain(matrix)
    np.testing.assert_allclose(contributions, expected[:, :-1], atol=1e-5)
    assert explainer.base_value == pytest.approx(expected[0, -1] - 0.2, abs=1e-5)
    np.testing.assert_allclose(margins, expected.sum(axis=1) - 0.2, atol=1e-5)


def test_columns_are_summed_to_their_attribute() -> None:
    matrix = customers(200, 30, seed=9)
    model = booster(matrix, depth=5, rounds=8)
    attribute_of_column = [(7 * column) % 11 for column in range(30)]
    contributions, _ = TreeExplainer.build([as_json(model)], attribute_of_column=attribute_of_column).explain(matrix)
    each, expected = model.predict(xgb.DMatrix(matrix, nthread=1), pred_contribs=True), np.zeros((200, 11))
    for column, attribute in enumerate(attribute_of_column):
        expected[:, attribute] += each[:, column]
    np.testing.assert_allclose(contributions, expected, atol=1e-5)


def test_the_largest_trees_get_smaller_tables_and_then_none_where_memory_is_short() -> None:
    """Small trees keep theirs: 600 shallow trees and one deep one, with memory for the shallow ones."""
    matrix = customers(600, 6, seed=3, missing=0.0)
    shallow, deep = booster(matrix, depth=2, rounds=60), booster(matrix, depth=7, rounds=1, seed=5)

    def built(table_bytes: int) -> TreeExplainer:
        return TreeExplainer.build(
            [as_json(shallow), as_json(deep)], attribute_of_column=one_each(6), table_bytes=table_bytes
        )

    whole, short = built(2**22), built(50_000)
    assert len(whole.plan.walked) == 0
    assert len(short.plan.walked) == 1
    assert len(built(0).plan.walked) == 61
    assert whole.plan.microseconds_per_row < built(150_000).plan.microseconds_per_row < short.plan.microseconds_per_row
    rows = customers(50, 6, seed=4)
    for other in (short, built(150_000)):
        np.testing.assert_allclose(other.explain(rows)[0], whole.explain(rows)[0], atol=1e-6)
