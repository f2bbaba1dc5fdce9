"""Chooses and trains the ensemble of a boosted model: bag, blend and scaling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel, Trees
from adapters.ml.training import quality_metrics
from adapters.ml.training.boosting import BINS, Settings, threads_for
from adapters.ml.training.cross_fitting import CrossFit, bag_gains, cross_fit_platt, fit_platt, gains
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.linear import LinearModel, fit_linear
from adapters.ml.training.search import Chosen
from adapters.ml.tree_shap.explainer import TreeExplainer

Floats = NDArray[np.float64]
BAG = 5
SHARES = (0.25, 0.5, 0.75)
"""Shares of the spline logistic that are tried together with the trees."""


@dataclass(frozen=True)
class EnsemblePlan:
    """The ensemble chosen from out-of-fold figures: one booster or a bag, the share of the splines, and the scaling."""

    bag: bool
    splines: float
    slope: float
    shift: float
    margins: Floats

    @property
    def scaled(self) -> bool:
        return (self.slope, self.shift) != (1.0, 0.0)


def choose_ensemble(cross: CrossFit, splines: Floats, data: LearningData) -> EnsemblePlan:
    """Choose an ensemble. Each step is used only if the held-out log-loss gains more than its paired standard error."""
    bag = bag_gains(cross.margins, data.churned)
    trees = cross.margins.mean(axis=0) if bag else cross.margins[0]
    share = _share_of_splines(trees, splines, data.churned)
    blended = (1.0 - share) * trees + share * splines
    scaled = cross_fit_platt(blended, data.churned, cross.folds)
    slope, shift = fit_platt(blended, data.churned)
    if slope > 0 and gains(scaled, blended, data.churned):
        return EnsemblePlan(bag, share, slope, shift, scaled)
    return EnsemblePlan(bag, share, 1.0, 0.0, blended)


def _share_of_splines(trees: Floats, splines: Floats, churned: NDArray[np.bool_]) -> float:
    """The share of the spline logistic in the log-odds, 0 if blending does not help."""
    blends = {share: (1.0 - share) * trees + share * splines for share in SHARES}
    best = min(SHARES, key=lambda share: quality_metrics.log_loss(quality_metrics.sigmoid(blends[share]), churned))
    return best if gains(blends[best], trees, churned) else 0.0


def learn(data: LearningData, chosen: Chosen, shape: EnsemblePlan, *, seed: int) -> Artefact:
    """Train one booster, or several with different sampling of rows and columns, on all customers."""
    plan = chosen.settings.plan
    treatment, matrix = plan.fit_matrix(data.vocabulary, data.codes, data.churned, seed=seed)
    boosters = [
        _fit(matrix, data.churned, chosen.settings, rounds=chosen.rounds, seed=seed + place)
        for place in range(BAG if shape.bag else 1)
    ]
    trees = _trees(treatment, [bytes(booster.save_raw("json")) for booster in boosters], shape)
    model = ScoringModel(data.vocabulary, trees, _splines(data, shape, seed=seed))
    stored = tuple(bytes(booster.save_raw("ubj")) for booster in boosters)
    return Artefact(model, stored, seed, data.profile, data.id_hashes, data.months is not None)


def _fit(matrix: NDArray[np.float32], churned: NDArray[np.bool_], settings: Settings, *, rounds: int, seed: int) -> Any:
    import xgboost

    threads = threads_for(matrix)
    parameters = settings.parameters(base_rate=float(churned.mean()), seed=seed, threads=threads)
    rows = xgboost.QuantileDMatrix(matrix, churned, max_bin=BINS, nthread=threads)
    return xgboost.train(parameters, rows, num_boost_round=rounds)


def _trees(treatment: CategoricalEncoder, boosters: Sequence[bytes], shape: EnsemblePlan) -> Trees:
    explainer = TreeExplainer.build(
        boosters,
        attribute_of_column=treatment.attribute_of_column,
        slope=shape.slope * (1.0 - shape.splines),
        shift=shape.shift,
    )
    return Trees(treatment, explainer)


def _splines(data: LearningData, shape: EnsemblePlan, *, seed: int) -> LinearModel | None:
    if not shape.splines:
        return None
    fitted = fit_linear(data.vocabulary, data.codes, data.churned, seed=seed)
    return fitted.scaled(shape.slope * shape.splines, 0.0)
