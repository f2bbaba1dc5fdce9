"""Detects what earlier work with models left in a training file: scores of another model, and splits of the rows.

Both a column's name and its values have to say it, since a score of something else can be a driver.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.leakage import alone_auc
from adapters.ml.detection.text_columns import TextColumn
from domain.leakage import MIN_SCORE_AUC, is_unrelated
from domain.model import LEAKAGE, SPLIT
from domain.vocabulary.modelling import (
    are_levels_of_risk,
    are_parts,
    names_part,
    names_score,
    names_score_of_leaving,
    names_split,
)

MIN_SCORES = 20
"""Different values of a score, of which the name does not say what it is about."""
MAX_LEVELS = 10
"""Levels of a risk, and different numbers of a column that divides the rows."""
SCALES = (1.0, 100.0, 1000.0)
"""Largest values of scores: a probability, a percentage, points."""
MIN_OF_SCALE = 0.3
"""Share of such a scale that the largest value of a score has to reach."""


def earlier_work(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> str | None:
    """Why a column is left out, in words; None if it is not such a one."""
    if _is_score(column, churned):
        return f"{LEAKAGE}: by its name and its values it is the score of another model"
    return SPLIT if _divides(column, churned, seed=seed) else None


def _is_score(column: TextColumn, churned: NDArray[np.bool_]) -> bool:
    if names_score_of_leaving(column.name):
        return _is_on_a_scale(column) or (len(column.values) <= MAX_LEVELS and are_levels_of_risk(column.values))
    if not names_score(column.name) or len(column.values) < MIN_SCORES or not _is_on_a_scale(column):
        return False
    return _rank(column, churned) >= MIN_SCORE_AUC


def _is_on_a_scale(column: TextColumn) -> bool:
    """Whether all numbers are from 0 to 1, 100 or 1,000."""
    if not column.is_numeric:
        return False
    numbers = column.as_numbers()
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    return low >= 0.0 and any(MIN_OF_SCALE * scale <= high <= scale for scale in SCALES)


def _rank(column: TextColumn, churned: NDArray[np.bool_]) -> float:
    """AUC of the numbers as a score: the larger, the likelier to leave. 0.5 if it cannot be measured."""
    from adapters.ml.training.quality_metrics import auc

    numbers = column.as_numbers()
    known = ~np.isnan(numbers)
    ranking = auc(numbers[known], churned[known])
    return 0.5 if ranking is None else ranking


def _divides(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> bool:
    if not 2 <= len(column.values) <= MAX_LEVELS:
        return False
    if are_parts(column.values):
        return True
    named = (names_split(column.name) and _counts_up(column)) or (names_part(column.name) and _is_yes_and_no(column))
    return named and is_unrelated(alone_auc(column, churned, seed=seed))


def _counts_up(column: TextColumn) -> bool:
    """Whether the values are the whole numbers from 0 or 1 on."""
    if not column.is_numeric or column.filled < len(column.codes):
        return False
    numbers = sorted(column.numbers.tolist())
    return numbers[0] in (0.0, 1.0) and numbers == [numbers[0] + place for place in range(len(numbers))]


def _is_yes_and_no(column: TextColumn) -> bool:
    return column.says_yes_and_no
