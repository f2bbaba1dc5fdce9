"""The explainer on batches and threads, its saved files, and what it refuses."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.ml.tree_shap import explainer as explainer_module
from adapters.ml.tree_shap.explainer import TreeExplainer
from tests.unit.ml.boosters import Matrix, as_json, booster, customers, edited, one_each


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
def test_results_do_not_depend_on_batches_or_threads(
    mixed: tuple[TreeExplainer, Matrix], monkeypatch: pytest.MonkeyPatch, block_rows: int, threads: int
) -> None:
    explainer, matrix = mixed
    matrix = matrix[: 1500 if block_rows > 7 else 20]
    contributions, margins = explainer.explain(matrix)
    monkeypatch.setattr(explainer_module, "BLOCK_ROWS", block_rows)
    again, margins_again = explainer.explain(matrix, threads=threads)
    assert contributions.tobytes() == again.tobytes()
    assert margins.tobytes() == margins_again.tobytes()


def test_results_do_not_depend_on_other_rows(mixed: tuple[TreeExplainer, Matrix]) -> None:
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


def test_a_saved_explainer_gives_identical_results(mixed: tuple[TreeExplainer, Matrix], tmp_path: Path) -> None:
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
        (lambda learner: first_tree(learner)["left_children"].__setitem__(0, 0), "cycle"),
        (lambda learner: first_tree(learner)["left_children"].__setitem__(0, 10_000), "outside the tree's arrays"),
    ],
)
def test_another_kind_of_model_is_refused(edit: Callable[[dict[str, Any]], None], complaint: str) -> None:
    model = booster(customers(100, 3, seed=1), depth=3, rounds=2)
    with pytest.raises(ValueError, match=complaint):
        TreeExplainer.build([edited(model, edit)], attribute_of_column=one_each(3))


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'{"learner": {}}', b"\xff\xfe"])
def test_a_file_that_is_not_a_model_is_rejected(document: bytes) -> None:
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
