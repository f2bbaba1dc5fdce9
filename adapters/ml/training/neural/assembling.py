"""Makes one additive model of the functions that networks learned: pairs are purified, everything is centred.

Of a pair's function, what one attribute adds on average over the other one belongs to that attribute alone. It is moved
there (Lengerich et al. 2020), with the attributes' own frequencies as weights. docs/neural.md shows why half of the
rest is then each attribute's Shapley value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm, Term, means_of

Floats = NDArray[np.float64]


def assembled(
    base_value: float, terms: Sequence[Term], pairs: Sequence[PairTerm], codes: NDArray[np.float32]
) -> AdditiveModel:
    """The centred model with the same margins as `base_value` and the sum of all functions; codes of training rows.

    Rows of tables that no training row has get the mean, so that such a value contributes nothing without its pairs.
    """
    paired = sorted({place for pair in pairs for place in (pair.first, pair.second)})
    places = {place: terms[place].places(codes[:, place]) for place in paired}
    shares = {place: np.bincount(places[place], minlength=terms[place].rows) / len(codes) for place in paired}
    own, purified = list(terms), []
    for pair in pairs:
        table, first, second, mean = purify(pair.table, shares[pair.first], shares[pair.second])
        own[pair.first] = with_steps(own[pair.first], first)
        own[pair.second] = with_steps(own[pair.second], second)
        joint = float(table[places[pair.first], places[pair.second]].mean())
        base_value += mean + joint
        purified.append(replace(pair, table=table - joint))
    means = means_of(own, codes)
    centred = [
        _centred(term, mean, codes[:, i]) for i, (term, mean) in enumerate(zip(own, means.tolist(), strict=True))
    ]
    return AdditiveModel(base_value + float(means.sum()), tuple(centred), tuple(purified))


def purify(table: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats, Floats, float]:
    """(what only both add together, what each row adds, what each column adds, the mean).

    `first` and `second` are the shares of the rows and columns. A row without customers is the mean of the others.
    """
    table = np.where((first > 0)[:, None], table, first @ table)
    table = np.where((second > 0)[None, :], table, (table @ second)[:, None])
    mean = float(first @ table @ second)
    rows, columns = table @ second - mean, first @ table - mean
    return table - rows[:, None] - columns[None, :] - mean, rows, columns, mean


def with_steps(term: Term, steps: Floats) -> Term:
    """The function with a number added in each bin of a number, or to each level."""
    if isinstance(term, LevelTerm):
        return LevelTerm(term.table + steps)
    inside = term.edges[(term.edges > term.starts[0]) & (term.edges <= term.high)]
    starts = np.union1d(term.starts, inside)
    piece = np.searchsorted(term.starts, starts, side="right") - 1
    values = term.values[piece] + term.slopes[piece] * (starts - term.starts[piece])
    bins = np.searchsorted(term.edges, starts, side="right")
    return replace(
        term, starts=starts, values=values + steps[bins], slopes=term.slopes[piece], missing=term.missing + steps[-1]
    )


def _centred(term: Term, mean: float, own: NDArray[np.float32]) -> Term:
    """The function less its mean; 0 for what no training row has."""
    if isinstance(term, NumberTerm):
        missing = term.missing - mean if np.isnan(own).any() else 0.0
        return replace(term, values=term.values - mean, missing=missing)
    counts = np.bincount(term.places(own), minlength=term.rows)
    return LevelTerm(np.where(counts > 0, term.table - mean, 0.0))
