"""Chooses and trains the ensemble: one booster, several of one kind, or a blend of kinds; splines; scaling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.scoring_model import Artefact, ScoringModel, Trees
from adapters.ml.training.boosting import Booster, Tuned, make_split
from adapters.ml.training.calibration import Calibrated, calibrated, calibration_of
from adapters.ml.training.cross_fitting import CrossFit, cross_fit_linear, cross_fit_trees
from adapters.ml.training.demands import must_keep_demands
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.linear import LinearModel, fit_linear, scoring_microseconds
from adapters.ml.training.selection import (
    Option,
    blended,
    cross_fit_shares,
    greedy_shares,
    losses_of,
    worth_its_cost,
)
from adapters.ml.training.validation import Division
from adapters.ml.tree_shap.explainer import TreeExplainer
from adapters.ml.tree_shap.grouping import TABLE_BYTES
from domain.progress import Progress
from domain.training_limits import MIN_SAVING

Floats = NDArray[np.float64]
AVERAGED = 5
"""Boosters of each kind, where several are averaged."""


@dataclass(frozen=True)
class Part:
    """A member's share of the log-odds, and how many of its boosters are averaged."""

    tuned: Tuned
    share: float
    boosters: int = 1


@dataclass(frozen=True)
class EnsemblePlan:
    """The ensemble chosen from held-out figures. The parts' shares and that of the splines sum to 1.

    `cost` and `usual_cost` are microseconds per customer, of the ensemble and of the booster that would have been
    learned without one.
    """

    parts: tuple[Part, ...]
    splines: float
    held_out: Calibrated
    cost: float
    usual_cost: float

    @property
    def slope(self) -> float:
        return self.held_out.slope

    @property
    def shift(self) -> float:
        return self.held_out.shift

    def costing(self, model: ScoringModel) -> EnsemblePlan:
        """The plan with the cost of the model that was learned by it."""
        trees = 0.0 if model.trees is None else model.trees.explainer.plan.microseconds_per_row
        return replace(self, cost=trees + scoring_microseconds(model.vocabulary) * bool(self.splines))

    @property
    def is_combined(self) -> bool:
        """Whether it is more than one booster."""
        return len(self.parts) > 1 or self.main.boosters > 1

    @property
    def main(self) -> Part:
        """The part with the largest share; the first of equal ones."""
        return max(self.parts, key=lambda part: part.share)


@dataclass(frozen=True)
class _Way:
    """One way to combine members (and the splines, which come last) by shares.

    `averaged` boosters of each member; `held_out` log-odds (repeats, n), before scaling.
    """

    shares: Floats
    averaged: int
    held_out: Floats
    cost: float
    least_saving: float


