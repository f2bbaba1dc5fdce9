"""A trained model for scoring: a vocabulary, and trees, splines, networks' functions, or a sum of them in log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.additive import AdditiveModel
from adapters.ml.scoring.encoding import CategoricalEncoder, Vocabulary
from adapters.ml.training.linear import LinearModel
from adapters.ml.tree_shap.explainer import TreeExplainer
from domain.training_profile import TrainingProfile


@dataclass(frozen=True)
class Trees:
    """Boosted trees with the encoder of their columns. Slope and shift are already applied."""

    treatment: CategoricalEncoder
    explainer: TreeExplainer

    def explain(self, codes: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.explainer.explain(self.treatment.matrix(codes))


@dataclass(frozen=True)
class ScoringModel:
    """A model whose margins and contributions are the sums over its parts, which are already weighted."""

    vocabulary: Vocabulary
    trees: Trees | None = None
    linear: LinearModel | None = None
    additive: AdditiveModel | None = None

    def __post_init__(self) -> None:
        if self.trees is None and self.linear is None and self.additive is None:
            raise ValueError("a model consists of trees, of splines, of networks' functions, or of several of these")

    @property
    def base_value(self) -> float:
        trees = 0.0 if self.trees is None else self.trees.explainer.base_value
        additive = 0.0 if self.additive is None else self.additive.base_value
        return trees + (0.0 if self.linear is None else self.linear.base_value) + additive

    def explain(self, codes: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """codes float32 (n, attributes) → contributions (n, attributes), margins (n), in log-odds.

        A row's results do not depend on other rows, to the bit.
        """
        parts = [part.explain(codes) for part in (self.trees, self.linear, self.additive) if part is not None]
        contributions, margins = parts[0]
        for more, margin in parts[1:]:
            contributions, margins = contributions + more, margins + margin
        return contributions, margins


@dataclass(frozen=True)
class StoredBooster:
    """A booster in its library's own format, kept for other programs; scoring does not read it. `suffix` names the
    format."""

    suffix: str
    content: bytes


@dataclass(frozen=True)
class Artefact:
    """A trainer's result for the registry: the model, its boosters, the seed and the data's profile.

    `id_hashes` uint64: of the customers learned from, with their months if `ids_by_month`; None without ids.
    """

    model: ScoringModel
    boosters: tuple[StoredBooster, ...]
    seed: int
    profile: TrainingProfile | None = None
    id_hashes: NDArray[np.uint64] | None = None
    ids_by_month: bool = False
