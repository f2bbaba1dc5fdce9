"""Boosted trees that learn from a random forest: as smooth as the forest, and as cheap to score as other boosters.

A bagged forest of fully grown trees averages over many small regions, which boosters do not, so the two make different
mistakes and a blend is better than each. But a fully grown tree is far too deep for tables of reasons. The forest
therefore teaches boosters of limited depth (model compression): it says how probable churn is for made-up customers
near the real ones, and the boosters learn from these and from the real customers.

Sources: the made-up customers are those of MUNGE (Bucilă, Caruana & Niculescu-Mizil, KDD 2006); the forest is that of
extremely randomised trees (Geurts, Ernst & Wehenkel, 2006), with bootstrap samples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder, CategoricalEncoderPlan
from adapters.ml.training.boosting import Boosted, History, Split, patience
from adapters.ml.training.xgboost_member import XGBooster, XGBoostSettings, constraints

Floats = NDArray[np.float32]
MADE_UP = 20_000
COPIES = 10
"""Made-up customers: up to so many, as a multiple of the real ones, which is at most this."""
NEIGHBOURS = 5
"""A made-up customer lies between a real one and one of so many who are most like that one."""
CHANGED = 0.9
"""Share of the attributes that come from the neighbour."""
NARROWING = 1.5
"""A changed number is normal around the neighbour's, with the distance of the two divided by this as its spread."""
REAL_WEIGHT = 2.0
"""The weight of a real customer and what it did. A made-up one and the forest's probability have 1."""


@dataclass(frozen=True)
class DistilledForestSettings:
    """`forest` fully grown trees teach boosters with these settings."""

    boosters: XGBoostSettings
    forest: int = 150

    @property
    def library(self) -> str:
        return "XGBoost, taught by a forest"

    @property
    def plan(self) -> CategoricalEncoderPlan:
        return self.boosters.plan

    def encoded(self, one_hot_up_to: int) -> DistilledForestSettings:
        return replace(self, boosters=self.boosters.encoded(one_hot_up_to))

    def leaves(self, rounds: int) -> float:
        return self.boosters.leaves(rounds)

    def boost(self, split: Split, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False) -> Boosted:
        import xgboost

        lessons = _lessons(split, trees=self.forest, seed=seed)
        threads = split.threads
        real = xgboost.QuantileDMatrix(split.matrix, split.churned, ref=lessons, nthread=threads) if watch else None
        held_out = None
        if stop_early or watch:
            rows, truth = split.held_out_matrix, split.held_out_churned
            held_out = xgboost.QuantileDMatrix(rows, truth, ref=lessons, nthread=threads)
        history: History = {}
        booster = xgboost.train(
            self.boosters.in_xgboost(base_rate=split.base_rate, seed=seed, threads=threads) | constraints(split),
            lessons,
            num_boost_round=rounds,
            evals=[(own, name) for own, name in ((real, "training"), (held_out, "held_out")) if own is not None],
            early_stopping_rounds=patience(self.boosters.eta) if stop_early else None,
            evals_result=history,
            verbose_eval=False,
        )
        return Boosted(XGBooster(booster), booster.best_iteration + 1 if stop_early else rounds, history)

    def parameters(self) -> dict[str, str]:
        return {"forest_trees": str(self.forest)} | self.boosters.parameters()


def _lessons(split: Split, *, trees: int, seed: int) -> Any:
    """Real customers with what they did, made-up ones with the forest's probability, as XGBoost takes them."""
    import xgboost
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(trees, max_features=None, bootstrap=True, random_state=seed, n_jobs=1)
    forest.fit(split.matrix, split.churned)
    others = made_up(split.matrix, split.treatment, seed=seed)
    probabilities = forest.predict_proba(others)[:, list(forest.classes_).index(True)]
    real = len(split.matrix)
    return xgboost.QuantileDMatrix(
        np.concatenate([split.matrix, others]),
        np.concatenate([split.churned.astype(np.float64), probabilities]),
        weight=np.repeat([REAL_WEIGHT, 1.0], [real, len(others)]),
        max_bin=256,
        nthread=split.threads,
    )


def made_up(matrix: Floats, encoder: CategoricalEncoder, *, seed: int) -> Floats:
    """Customers (m, columns) near the real ones (n, columns): m is a multiple of n.

    Every attribute is kept or comes from a neighbour. A number that comes from the neighbour is drawn around the
    neighbour's, within the column's range and whole where all numbers of the column are; a level is the neighbour's.
    """
    draw = np.random.default_rng(seed)
    first = np.tile(np.arange(len(matrix)), min(COPIES, max(1, MADE_UP // len(matrix))))
    neighbours = _neighbours(matrix)
    second = neighbours[first, draw.integers(0, neighbours.shape[1], len(first))]
    own, other = matrix[first], matrix[second]
    near = np.where(_is_number(matrix, encoder), _numbers_near(matrix, own, other, draw), other)
    attributes = _attribute_of_column(matrix, encoder)
    changed = draw.random((len(first), int(attributes.max(initial=-1)) + 1)) < CHANGED
    made: Floats = np.where(changed[:, attributes], near, own).astype(np.float32)
    return made


def _numbers_near(matrix: Floats, own: Floats, other: Floats, draw: np.random.Generator) -> NDArray[np.float64]:
    spread = np.nan_to_num(np.abs(own - other)) / NARROWING
    near = other + spread * draw.standard_normal(own.shape)
    known = np.where(np.isnan(matrix).all(axis=0), np.float32(0.0), matrix)
    near = np.clip(near, np.nanmin(known, axis=0), np.nanmax(known, axis=0))
    whole = (np.isnan(matrix) | (matrix == np.round(matrix))).all(axis=0)
    result: NDArray[np.float64] = np.where(whole, np.round(near), near)
    return result


def _neighbours(matrix: Floats) -> NDArray[np.intp]:
    """The places (n, neighbours) of the customers nearest to each, in standard deviations; gaps count as the mean."""
    from sklearn.neighbors import NearestNeighbors

    known = np.where(np.isnan(matrix).all(axis=0), np.float32(0.0), matrix).astype(np.float64)
    spread = np.nanstd(known, axis=0)
    scaled = np.nan_to_num((known - np.nanmean(known, axis=0)) / np.where(spread > 0.0, spread, 1.0))
    count = min(NEIGHBOURS, len(matrix) - 1)
    places: NDArray[np.intp] = (
        NearestNeighbors(n_neighbors=count, n_jobs=1).fit(scaled).kneighbors(return_distance=False)
    )
    return places


def _is_number(matrix: Floats, encoder: CategoricalEncoder) -> NDArray[np.bool_]:
    """Which columns of the matrix are numbers of the file (columns)."""
    if not encoder.tables:
        return np.ones(matrix.shape[1], np.bool_)
    return np.array([encoder.tables[attribute] is None for attribute in encoder.attribute_of_column], np.bool_)


def _attribute_of_column(matrix: Floats, encoder: CategoricalEncoder) -> NDArray[np.intp]:
    return np.array(encoder.attribute_of_column if encoder.tables else range(matrix.shape[1]), np.intp)
