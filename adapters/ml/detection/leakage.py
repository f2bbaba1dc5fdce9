"""Detects leakage: columns whose values are known only after a customer has left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.ml.detection.text_columns import TextColumn
from domain.leakage import MIN_EMPTY_PER_LEAVER, MIN_FILLED_PER_LEAVER, Cells, ranks_too_well
from domain.model import LEAKAGE
from domain.vocabulary.columns import suggests_leakage

BINS = 64


def leak_of(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> str | None:
    """Why a column is leakage, in words; None if it is not."""
    return examined(column, churned, seed=seed)[0]


def examined(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> tuple[str | None, float]:
    """Why a column is leakage, and how well it ranks customers alone (AUC).

    If only the empty cells give the answer away, the values are judged on their own.
    """
    if telling_blanks(column, churned) is not None:
        filled = column.codes >= 0
        column, churned = column.rows(filled), churned[filled]
    elif how := _by_being_filled(column, churned) or _by_being_empty(column, churned):
        return f"{LEAKAGE}: it {how}", 1.0
    auc = alone_auc(column, churned, seed=seed)
    return _by_ranking(column, auc) or _by_unusual_values(column, churned), auc


def _by_unusual_values(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    """Only leavers have another value than the usual one, such as a fee other than 0."""
    if len(column.values) < 2:
        return None
    usual = int(column.counts.argmax())
    others = (column.codes >= 0) & (column.codes != usual)
    if not _cells(others, churned).are_values_of_leavers():
        return None
    return f"{LEAKAGE}: only customers who left have another value than {column.values[usual]!r}"


def telling_blanks(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    """How the empty cells give the answer away, if the values can be used without them; otherwise None."""
    filled = column.codes >= 0
    usable = _cells(filled, churned).are_usable() and len(column.values) > 1
    return _by_being_empty(column, churned) if usable and _by_being_filled(column, churned) is None else None


def _cells(chosen: NDArray[np.bool_], churned: NDArray[np.bool_]) -> Cells:
    return Cells(int(chosen.sum()), int(churned[chosen].sum()), len(chosen), int(churned.sum()))


def _by_being_filled(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    filled = column.codes >= 0
    if filled.all() or not filled.any():
        return None
    cells = _cells(filled, churned)
    if cells.are_of_leavers(per_leaver=MIN_FILLED_PER_LEAVER):
        return "is only filled for customers who left"
    return "is only filled for customers who stayed" if cells.are_of_stayers() else None


def _by_being_empty(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    empty = column.codes < 0
    if empty.all() or not empty.any():
        return None
    cells = _cells(empty, churned)
    if cells.are_of_leavers(per_leaver=MIN_EMPTY_PER_LEAVER):
        return "is only empty for customers who left"
    return "is only empty for customers who stayed" if cells.are_of_stayers() else None


def _by_ranking(column: TextColumn, auc: float) -> str | None:
    shown = number(auc, decimals=3)
    if ranks_too_well(auc, suspicious_name=False):
        return f"{LEAKAGE}: alone it ranks customers almost perfectly (AUC {shown})"
    if ranks_too_well(auc, suspicious_name=suggests_leakage(column.name)):
        return f"{LEAKAGE}: its name suggests leaving, and alone it ranks customers well (AUC {shown})"
    return None


def alone_auc(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> float:
    """AUC of a single column on held-out rows, ranked by the churn rate per level or bin on the other half.

    0.5 if there are too few rows.
    """
    from adapters.ml.training.quality_metrics import auc

    bins = _bins(column)
    half = np.random.default_rng(seed).permutation(len(bins)) % 2
    scores = np.empty(len(bins))
    for held in (0, 1):
        inside = half != held
        leavers = np.bincount(bins[inside], weights=churned[inside], minlength=bins.max() + 1)
        customers = np.bincount(bins[inside], minlength=bins.max() + 1)
        mean = churned[inside].mean()
        rate = (leavers + mean) / (customers + 1.0)
        scores[~inside] = rate[bins[~inside]]
    held_out_auc = auc(scores, churned)
    return 0.5 if held_out_auc is None else held_out_auc


def _bins(column: TextColumn) -> NDArray[np.intp]:
    """A small number per row: 0 for missing, then quantile bins of a number or the levels of a text.

    A value that many customers share has a separate bin: a fee of 0 is not a small fee.
    """
    if not column.is_numeric or len(column.values) <= BINS:
        return (column.codes + 1).astype(np.intp)
    numbers = column.as_numbers()
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
    places = np.searchsorted(edges, numbers, side="left") + np.searchsorted(edges, numbers, side="right")
    return np.where(np.isnan(numbers), 0, 1 + places).astype(np.intp)
