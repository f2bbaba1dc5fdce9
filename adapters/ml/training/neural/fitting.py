"""Fits a neural additive model: networks for each attribute, then networks for pairs on what these leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm, Term
from adapters.ml.training.folds import assign_folds
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.neural.assembling import assembled
from adapters.ml.training.neural.encoding import Encoding, encodings_of, level_inputs, network_inputs
from adapters.ml.training.neural.networks import MEMBERS, NetworkSettings, TermRows, TrainedTerms, train_terms
from adapters.ml.training.neural.pairs import Grid, bin_edges, grid_of, promising_pairs
from adapters.ml.training.neural.pieces import mean_pieces
from adapters.ml.training.validation import sample_groups

Floats = NDArray[np.float64]
MAX_ROWS = 40_000
"""Rows used for a fit. More rows change the functions too little to be worth the time."""
MAX_CELLS = 40_000_000
"""Cells of the networks' inputs (160 MB). With hundreds of attributes, fewer rows are used."""
MAX_PAIRS = 8
PAIR_UNITS = (16,)
"""Hidden units of a pair's networks, whose inputs are a few dozen cells."""


@dataclass(frozen=True, eq=False)
class FittedAdditive:
    """The model with the attributes' own functions, and the one with pairs; None if no pair is promising."""

    alone: AdditiveModel
    paired: AdditiveModel | None
    epochs: int


def fit_additive(
    keras: Any,
    data: LearningData,
    settings: NetworkSettings,
    *,
    seed: int,
    pairs: bool,
    each_epoch: Callable[[], None],
) -> FittedAdditive:
    """Fit on the rows of `data`, or on a sample of whole groups of many. Repeatable under `repeatable_keras`."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed % 2**32)
    data = sampled(data, seed=seed)
    codes, churned = data.codes, data.churned
    encodings = encodings_of(data.vocabulary, codes, churned)
    groups = np.unique(data.groups.of_row, return_inverse=True)[1].astype(np.int64)
    held_out = assign_folds(churned, groups, folds=MEMBERS, seed=seed)
    rate = (churned.sum() + 0.5) / (len(churned) + 1.0)
    base = float(np.log(rate / (1.0 - rate)))
    flat = [place for place, encoding in enumerate(encodings) if encoding.is_one_hot]
    deep = [place for place, encoding in enumerate(encodings) if not encoding.is_one_hot]
    rows = TermRows(
        network_inputs([encodings[place] for place in deep], codes[:, deep], churned, seed=seed),
        level_inputs([encodings[place] for place in flat], codes[:, flat]),
        churned,
        np.full((len(churned), MEMBERS), base, np.float32),
        held_out,
    )
    trained = train_terms(keras, rows, settings, each_epoch=each_epoch)
    terms = _terms(encodings, trained, codes)
    alone = assembled(base, terms, (), codes)
    if not pairs:
        return FittedAdditive(alone, None, trained.epochs)
    grids = {
        place: grid_of(encodings[place], codes[:, place], term.places(codes[:, place]), term.rows)
        for place, term in enumerate(terms)
    }
    chosen = promising_pairs(grids, trained.log_odds.mean(axis=1).astype(np.float64), churned, most=MAX_PAIRS)
    if not chosen:
        return FittedAdditive(alone, None, trained.epochs)
    nothing = np.zeros((len(churned), 0), np.float32)
    rows = TermRows(_pair_inputs(grids, chosen), nothing, churned, trained.log_odds, held_out)
    both = train_terms(keras, rows, replace(settings, hidden=PAIR_UNITS), each_epoch=each_epoch)
    tables = [_pair(grids, pair, both, place) for place, pair in enumerate(chosen)]
    return FittedAdditive(alone, assembled(base, terms, tables, codes), trained.epochs)


def sampled(data: LearningData, *, seed: int) -> LearningData:
    """All rows, or those of a sample of whole groups of many."""
    widths = sum(14 if levels is None else min(14, len(levels) + 2) for levels in data.vocabulary.levels)
    limit = min(MAX_ROWS, MAX_CELLS // max(1, widths))
    if data.rows <= limit:
        return data
    chosen = np.zeros(data.rows, bool)
    chosen[sample_groups(data, limit, seed=seed)] = True
    return data.only(chosen)


def _padded(encoded: Floats, width: int) -> Floats:
    return np.pad(encoded, ((0, 0), (0, width - encoded.shape[1])))


def _terms(encodings: Sequence[Encoding], trained: TrainedTerms, codes: NDArray[np.float32]) -> list[Term]:
    """Each attribute's function: the mean of its networks, or its part of the weights of levels."""
    terms: list[Term] = []
    first, networks = 0, 0
    for place, encoding in enumerate(encodings):
        if encoding.is_one_hot:
            terms.append(LevelTerm(trained.levels[first : first + encoding.width]))
            first += encoding.width
        else:
            terms.append(_network_term(encoding, trained, networks, codes[:, place]))
            networks += 1
    return terms


def _network_term(encoding: Encoding, trained: TrainedTerms, place: int, own: NDArray[np.float32]) -> Term:
    networks = trained.of_term(place)
    encoded = _padded(encoding.table, trained.width)
    at_rows = np.mean([network.of(encoded) for network in networks], axis=0)
    if encoding.knots is None:
        return LevelTerm(at_rows)
    points, values = mean_pieces(networks, encoding.knots, encoded[:-1])
    slopes = np.diff(values) / np.diff(points) if len(points) > 1 else np.zeros(1)
    starts = points[:-1] if len(points) > 1 else points
    return NumberTerm(starts, values[: len(starts)], slopes, float(points[-1]), float(at_rows[-1]), bin_edges(own))


def _pair_inputs(grids: dict[int, Grid], chosen: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """float32 (n, pairs, widest): the encodings of both attributes next to each other."""
    widest = max(grids[first].encoded.shape[1] + grids[second].encoded.shape[1] for first, second in chosen)
    rows = len(grids[chosen[0][0]].places)
    inputs = np.zeros((rows, len(chosen), widest), np.float32)
    for place, pair in enumerate(chosen):
        first, second = (grids[own].encoded[grids[own].places] for own in pair)
        inputs[:, place, : first.shape[1] + second.shape[1]] = np.concatenate([first, second], axis=1)
    return inputs


def _pair(grids: dict[int, Grid], pair: tuple[int, int], trained: TrainedTerms, place: int) -> PairTerm:
    first, second = (grids[own].encoded for own in pair)
    cells = np.concatenate([np.repeat(first, len(second), axis=0), np.tile(second, (len(first), 1))], axis=1)
    encoded = _padded(cells, trained.width)
    table = np.mean([network.of(encoded) for network in trained.of_term(place)], axis=0)
    return PairTerm(*pair, table.reshape(len(first), len(second)))
