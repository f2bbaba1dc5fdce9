"""The model that all sides score with: XGBoost, depth 3 × 300 trees on codes, learned once per `python -m bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from adapters.ml.encoding import Treatment, Vocabulary
from adapters.ml.scorer import FileScorer
from adapters.ml.scoring_model import ScoringModel, Trees
from adapters.ml.tree_shap.explainer import TreeExplainer
from entrypoints.desk import Desk

DEPTH, TREES = 3, 300
LABELLED, UNLABELLED = "labelled.csv", "customers-{}.csv"


def learn(desk: Desk, folder: Path) -> None:
    """From the labelled file, by the schema of the champion."""
    scorer = desk.score_run.registry.scorer(champion(desk))
    codes, churned = _codes_and_truth(desk, scorer, folder / LABELLED)
    parameters = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.05, "nthread": 1}
    booster = xgb.train(parameters, xgb.DMatrix(codes, churned, nthread=1), TREES)
    booster.save_model(folder / "reference.ubj")
    (folder / "reference.json").write_bytes(bytes(booster.save_raw("json")))


def champion(desk: Desk) -> str:
    with desk.new_reading() as uow:
        found = uow.models.champion()
    assert found is not None  # noqa: S101 - made when the benchmark began
    return found.id


def booster_of(folder: Path) -> xgb.Booster:
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(folder / "reference.ubj")
    return booster


def scorer_of(desk: Desk, folder: Path) -> FileScorer:
    """The same trees as the product scores them."""
    base: Any = desk.score_run.registry.scorer(champion(desk))
    vocabulary = Vocabulary.of(base.schema)
    places = [None if own is None else _as_codes(len(own)) for own in vocabulary.levels]
    explainer = TreeExplainer.build(
        [(folder / "reference.json").read_bytes()], attribute_of_column=range(len(vocabulary.names))
    )
    trees = Trees(Treatment(tuple(places), (np.nan,) * len(places)), explainer)
    return FileScorer(base.version, base.schema, base.profile, ScoringModel(vocabulary, trees))


def _as_codes(levels: int) -> NDArray[np.float32]:
    """A level is its place, OTHER the place behind the last, missing is missing."""
    return np.array([*range(levels + 1), np.nan], np.float32)[:, None]


def _codes_and_truth(desk: Desk, scorer: Any, path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from domain.schema import match_header

    files = desk.score_run.files
    preview = files.preview(path)
    match = match_header(scorer.schema, preview.header)
    reading = files.read(path, schema=scorer.schema, match=match, format=preview.format)
    vocabulary = Vocabulary.of(scorer.schema)
    batches = [batch.data for batch in reading.batches()]
    truth = [batch.column("actual").to_numpy(zero_copy_only=False).astype(np.float32) for batch in batches]
    return np.concatenate([vocabulary.codes(batch) for batch in batches]), np.concatenate(truth)
