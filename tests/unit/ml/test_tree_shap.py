import json
import math
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters.ml.tree_shap import explainer as explainer_module
from adapters.ml.tree_shap.explainer import TreeExplainer

Matrix = NDArray[np.float32]
SOME_MODELS = settings(max_examples=60, deadline=None)


def customers(rows: int, columns: int, *, seed: int, missing: float = 0.1) -> Matrix:
    """Half of the columns have few values, so that splits repeat; the others have many."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(rows, columns)).astype(np.float32)
    matrix[:, ::2] = np.round(matrix[:, ::2])
    matrix[random.uniform(size=matrix.shape) < missing] = np.nan
    return matrix


def booster(matrix: Matrix, *, depth: int, rounds: int, seed: int = 0, **parameters: Any) -> xgb.Booster:
    random = np.random.default_rng(seed + 1)
    signal = np.nan_to_num(matrix) @ random.normal(size=matrix.shape[1]) + np.nan_to_num(matrix[:, 0] * matrix[:, -1])
    y = (signal + random.normal(size=len(matrix)) > 0).astype(np.float32)
    y[:2] = 0, 1
    chosen = {
        "objective": "binary:logistic",
        "nthread": 1,
        "max_depth": depth,
        "min_child_weight": 0.1,
        "seed": seed,
    }
    return xgb.train(chosen | parameters, xgb.DMatrix(matrix, y, nthread=1), rounds)


def as_json(model: xgb.Booster) -> bytes:
    return bytes(model.save_raw("json"))


def edited(model: xgb.Booster, edit: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(as_json(model))
    edit(document["learner"])
    return json.dumps(document).encode()


def from_json(document: bytes) -> xgb.Booster:
    model = xgb.Booster({"nthread": 1})
    model.load_model(bytearray(document))
    return model


def one_each(columns: int) -> list[int]:
    return list(range(columns))


def assert_same_reasons(explainer: TreeExplainer, model: xgb.Booster, matrix: Matrix) -> None:
    """XGBoost's own numbers are float32: within 1e-5, or a millionth of what the row's reasons add up to."""
    contributions, margins = explainer.explain(matrix)
    rows = xgb.DMatrix(matrix, nthread=1)
    expected = model.predict(rows, pred_contribs=True).astype(np.float64)
    tolerance = np.maximum(1e-5, 1e-6 * np.abs(expected[:, :-1]).sum(axis=1))
    assert (np.abs(contributions - expected[:, :-1]).max(axis=1) <= tolerance).all()
    assert abs(explainer.base_value - expected[0, -1]) <= 1e-5
    assert np.abs(margins - model.predict(rows, output_margin=True)).max() <= max(1e-5, tolerance.max())


def assert_adds_up(explainer: TreeExplainer, matrix: Matrix) -> None:
    contributions, margins = explainer.explain(matrix)
    np.testing.assert_allclose(explainer.base_value + contributions.sum(axis=1), margins, rtol=0, atol=1e-10)


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
def test_the_reasons_are_xgboosts_own(
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
def test_a_child_that_no_training_row_reached(side: str, table_bytes: int) -> None:
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


def test_a_model_without_trees_says_its_base_score() -> None:
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


@pytest.fixture(scope="module")
def mixed() -> tuple[TreeExplainer, Matrix]:
    """Little room: shallow trees have tables, deep ones are walked."""
    matrix = customers(1500, 12, seed=21)
    models = [as_json(booster(matrix, depth=depth, rounds=5)) for depth in (3, 9)]
    explainer = TreeExplainer.build(models, attribute_of_column=one_each(12), table_bytes=10 * 2**18)
    assert explainer.plan.walked
    assert explainer.plan.stages
    return explainer, matrix


@pytest.mark.parametrize("block_rows", [1, 7, 300, 8192])
@pytest.mark.parametrize("threads", [1, 3])
def test_no_bit_depends_on_batches_or_threads(
    mixed: tuple[TreeExplainer, Matrix], monkeypatch: pytest.MonkeyPatch, block_rows: int, threads: int
) -> None:
    explainer, matrix = mixed
    matrix = matrix[: 1500 if block_rows > 7 else 20]
    contributions, margins = explainer.explain(matrix)
    monkeypatch.setattr(explainer_module, "BLOCK_ROWS", block_rows)
    again, margins_again = explainer.explain(matrix, threads=threads)
    assert contributions.tobytes() == again.tobytes()
    assert margins.tobytes() == margins_again.tobytes()


def test_no_bit_depends_on_the_rows_beside_it(mixed: tuple[TreeExplainer, Matrix]) -> None:
    explainer, matrix = mixed
    contributions, margins = explainer.explain(matrix)
    order = np.random.default_rng(0).permutation(len(matrix))
    shuffled, shuffled_margins = explainer.explain(matrix[order])
    assert shuffled.tobytes() == contributions[order].tobytes()
    assert shuffled_margins.tobytes() == margins[order].tobytes()
    alone = np.concatenate([explainer.explain(matrix[row : row + 1])[0] for row in range(5)])
    assert alone.tobytes() == contributions[:5].tobytes()


def test_no_rows_give_no_reasons(mixed: tuple[TreeExplainer, Matrix]) -> None:
    explainer, matrix = mixed
    contributions, margins = explainer.explain(matrix[:0])
    assert contributions.shape == (0, 12)
    assert margins.shape == (0,)


def test_a_saved_explainer_says_the_same_to_the_bit(mixed: tuple[TreeExplainer, Matrix], tmp_path: Path) -> None:
    explainer, matrix = mixed
    explainer.save(tmp_path / "explainer.npz")
    loaded = TreeExplainer.load(tmp_path / "explainer.npz", table_bytes=10 * 2**18)
    assert loaded.base_value == explainer.base_value
    assert loaded.explain(matrix)[0].tobytes() == explainer.explain(matrix)[0].tobytes()
    assert loaded.explain(matrix)[1].tobytes() == explainer.explain(matrix)[1].tobytes()


DAMAGED = "is not a saved explainer|attributes are counted|the model has 3 columns"


def damaged(good: Path, **changes: Any) -> bytes:
    with np.load(good) as file:
        arrays = {name: file[name] for name in file.files} | changes
    np.savez(good, **arrays)
    return good.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: b"",
        lambda good: b"not a model",
        lambda good: good.read_bytes()[:-200],
        lambda good: good.read_bytes().replace(b"left.npy", b"lost.npy"),
        lambda good: damaged(good, format=np.array(99)),
        lambda good: damaged(good, left=np.array([0.5])),
        lambda good: damaged(good, left=np.zeros(3, np.int32)),
        lambda good: damaged(good, roots=np.array([0, 0], np.int32)),
        lambda good: damaged(good, columns=np.array(1)),
        lambda good: damaged(good, intercept=np.array(np.nan)),
        lambda good: damaged(good, attributes=np.array([0.0, 1.0, 2.0])),
        lambda good: damaged(good, attributes=np.array([0, 1])),
        lambda good: damaged(good, attributes=np.array([{}], dtype=object)),
    ],
)
def test_a_damaged_file_is_refused(damage: Callable[[Path], bytes], tmp_path: Path) -> None:
    matrix = customers(100, 3, seed=1)
    path = tmp_path / "explainer.npz"
    TreeExplainer.build([as_json(booster(matrix, depth=3, rounds=2))], attribute_of_column=one_each(3)).save(path)
    path.write_bytes(damage(path))
    with pytest.raises(ValueError, match=DAMAGED):
        TreeExplainer.load(path)


def test_a_file_that_is_not_there_is_another_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        TreeExplainer.load(tmp_path / "explainer.npz")


def first_tree(learner: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = learner["gradient_booster"]["model"]["trees"][0]
    return tree


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (lambda learner: learner["objective"].update(name="reg:squarederror"), "binary:logistic"),
        (lambda learner: learner["gradient_booster"].update(name="dart"), "gbtree"),
        (lambda learner: learner["learner_model_param"].update(num_class="3"), "binary:logistic"),
        (lambda learner: learner["learner_model_param"].update(num_feature="2"), "column"),
        (lambda learner: learner["learner_model_param"].update(base_score="[5E-1,5E-1]"), "base_score"),
        (lambda learner: learner["learner_model_param"].update(base_score="1"), "base_score"),
        (lambda learner: first_tree(learner).pop("sum_hessian"), "complete trees"),
        (lambda learner: first_tree(learner).update(sum_hessian=[1.0]), "outside the tree's arrays"),
        (lambda learner: first_tree(learner).update(categories_nodes=[0]), "categorical"),
        (lambda learner: first_tree(learner)["left_children"].__setitem__(0, 0), "circle"),
        (lambda learner: first_tree(learner)["left_children"].__setitem__(0, 10_000), "outside the tree's arrays"),
    ],
)
def test_another_kind_of_model_is_refused(edit: Callable[[dict[str, Any]], None], complaint: str) -> None:
    model = booster(customers(100, 3, seed=1), depth=3, rounds=2)
    with pytest.raises(ValueError, match=complaint):
        TreeExplainer.build([edited(model, edit)], attribute_of_column=one_each(3))


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'{"learner": {}}', b"\xff\xfe"])
def test_what_is_no_model_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match="not an XGBoost model"):
        TreeExplainer.build([document], attribute_of_column=[0])


@pytest.mark.parametrize("weights", [[], [1.0, 1.0], [0.0], [-1.0], [math.nan]])
def test_weights_that_cannot_be_averaged_are_refused(weights: list[float]) -> None:
    document = as_json(booster(customers(60, 2, seed=1), depth=1, rounds=1))
    with pytest.raises(ValueError, match="weight"):
        TreeExplainer.build([document], weights=weights, attribute_of_column=[0, 1])


def test_a_matrix_of_another_shape_or_type_is_refused(mixed: tuple[TreeExplainer, Matrix]) -> None:
    explainer, matrix = mixed
    for other in (matrix[:, :5], matrix.astype(np.float64), matrix[0]):
        with pytest.raises(ValueError, match="a float32 matrix of 12 columns"):
            explainer.explain(other)  # type: ignore[arg-type]
