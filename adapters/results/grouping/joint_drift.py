"""Distinguishes a run's customers from those of the training, by ridge regression on bins and on pairs of attributes.

Least squares with a ridge penalty rank two groups nearly as logistic regression does, and need one product of the
matrix with itself per fold: about 0.1 CPU seconds. Scoring imports no training library, so it is written in NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adapters.one_thread import one_thread
from domain.joint_drift import FOLDS, NAMED, JointDrift, auc_interval
from domain.shift import MIN_PSI_CUSTOMERS

SEED = 20_260
MAX_COLUMNS = 400
"""Bins of all attributes that take part. The most important attributes come first."""
PAIRED = 12
"""Attributes whose products with each other take part, so that a changed dependence between them shows."""
MANY = 10
"""More customers than this with the same bins do not identify each other."""
PENALTY = 0.02
"""Ridge penalty per column, as a share of the total weight."""
Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Columns (columns, n) of n customers, and the attributes (columns, 2) that each column belongs to, half each."""

    columns: Floats
    attributes: NDArray[np.intp]


def joint_drift(names: Sequence[str], learned: Codes, scored: Codes) -> JointDrift | None:
    """`learned` and `scored`: bins of customers (rows, attributes), in the order of importance of the attributes.

    None with too few customers of either kind, or where all attributes are constant.
    """
    if min(len(learned), len(scored)) < MIN_PSI_CUSTOMERS:
        return None
    with one_thread():
        return _joint_drift(names, learned, scored)


def _joint_drift(names: Sequence[str], learned: Codes, scored: Codes) -> JointDrift | None:
    codes = np.concatenate([learned, scored])
    if (codes == codes[0]).all():
        return None
    fold = _folds(codes)
    by_fold = np.argsort(fold, kind="stable")
    design = _design(codes[by_fold])
    new = by_fold >= len(learned)
    weight = _weights(new)
    ends = np.searchsorted(fold[by_fold], np.arange(FOLDS + 1)).tolist()
    folds = [slice(*bounds) for bounds in pairwise(ends)]
    parts = [_sums(design.columns[:, own], new[own], weight[own]) for own in folds]
    whole = [sum(own) for own in zip(*parts, strict=True)]
    found = []
    for own, part in zip(folds, parts, strict=True):
        inside = new[own]
        if 0 < inside.sum() < len(inside):
            others = _fitted(whole[0] - part[0], whole[1] - part[1])
            found.append(_auc(others @ design.columns[:, own], inside))
    if not found:
        return None
    apart = _separation(design, _fitted(*whole), new, len(names))
    order = [place for place in np.argsort(-apart, kind="stable").tolist() if apart[place] > 0.0]
    interval = auc_interval(float(np.mean(found)), len(learned), len(scored))
    differing = tuple(names[place] for place in order[:NAMED])
    drift = JointDrift(interval, len(learned), len(scored), differing)
    return drift if drift.is_distinguishable else JointDrift(interval, len(learned), len(scored))


def _design(codes: Codes) -> Design:
    """Bins as columns of 0 and 1, and products of the bins' numbers; each column with mean 0."""
    columns: list[Floats | NDArray[np.bool_]] = []
    attributes: list[tuple[int, int]] = []
    for place in range(codes.shape[1]):
        bins = np.flatnonzero(np.bincount(codes[:, place]))
        shown = bins if len(bins) > 2 else bins[1:]
        if len(columns) + len(shown) <= MAX_COLUMNS:
            columns.extend(codes[:, place] == own for own in shown)
            attributes.extend([(place, place)] * len(shown))
    numbers = {place: _standard(codes[:, place]) for place in range(min(PAIRED, codes.shape[1]))}
    for first in numbers:
        for second in range(first + 1, len(numbers)):
            columns.append(numbers[first] * numbers[second])
            attributes.append((first, second))
    matrix = np.empty((len(columns), len(codes)))
    for place, column in enumerate(columns):
        matrix[place] = column
        matrix[place] -= matrix[place].mean()
    return Design(matrix, np.array(attributes, np.intp).reshape(-1, 2))


def _standard(codes: Codes) -> Floats:
    own = codes.astype(np.float64)
    spread = float(own.std())
    return (own - own.mean()) / spread if spread else np.zeros(len(own))


def _folds(codes: Codes) -> NDArray[np.intp]:
    """The fold of every customer. Customers with the same bins stay together, unless there are many of them.

    Most customers of a training come again a month later. Apart, each would be taken for the kind of its other self.
    """
    draw = np.random.default_rng(SEED)
    same = _numbered(codes)
    counts = np.bincount(same)
    together, alone = draw.permutation(len(counts)) % FOLDS, draw.permutation(len(codes)) % FOLDS
    return np.where(counts[same] > MANY, alone, together[same])


def _numbered(codes: Codes) -> NDArray[np.intp]:
    """The number of each row's bins among all distinct rows, in their order. Eight bins are compared at once."""
    rows, width = codes.shape
    padded = np.zeros((rows, -(-width // 8) * 8), np.uint8)
    padded[:, :width] = codes
    words = padded.view(">u8").astype(np.uint64)
    order = np.lexsort(words.T[::-1])
    ordered = words[order]
    number = np.empty(rows, np.intp)
    number[order] = np.append(0, np.cumsum((ordered[1:] != ordered[:-1]).any(axis=1)))
    return number


def _weights(new: NDArray[np.bool_]) -> Floats:
    """The weight of each customer. Both kinds have the same total weight."""
    share = new.mean()
    return np.asarray(np.where(new, 0.5 / share, 0.5 / (1.0 - share)), np.float64)


def _sums(columns: Floats, new: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats]:
    """Weighted products of the columns with each other and with the kind (±1)."""
    scaled = columns * np.sqrt(weight)
    return scaled @ scaled.T, columns @ np.where(new, weight, -weight)


def _fitted(products: Floats, kinds: Floats) -> Floats:
    penalty = PENALTY * float(np.trace(products)) / len(products)
    return np.asarray(np.linalg.solve(products + penalty * np.eye(len(products)), kinds), np.float64)


def _auc(score: Floats, new: NDArray[np.bool_]) -> float:
    """The share of pairs in which the new customer has the higher score, ties counted half."""
    of_old, of_new = np.sort(score[~new]), score[new]
    below = (np.searchsorted(of_old, of_new) + np.searchsorted(of_old, of_new, side="right")) / 2.0
    return float(below.sum() / (len(of_new) * len(of_old)))


def _separation(design: Design, coefficients: Floats, new: NDArray[np.bool_], attributes: int) -> Floats:
    """What each attribute adds to the distance between the mean scores of both kinds (attributes)."""
    apart = coefficients * (design.columns @ np.where(new, 1.0 / new.sum(), -1.0 / (~new).sum()))
    first, second = (
        np.bincount(design.attributes[:, side], weights=apart / 2.0, minlength=attributes) for side in (0, 1)
    )
    return np.asarray(first + second, np.float64)
