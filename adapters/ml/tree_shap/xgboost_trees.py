"""The trees of XGBoost's JSON models."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import BoosterTrees


def xgboost_trees(model: bytes) -> BoosterTrees:
    """Read a JSON document as written by `Booster.save_raw("json")`. Covers are sums of the Hessian.

    The objective is binary:logistic and the booster gbtree, without categorical splits. Raises ValueError for
    anything else.
    """
    learner = _learner(model)
    intercept = _base_margin(learner)
    try:
        trees = tuple(_tree(tree) for tree in learner["gradient_booster"]["model"]["trees"])
    except (KeyError, TypeError, IndexError, OverflowError) as err:
        raise ValueError("the booster's JSON does not hold complete trees") from err
    return BoosterTrees(trees, intercept, int(learner["learner_model_param"]["num_feature"]))


def _learner(model: bytes) -> dict[str, Any]:
    try:
        learner: dict[str, Any] = json.loads(model)["learner"]
        objective, booster = learner["objective"]["name"], learner["gradient_booster"]["name"]
        outputs = (
            learner["learner_model_param"].get("num_target", "1"),
            learner["learner_model_param"]["num_class"],
        )
        int(learner["learner_model_param"]["num_feature"])
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise ValueError("not an XGBoost model in JSON") from err
    if (objective, booster) != ("binary:logistic", "gbtree") or outputs[0] not in "01" or outputs[1] not in "01":
        raise ValueError(f"only a gbtree booster of binary:logistic is explained, not {booster} of {objective}")
    return learner


def _base_margin(learner: dict[str, Any]) -> float:
    """The log-odds of base_score, a probability written as "5E-1" or, since XGBoost 3, "[5E-1]".

    They are computed in float32, as in XGBoost: near 1 the rounding of 1/p − 1 is larger than the accuracy that the
    margin must have.
    """
    try:
        probability = np.float32(str(learner["learner_model_param"]["base_score"]).strip("[] "))
    except (KeyError, ValueError) as err:
        raise ValueError("the booster's base_score is not one number") from err
    if not 0 < probability < 1:
        raise ValueError(f"base_score must lie between 0 and 1, not {probability}")
    return float(-np.log(np.float32(1) / probability - np.float32(1)))


def _tree(tree: dict[str, Any]) -> dict[str, NDArray[Any]]:
    if tree["categories_nodes"] or any(tree.get("split_type", ())):
        raise ValueError("categorical splits are not explained; encode categories as columns")
    left = np.array(tree["left_children"], np.int32)
    condition = np.array(tree["split_conditions"], np.float32)
    leaf = left < 0
    return {
        "left": left,
        "right": np.array(tree["right_children"], np.int32),
        "column": np.where(leaf, 0, np.array(tree["split_indices"], np.int32)).astype(np.int32),
        "threshold": np.where(leaf, np.float32(0), condition),
        "default_left": np.array(tree["default_left"], bool),
        "cover": np.array(tree["sum_hessian"], np.float64),
        "value": np.where(leaf, condition.astype(np.float64), 0.0),
    }
