"""What every kind of boosted trees promises to search, evaluation and learning, and the rows that it learns from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder, CategoricalEncoderPlan
from adapters.ml.scoring.scoring_model import StoredBooster
from adapters.ml.training.learning_data import LearningData
from adapters.ml.tree_shap.forest import BoosterTrees

ONE_THREAD_CELLS = 6_000_000
"""Matrix cells up to which one thread is used, because more threads would mostly wait for each other. The number
depends only on the data: another number of threads sums in another order and gives a different model."""

History = dict[str, dict[str, list[float]]]
"""Figures by round: "error" and "logloss" of "held_out" rows, and of "training" rows if they were watched."""


@dataclass(frozen=True)
class Split:
    """Training rows and held-out rows (perhaps none) for one encoding of the categorical columns.

    Matrices are float32 (n, columns). `directions` are 1, −1 or 0 (free) per column, which every booster keeps; empty
    where nothing is demanded. `made` holds what a library has made of the rows, by its name.
    """

    treatment: CategoricalEncoder
    matrix: NDArray[np.float32]
    churned: NDArray[np.bool_]
    held_out_matrix: NDArray[np.float32]
    held_out_churned: NDArray[np.bool_]
    directions: tuple[int, ...] = ()
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def base_rate(self) -> float:
        return float(self.churned.mean())

    @property
    def threads(self) -> int:
        return 1 if self.matrix.size <= ONE_THREAD_CELLS else 2


def make_split(
    data: LearningData, training: NDArray[np.intp], held: NDArray[np.intp], plan: CategoricalEncoderPlan, *, seed: int
) -> Split:
    """Split the rows. The encoder is fitted on the training rows only."""
    treatment, matrix = plan.fit_matrix(data.vocabulary, data.codes[training], data.churned[training], seed=seed)
    demanded = data.directions
    return Split(
        treatment,
        matrix,
        data.churned[training],
        treatment.matrix(data.codes[held]),
        data.churned[held],
        tuple(demanded[attribute] for attribute in treatment.attribute_of_column) if demanded else (),
    )


class Booster(Protocol):
    """Boosted trees of one library."""

    def margins(self, matrix: NDArray[np.float32], *, rounds: int) -> NDArray[np.float64]:
        """Log-odds float64 (n) of the first rounds' trees."""

    def trees(self, *, rounds: int) -> BoosterTrees:
        """The first rounds' trees, as the explainer takes them."""

    def stored(self) -> StoredBooster:
        """The booster in its library's own format."""


@dataclass(frozen=True)
class Boosted:
    """A booster, the best round on held-out rows, and figures by round."""

    booster: Booster
    best_round: int
    history: History


class Member(Protocol):
    """Settings of one kind of boosted trees, which can be a member of an ensemble. Hashable and comparable."""

    @property
    def library(self) -> str:
        """The library's name, as people know it."""

    @property
    def plan(self) -> CategoricalEncoderPlan: ...

    def encoded(self, one_hot_up_to: int) -> Member:
        """The same settings with another encoding of levels."""

    def leaves(self, rounds: int) -> float:
        """The largest number of leaves after so many rounds. The cost of predictions and reasons grows with it."""

    def boost(self, split: Split, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False) -> Boosted:
        """Boost for a number of rounds, or stop early when the held-out log-loss no longer improves.

        With `watch`, figures of the training rows are recorded too. The same seed gives the same trees. Every tree
        keeps the split's directions.
        """

    def parameters(self) -> dict[str, str]:
        """The settings for a model's page, by name."""


@dataclass(frozen=True)
class Tuned:
    """A member with the number of rounds that held-out customers chose."""

    member: Member
    rounds: int


def patience(eta: float) -> int:
    """Rounds without improvement after which boosting stops."""
    return int(10 + 1.5 / eta)
