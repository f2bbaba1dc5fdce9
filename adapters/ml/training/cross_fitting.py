"""Held-out log-odds for every tested row, of all members that are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.training.boosting import Boosted, History, Split, Tuned, make_split
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.linear import fit_linear
from adapters.ml.training.validation import Division
from adapters.ml.tree_shap.forest import joined
from adapters.ml.tree_shap.grouping import TABLE_BYTES, grouped, microseconds_per_row
from domain.progress import Progress, TrainingStage

Floats = NDArray[np.float64]
AVERAGED = 5
"""Boosters of each kind, where several are averaged."""
CURVE_ROWS = 100_000
"""Rows up to which the curves show the effect of more rounds than were chosen."""


@dataclass(frozen=True)
class CrossFit:
    """`log_odds` float64 (members, repeats, n): of every tested row, held out once per repeat.

    `division` is the first repeat's. `costs` are microseconds per customer, of a model of the first fold, and
    `shared_costs` the same where the memory for tables is shared by several boosters of all members. `histories` are
    the first repeat's figures by round of each fold, by member.
    """

    log_odds: Floats
    division: Division
    costs: tuple[float, ...]
    shared_costs: tuple[float, ...]
    histories: tuple[tuple[History, ...], ...]


def cross_fit_trees(
    data: LearningData,
    tuned: Sequence[Tuned],
    divisions: Sequence[Division],
    *,
    seed: int,
    report: Callable[[Progress], None],
    watch: bool = True,
) -> CrossFit:
    """Cross-fit members for a fixed number of rounds, on other divisions than those that the settings were chosen on.

    There is one division per repeat; all test the same rows. With `watch`, the first repeat uses 50 % more rounds, so
    that the curves show the effect of more rounds.
    """
    log_odds = np.empty((len(tuned), len(divisions), len(divisions[0].rows)))
    histories: list[list[History]] = [[] for _ in tuned]
    costs: list[float] = []
    shared_costs: list[float] = []
    shared = TABLE_BYTES // (AVERAGED * len(tuned))
    for repeat, division in enumerate(divisions):
        folds = len(division.folds)
        for number, fold in enumerate(division.folds):
            report(Progress(TrainingStage.CHECKING, done=repeat * folds + number, of=len(divisions) * folds))
            splits = _Splits(data, fold.training, fold.held_out, seed + number)
            places = division.places(fold)
            for place, own in enumerate(tuned):
                split = splits.of(own.member.plan)
                boosted = _boost(own, split, seed=seed + number + 31 * repeat, watch=watch and repeat == 0)
                log_odds[place, repeat, places] = boosted.booster.margins(split.held_out_matrix, rounds=own.rounds)
                if repeat == 0:
                    histories[place].append(boosted.history)
                if repeat == number == 0:
                    costs.append(scoring_cost(boosted, own, split, table_bytes=TABLE_BYTES))
                    shared_costs.append(scoring_cost(boosted, own, split, table_bytes=shared))
    curves = tuple(tuple(own) for own in histories)
    return CrossFit(log_odds, divisions[0], tuple(costs), tuple(shared_costs), curves)


class _Splits:
    """One fold's rows, with a matrix per encoding."""

    def __init__(self, data: LearningData, training: NDArray[np.intp], held: NDArray[np.intp], seed: int) -> None:
        self.data, self.training, self.held, self.seed = data, training, held, seed
        self.made: dict[CategoricalEncoderPlan, Split] = {}

    def of(self, plan: CategoricalEncoderPlan) -> Split:
        if plan not in self.made:
            self.made[plan] = make_split(self.data, self.training, self.held, plan, seed=self.seed)
        return self.made[plan]


def _boost(own: Tuned, split: Split, *, seed: int, watch: bool) -> Boosted:
    rows = len(split.churned) + len(split.held_out_churned)
    longest = own.rounds + own.rounds // 2 + 10 if watch and rows <= CURVE_ROWS else own.rounds
    return own.member.boost(split, rounds=longest, seed=seed, watch=watch)


def scoring_cost(boosted: Boosted, own: Tuned, split: Split, *, table_bytes: int) -> float:
    """Microseconds per customer of the reasons and margins of the chosen rounds, with so much memory for tables."""
    forest = joined([boosted.booster.trees(rounds=own.rounds)], [1.0], slope=1.0, shift=0.0)
    attributes = np.array(split.treatment.attribute_of_column, np.intp)
    return microseconds_per_row(grouped(forest, attributes, limit=table_bytes))


def cross_fit_linear(data: LearningData, division: Division, *, seed: int, penalty: float = 1.0) -> Floats:
    """Log-odds of the spline logistic on the same tested rows (n)."""
    log_odds = np.empty(len(division.rows))
    for fold in division.folds:
        codes, churned = data.codes[fold.training], data.churned[fold.training]
        model = fit_linear(data.vocabulary, codes, churned, seed=seed, penalty=penalty, directions=data.directions)
        log_odds[division.places(fold)] = model.explain(data.codes[fold.held_out])[1]
    return log_odds
