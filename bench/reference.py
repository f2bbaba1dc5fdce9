"""The model that all contestants score with: XGBoost, depth 3 × 300 trees, trained once per `python -m bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder, Vocabulary
from adapters.ml.scoring.scorer import FileScorer
from adapters.ml.scoring.scoring_model import ScoringModel, Trees
from adapters.ml.tree_shap.explainer import TreeExplainer
from bench.ports import ports_of
from entrypoints.application import Application

if TYPE_CHECKING:
    import xgboost as xgb

DEPTH, TREES = 3, 300
LABELLED, UNLABELLED = "labelled.csv", "customers-{}.csv"


def learn(application: Application, folder: Path) -> None:
    """Train the model on the labelled file, with the champion's schema."""
    import xgboost as xgb  # not above: the product scores without it, and it would count in its peak memory

    scorer = application.predictions.score_run.scoring_pass.registry.scorer(champion(application))
    codes, churned = _codes_and_truth(application, scorer, folder / LABELLED)
    parameters = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.05, "nthread": 1}
    booster = xgb.train(parameters, xgb.DMatrix(codes, churned, nthread=1), TREES)
    booster.save_model(folder / "reference.ubj")
    (folder / "reference.json").write_bytes(bytes(booster.save_raw("json")))


def champion(application: Application) -> str:
    with ports_of(application).new_reading() as uow:
        version = uow.models.champion()
    assert version is not None  # noqa: S101 - the benchmark created it
    return version.id


def booster_of(folder: Path) -> xgb.Booster:
    import xgboost as xgb

    booster = xgb.Booster({"nthread": 1})
    booster.load_model(folder / "reference.ubj")
    return booster


def scorer_of(application: Application, folder: Path) -> FileScorer:
    """The product's scorer with the same trees."""
    base: Any = application.predictions.score_run.scoring_pass.registry.scorer(champion(application))
    vocabulary = Vocabulary.of(base.schema)
    places = [None if own is None else _as_codes(len(own)) for own in vocabulary.levels]
    explainer = TreeExplainer.build(
        [(folder / "reference.json").read_bytes()], attribute_of_column=range(len(vocabulary.names))
    )
    trees = Trees(CategoricalEncoder(tuple(places), (np.nan,) * len(places)), explainer)
    return FileScorer(base.version, base.schema, base.profile, ScoringModel(vocabulary, trees))


def _as_codes(levels: int) -> NDArray[np.float32]:
    """The code of a level is its index; OTHER has the index after the last; missing is NaN."""
    return np.array([*range(levels + 1), np.nan], np.float32)[:, None]


def _codes_and_truth(
    application: Application, scorer: Any, path: Path
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from domain.header_matching import match_header

    files = application.predictions.score_run.scoring_pass.files
    preview = files.preview(path)
    match = match_header(scorer.schema, preview.header)
    reading = files.read(path, schema=scorer.schema, match=match, format=preview.format)
    vocabulary = Vocabulary.of(scorer.schema)
    batches = [batch.data for batch in reading.batches()]
    truth = [batch.column("actual").to_numpy(zero_copy_only=False).astype(np.float32) for batch in batches]
    return np.concatenate([vocabulary.codes(batch) for batch in batches]), np.concatenate(truth)
