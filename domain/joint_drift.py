"""Whether a run's customers can be distinguished from those of the training by all attributes together.

A classifier learns to tell the two apart, and is tested on customers that it did not learn from. Its AUC is the share
of pairs, one customer of each kind, in which it recognises the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from domain.evaluation import CHANCE_AUC, Metric
from domain.formats import Formats
from domain.intervals import auc_variance, mean_interval
from domain.vocabulary.spelling import plain_words

MAX_SAMPLE = 5_000
"""Customers of each side that are compared."""
MAX_SAMPLE_CELLS = 500_000
"""Values of the customers of a training that are kept with a model."""
FOLDS = 5
"""Folds in which the classifier is tested."""
NAMED = 3
"""Attributes that are named as differing most."""
HARDLY = 0.55
"""An AUC whose interval is below this is called hardly more than chance."""
UNKNOWN = "Not known: the model was trained before this was measured, or there are too few customers."


@dataclass(frozen=True, slots=True)
class JointDrift:
    """`auc` is held out, with its 95% interval. `learned` and `scored` customers were compared.

    `differing`: the attributes that separate them most, strongest first.
    """

    auc: Metric
    learned: int
    scored: int
    differing: tuple[str, ...] = ()

    @property
    def is_distinguishable(self) -> bool:
        """Whether the interval is above chance."""
        return self.auc.low is not None and self.auc.low > CHANCE_AUC


def sample_size(rows: int, attributes: int) -> int:
    """How many of a training's rows are kept."""
    return min(rows, MAX_SAMPLE, MAX_SAMPLE_CELLS // max(1, attributes))


def auc_interval(auc: float, learned: int, scored: int) -> Metric:
    """The 95% interval of an AUC that was cross-validated on so many customers of both kinds.

    Hanley & McNeil, Radiology 143, 1982. The models of the folds share most of the customers that they learned from,
    which multiplies the variance by 1 + k / (k − 1) for k folds: Nadeau & Bengio, Machine Learning 52, 2003.
    """
    shared = 1.0 + FOLDS / (FOLDS - 1.0)
    low, high = mean_interval(auc, sqrt(auc_variance(auc, scored, learned) * shared), 1)
    return Metric(auc, max(0.0, low), min(1.0, high))


def joint_drift_words(drift: JointDrift | None, formats: Formats) -> str:
    """What the classifier found, in one or two sentences."""
    if drift is None:
        return UNKNOWN
    low, high = drift.auc.low or 0.0, 1.0 if drift.auc.high is None else drift.auc.high
    pairs = f"{_pairs(drift.auc.value, formats)} of 100 pairs"
    interval = f"95% interval {_pairs(low, formats)} to {_pairs(high, formats)}; 50 is chance"
    if not drift.is_distinguishable:
        return f"The new customers cannot be distinguished from those of the training: {pairs} ({interval})."
    can = "can hardly be" if high < HARDLY else "can be"
    sentence = f"The new customers {can} distinguished from those of the training in {pairs} ({interval})."
    if not drift.differing:
        return sentence
    return f"{sentence} What differs most: {_listed(drift.differing)}."


def _pairs(auc: float, formats: Formats) -> str:
    return formats.number(100.0 * auc, decimals=0)


def _listed(names: Sequence[str]) -> str:
    words = [plain_words(name) for name in names]
    lowered = [word[:1].lower() + word[1:] if word[1:2].islower() else word for word in words]
    return lowered[0] if len(lowered) == 1 else f"{', '.join(lowered[:-1])} and {lowered[-1]}"
