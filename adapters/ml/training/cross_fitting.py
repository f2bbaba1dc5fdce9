"""Held-out log-odds for every tested row, of all members that are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.training.boosting import Boosted, History, Split, Tuned, make_split
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.linear import fit_linear
from adapters.ml.training.validation import Division
from adapters.ml.tree_shap.forest import Forest, joined
from adapters.ml.tree_shap.grouping import grouped, microseconds_per_row
from domain.progress import Progress, TrainingStage

Floats = NDArray[np.float64]
CURVE_ROWS = 100_000
"""Rows up to which the curves show the effect of more rounds than were chosen."""


@dataclass(frozen=True)
class Priced:
    """A booster's trees, and the attribute of each of its columns, for counting what scoring costs.

    `counted` holds the microseconds by the memory that they were counted for.
    """

    forest: Forest
    attribute_of_column: tuple[int, ...]
    counted: dict[int, float] = field(default_factory=dict)

    @property
    def trees(self) -> int:
        return self.forest.roots.size

    def microseconds(self, table_bytes: int) -> float:
        """Per customer, of the reasons and margins, with so much memory for tables."""
        if table_bytes not in self.counted:
            attributes = np.array(self.attribute_of_column, np.intp)
            self.counted[table_bytes] = microseconds_per_row(grouped(self.forest, attributes, limit=table_bytes))
        return self.counted[table_bytes]


@dataclass(frozen=True)
class CrossFit:
    """`log_odds` float64 (members, repeats, n): of every tested row, held out once per repeat.

    `division` is the first repeat's. `priced` are the boosters of the first fold with the chosen rounds; `histories`
    the first repeat's figures by round of each fold, by member.
    """

    log_odds: Floats
    division: Division
    priced: tuple[Priced, ...]
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
    priced: list[Priced] = []
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
                    priced.append(_priced(boosted, own, split))
    return CrossFit(log_odds, divisions[0], tuple(priced), tuple(tuple(own) for own in histories))


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


def _priced(boosted: Boosted, own: Tuned, split: Split) -> Priced:
    forest = joined([boosted.booster.trees(rounds=own.rounds)], [1.0], slope=1.0, shift=0.0)
    return Priced(forest, tuple(split.treatment.attribute_of_column))


def cross_fit_linear(data: LearningData, division: Division, *, seed: int, penalty: float = 1.0) -> Floats:
    """Log-odds of the spline logistic on the same tested rows (n)."""
    log_odds = np.empty(len(division.rows))
    for fold in division.folds:
        codes, churned = data.codes[fold.training], data.churned[fold.training]
        model = fit_linear(data.vocabulary, codes, churned, seed=seed, penalty=penalty, directions=data.directions)
        log_odds[division.places(fold)] = model.explain(data.codes[fold.held_out])[1]
    return log_odds
