"""Tries attributes of earlier months, and keeps those that improve the test forward in time beyond their error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.labelled_file import Detected
from adapters.ml.scoring.encoding import PREFIX, Vocabulary
from adapters.ml.training.boosting import make_split
from adapters.ml.training.learning_data import LearningData, arrow_batch, typical_number
from adapters.ml.training.quality_metrics import error_of_mean
from adapters.ml.training.selection import losses_of
from adapters.ml.training.validation import Division, divide, sample_groups
from adapters.ml.training.xgboost_member import XGBoostSettings
from adapters.results.grouping.training_profile import profile_of
from application.ports.columns import CustomerBatch
from application.ports.intake import TrainingTable
from application.ports.models import HistoryOfRows
from domain.errors import InvalidInput
from domain.history import history_candidates
from domain.history_kind import HistoryGain, HistoryPart
from domain.schema import Column, CustomerSchema

Codes = NDArray[np.float32]
Floats = NDArray[np.float64]
TESTED_ROWS = 30_000
"""Rows of a seeded sample of customers that the attributes are tried on."""
MAX_CELLS = 40_000_000
"""Cells of all tried attributes together, which are held in memory."""
MAX_TRIED = 6
"""The strongest attributes of a model with all of them, which are then tried one after the other."""
QUICK = XGBoostSettings(depth=3, eta=0.15, columns=1.0, rows=1.0)
ROUNDS = 60


@dataclass(frozen=True)
class _Tried:
    """Attributes of history with their codes float32 (n, attributes)."""

    columns: tuple[Column, ...]
    codes: Codes


def with_history(
    data: LearningData, detected: Detected, table: TrainingTable, history: HistoryOfRows | None, *, seed: int
) -> LearningData:
    """The data with the attributes of history that are worth it. Unchanged for files that are not tested forward."""
    if history is None or data.months is None or data.schema.id_column is None or table.places is None:
        return data
    rows = sample_groups(data, TESTED_ROWS, seed=seed)
    division = divide(data, rows, folds=5, seed=seed + 4157)
    if not division.months:
        return data
    tried = _tried(data, table.places[detected.target.known], history)
    if not tried.columns:
        return data
    kept = _kept(data, tried, rows, division, seed=seed)
    gain = HistoryGain(len(tried.columns), tuple(part for _, part in kept))
    if not kept:
        return replace(data, history=gain)
    chosen = [place for place, _ in kept]
    return replace(_extended(data, tried, chosen, profile_from=arrow_batch(detected)), history=gain)


def _tried(data: LearningData, places: NDArray[np.int64], history: HistoryOfRows) -> _Tried:
    """The attributes that vary in these rows. A row whose values cannot be read has no history."""
    most = max(1, min(40, MAX_CELLS // (2 * max(1, data.rows))))
    columns = history_candidates(data.schema, most=most)
    schema = replace(data.schema, columns=(*data.schema.columns, *columns))
    vocabulary = Vocabulary.of(CustomerSchema(columns))
    codes = np.full((data.rows, len(columns)), np.nan, np.float32, order="F")
    try:
        for inside, own in _aligned(history(schema), places, vocabulary):
            codes[inside] = own
    except InvalidInput:
        return _Tried((), codes)
    vary = [place for place in range(len(columns)) if len(np.unique(_known(codes[:, place]))) > 1]
    return _Tried(tuple(columns[place] for place in vary), codes[:, vary])


def _aligned(
    batches: Iterable[CustomerBatch], places: NDArray[np.int64], vocabulary: Vocabulary
) -> Iterator[tuple[NDArray[np.intp], Codes]]:
    """Row numbers among `places` (ascending), and the codes of these rows, batch by batch."""
    for batch in batches:
        own = batch.data.column("row").to_numpy()
        at = np.searchsorted(places, own)
        found = (at < len(places)) & (places[np.minimum(at, len(places) - 1)] == own)
        yield at[found], vocabulary.codes(batch.data)[found]


def _kept(
    data: LearningData, tried: _Tried, rows: NDArray[np.intp], division: Division, *, seed: int
) -> list[tuple[int, HistoryPart]]:
    """Places among the tried attributes, in the order in which they were kept."""
    churned, groups = data.churned[division.rows], data.groups.of_row[division.rows]
    best = _losses(data, division, churned, seed=seed)
    kept: list[tuple[int, HistoryPart]] = []
    for place in _strongest(
        _extended(data, tried, range(len(tried.columns))), rows, len(data.schema.columns), seed=seed
    ):
        chosen = [*(own for own, _ in kept), place]
        losses = _losses(_extended(data, tried, chosen), division, churned, seed=seed)
        gain = best - losses
        error = error_of_mean(gain, groups)
        if gain.mean() > error:
            kept.append((place, HistoryPart(tried.columns[place].name, float(gain.mean()), error)))
            best = losses
    return kept


def _strongest(data: LearningData, rows: NDArray[np.intp], first: int, *, seed: int) -> list[int]:
    """The attributes from `first` on that lower the training loss most in a model with all, strongest first."""
    split = make_split(data, rows, rows[:1], QUICK.plan, seed=seed)
    booster: Any = QUICK.boost(split, rounds=ROUNDS, seed=seed).booster
    gains = booster.booster.get_score(importance_type="total_gain")
    total = np.zeros(len(data.vocabulary.names))
    for column, attribute in enumerate(split.treatment.attribute_of_column):
        total[attribute] += gains.get(f"f{column}", 0.0)
    order = np.argsort(-total[first:], kind="stable")[:MAX_TRIED]
    return [int(place) for place in order if total[first + place] > 0]


def _losses(data: LearningData, division: Division, churned: NDArray[np.bool_], *, seed: int) -> Floats:
    """Log-loss of every tested row (n), by quick models that learned from earlier months."""
    log_odds = np.empty(len(division.rows))
    for fold in division.folds:
        split = make_split(data, fold.training, fold.held_out, QUICK.plan, seed=seed)
        booster = QUICK.boost(split, rounds=ROUNDS, seed=seed).booster
        log_odds[division.places(fold)] = booster.margins(split.held_out_matrix, rounds=ROUNDS)
    return losses_of(log_odds, churned)


def _extended(
    data: LearningData, tried: _Tried, chosen: Iterable[int], *, profile_from: Any | None = None
) -> LearningData:
    """The data with more attributes. `profile_from` holds the other attributes of all rows, for the profile."""
    places = list(chosen)
    columns = tuple(_described(tried.columns[place], tried.codes[:, place]) for place in places)
    schema = replace(data.schema, columns=(*data.schema.columns, *columns))
    codes = np.asfortranarray(np.hstack([data.codes, tried.codes[:, places]]))
    profile = data.profile
    if profile_from is not None:
        batch = profile_from
        for place, column in zip(places, columns, strict=True):
            batch = batch.append_column(PREFIX + column.name, _arrow(column, tried.codes[:, place]))
        profile = profile_of(batch, schema)
    return replace(data, schema=schema, vocabulary=Vocabulary.of(schema), codes=codes, profile=profile)


def _described(column: Column, codes: Codes) -> Column:
    """The attribute with what its values show."""
    known = _known(codes).astype(np.float64)
    missing = 1.0 - len(known) / max(1, len(codes))
    if not column.kind.is_number:
        typical = column.levels[int(np.bincount(known.astype(int)).argmax())] if len(known) else None
        return replace(column, missing_rate=missing, typical=typical)
    if not len(known):
        return replace(column, missing_rate=missing)
    return replace(
        column,
        missing_rate=missing,
        minimum=float(known.min()),
        maximum=float(known.max()),
        typical=typical_number(known),
    )


def _arrow(column: Column, codes: Codes) -> Any:
    import pyarrow as pa

    missing = np.isnan(codes)
    if column.kind.is_number:
        return pa.array(codes.astype(np.float64), mask=missing)
    levels = pa.array(np.where(missing, 0, codes).astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(levels, pa.array(column.levels, pa.string()))


def _known(codes: Codes) -> Codes:
    return codes[~np.isnan(codes)]