@dataclass(frozen=True)
class _Ways:
    """All ways to combine the members. `log_odds` (members + 1, repeats, n); the last is the spline logistic."""

    tuned: Sequence[Tuned]
    cross: CrossFit
    splines: Floats
    churned: NDArray[np.bool_]
    splines_cost: float

    @property
    def division(self) -> Division:
        return self.cross.division

    @cached_property
    def log_odds(self) -> Floats:
        repeats = self.cross.log_odds.shape[1]
        return np.concatenate([self.cross.log_odds, np.broadcast_to(self.splines, (1, repeats, len(self.splines)))])

    def all(self) -> Iterator[_Way]:
        members, repeats, _ = self.cross.log_odds.shape
        for place in range(members):
            yield self.of([place], averaged=1)
        yield self.of([0, members], averaged=1)
        if repeats > 1:
            yield self.of([0], averaged=AVERAGED, least_saving=MIN_SAVING)
            yield self.of([0, members], averaged=AVERAGED, least_saving=MIN_SAVING)
        blend = self.of_one_encoding()
        if len(blend) > 1:
            yield self.of([*blend, members], averaged=1, least_saving=MIN_SAVING)
        if len(blend) > 1 and repeats > 1:
            yield self.of([*blend, members], averaged=AVERAGED, least_saving=MIN_SAVING)

    def of_one_encoding(self) -> list[int]:
        """The members that can be blended, because they share a matrix: those with the last one's encoding."""
        encoding = self.tuned[-1].member.plan
        return [place for place, own in enumerate(self.tuned) if own.member.plan == encoding]

    def of(self, places: Sequence[int], *, averaged: int, least_saving: float = 0.0) -> _Way:
        """The blend of the members at these places. Averaged boosters are what the repeats say on average."""
        log_odds = self.log_odds[list(places)]
        if averaged > 1:
            log_odds = log_odds.mean(axis=1, keepdims=True)
        shares = np.zeros(len(self.log_odds))
        shares[list(places)] = greedy_shares(log_odds.mean(axis=1), self.churned)
        held_out = log_odds[0] if len(places) == 1 else cross_fit_shares(log_odds, self.churned, self.division.parts)
        trees = self._cost_of_trees(shares[:-1], averaged)
        return _Way(shares, averaged, held_out, trees + self.splines_cost * bool(shares[-1]), least_saving)

    def _cost_of_trees(self, shares: Floats, averaged: int) -> float:
        """Microseconds per customer. All boosters share the memory for tables; each tree has the same part of it."""
        used = [own for own, share in zip(self.cross.priced, shares, strict=True) if share]
        trees = averaged * sum(own.trees for own in used)
        return sum(averaged * own.microseconds(TABLE_BYTES * own.trees // trees) for own in used)

    def calibrated(self, way: _Way) -> Floats:
        """Held-out log-odds (repeats, n), calibrated; the same array if that gains nothing."""
        return calibrated(way.held_out, self.churned, self.division)


def choose_ensemble(tuned: Sequence[Tuned], cross: CrossFit, splines: Floats, data: LearningData) -> EnsemblePlan:
    """Choose by held-out log-loss and cost: see `worth_its_cost`. The first of the members is the usual model."""
    division, churned = cross.division, data.churned[cross.division.rows]
    ways = _Ways(tuned, cross, splines, churned, scoring_microseconds(data.vocabulary))
    every = [way for way in ways.all() if way.shares[:-1].any()]
    final = [ways.calibrated(way) for way in every]
    options = [
        Option(losses_of(log_odds[:, division.shown], churned[division.shown]), way.cost, way.least_saving)
        for way, log_odds in zip(every, final, strict=True)
    ]
    place = worth_its_cost(options)
    way = every[place]
    raw = way.held_out[0]
    slope, shift = (1.0, 0.0) if final[place] is way.held_out else calibration_of(raw, churned, division)
    held_out = Calibrated(division, raw, final[place][0], slope, shift)
    parts = tuple(
        Part(own, float(share) / float(way.shares[:-1].sum()) * (1.0 - float(way.shares[-1])), way.averaged)
        for own, share in zip(tuned, way.shares, strict=False)
        if share
    )
    return EnsemblePlan(parts, float(way.shares[-1]), held_out, way.cost, cross.priced[0].microseconds(TABLE_BYTES))


def cross_fit_plan(
    data: LearningData, plan: EnsemblePlan, division: Division, *, seed: int, report: Callable[[Progress], None]
) -> Floats:
    """Held-out log-odds (n) of the plan on another division, with one booster per part and without calibration."""
    tuned = [part.tuned for part in plan.parts]
    trees = cross_fit_trees(data, tuned, [division], seed=seed, report=report, watch=False).log_odds[:, 0]
    blend = blended(trees, np.array([part.share for part in plan.parts]))
    return blend + plan.splines * cross_fit_linear(data, division, seed=seed) if plan.splines else blend


def of_plan(plan: EnsemblePlan, tuned: Sequence[Tuned], cross: CrossFit, splines: Floats) -> Floats:
    """What `cross_fit_plan` gives for the division of `cross`, from the log-odds of all members there (n)."""
    places = [tuned.index(part.tuned) for part in plan.parts]
    blend = blended(cross.log_odds[places, 0], np.array([part.share for part in plan.parts]))
    return blend + plan.splines * splines if plan.splines else blend


def learn(data: LearningData, plan: EnsemblePlan, *, seed: int) -> Artefact:
    """Train the boosters of all parts, with different sampling of rows and columns, on all customers.

    The model is checked to keep the demands.
    """
    encoding = plan.parts[0].tuned.member.plan
    everyone, nobody = np.arange(data.rows), np.arange(0)
    split = make_split(data, everyone, nobody, encoding, seed=seed)
    boosters: list[Booster] = []
    weights: list[float] = []
    trees = []
    for part in plan.parts:
        for place in range(part.boosters):
            rounds = part.tuned.rounds
            booster = part.tuned.member.boost(split, rounds=rounds, seed=seed + place).booster
            boosters.append(booster)
            trees.append(booster.trees(rounds=rounds))
            weights.append(part.share / part.boosters)
    explainer = TreeExplainer.of(
        trees,
        weights=weights,
        attribute_of_column=split.treatment.attribute_of_column,
        slope=plan.slope * (1.0 - plan.splines),
        shift=plan.shift,
    )
    model = ScoringModel(data.vocabulary, Trees(split.treatment, explainer), _splines(data, plan, seed=seed))
    must_keep_demands(data, model, seed=seed)
    stored = tuple(booster.stored() for booster in boosters)
    return Artefact(model, stored, seed, data.profile, data.id_hashes, data.months is not None)


def _splines(data: LearningData, plan: EnsemblePlan, *, seed: int) -> LinearModel | None:
    if not plan.splines:
        return None
    fitted = fit_linear(data.vocabulary, data.codes, data.churned, seed=seed, directions=data.directions)
    return fitted.scaled(plan.slope * plan.splines, 0.0)
