"""Columns that give the answer away: known only once a customer has left."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from adapters.ml.casting import TextColumn
from domain.schema import plain_words

GIVES_AWAY_AUC = 0.97
"""AUC of one column alone, on held-out rows, from which it gives the answer away. Honest churn files stay far below
(IBM's best column reaches 0.74); a copy of the label with 2 % noise measures 0.98."""
NAMED_AUC = 0.80
"""The same for a column whose name speaks of leaving, such as another model's score."""
_OF_LEAVING = re.compile(r"\b(churn|attrit|cancel|deactiv|disconnect|unsubscri|exited)")
FILLED_SHARE = 0.98
"""Share of one kind among the filled (or the empty) cells from which being filled gives the answer away."""
EXPECTED = 50
"""Leavers to be expected among cells of one kind from which it tells something that there are none."""
HARDLY_ANY = 1 / 200
"""Leavers among such cells, as a share of those to be expected, up to which there are none to speak of."""
BINS = 64


def leak_of(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> str | None:
    """Why a column gives the answer away, in words, or None."""
    return _by_being_filled(column, churned) or _by_ranking(column, churned, seed=seed)


def _by_being_filled(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    filled = column.codes >= 0
    if filled.all() or not filled.any():
        return None
    leavers, rate = int(churned.sum()), float(churned.mean())
    enough = max(10, leavers // 20)
    if rate < 0.9 and filled.sum() >= enough and churned[filled].mean() >= FILLED_SHARE:
        return "gives the answer away: it is only filled for customers who left"
    if rate < 0.9 and (~filled).sum() >= max(10, leavers // 5) and churned[~filled].mean() >= FILLED_SHARE:
        return "gives the answer away: it is only empty for customers who left"
    for cells, how in ((filled, "filled"), (~filled, "empty")):
        expected = rate * int(cells.sum())
        if expected >= EXPECTED and churned[cells].sum() <= HARDLY_ANY * expected:
            return f"gives the answer away: it is only {how} for customers who stayed"
    return None


def _by_ranking(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> str | None:
    auc = alone_auc(column, churned, seed=seed)
    if auc >= GIVES_AWAY_AUC:
        return f"gives the answer away: alone it ranks customers almost perfectly (AUC {auc:.3f})"
    if auc >= NAMED_AUC and _OF_LEAVING.search(plain_words(column.name).casefold()):
        return f"gives the answer away: its name speaks of leaving, and alone it ranks customers well (AUC {auc:.3f})"
    return None


def alone_auc(column: TextColumn, churned: NDArray[np.bool_], *, seed: int) -> float:
    """How well one column alone ranks held-out rows: churn rate per level or quantile bin, learned on the other half.

    0.5 where too few rows speak.
    """
    from adapters.ml.metrics import auc

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
    found = auc(scores, churned)
    return 0.5 if found is None else found


def _bins(column: TextColumn) -> NDArray[np.intp]:
    """A small number per row: 0 for missing, then quantile bins of a number or the levels of a text.

    A value that many customers share has a bin of its own: a fee of 0 is not a small fee.
    """
    if not column.is_numeric or len(column.values) <= BINS:
        return (column.codes + 1).astype(np.intp)
    numbers = column.as_numbers()
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
    places = np.searchsorted(edges, numbers, side="left") + np.searchsorted(edges, numbers, side="right")
    return np.where(np.isnan(numbers), 0, 1 + places).astype(np.intp)
