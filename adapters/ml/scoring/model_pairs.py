"""Scores the same rows with two models, and compares their log-losses in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.ml.training.quality_metrics import auc, error_of_mean, log_loss, row_log_loss
from application.ports.columns import CustomerBatch
from application.ports.model_comparison import ModelPairs, ScoredFile
from domain.intervals import mean_interval
from domain.model_comparison import ComparedFigures, PairedFigures

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scored rows: their places in the file, ascending, and their probabilities (n)."""

    places: NDArray[np.int64]
    probability: Floats


@dataclass(frozen=True, slots=True)
class _Truth:
    """Which of the candidate's rows left (n), and the rows' customers as numbers."""

    left: NDArray[np.bool_]
    customers: NDArray[np.int64]


class ColumnarModelPairs:
    """Implements ModelPairs. Holds a few numbers per row of the compared months, no text."""

    def compare(
        self, candidate: ScoredFile, champion: ScoredFile | None, *, months: tuple[str, ...]
    ) -> PairedFigures | None:
        rows, truth = _with_truth(candidate, months)
        if not len(rows.places):
            return None
        if champion is None:
            return PairedFigures(len(truth.left), int(truth.left.sum()), _figures(rows.probability, truth.left))
        others = _at(champion, rows.places)
        _, mine, theirs = np.intersect1d(rows.places, others.places, assume_unique=True, return_indices=True)
        if not len(mine):
            return None
        own, other, left = rows.probability[mine], others.probability[theirs], truth.left[mine]
        differences = row_log_loss(own, left) - row_log_loss(other, left)
        return PairedFigures(
            rows=len(left),
            left=int(left.sum()),
            candidate=_figures(own, left),
            champion=_figures(other, left),
            difference=float(differences.mean()),
            standard_error=error_of_mean(differences, truth.customers[mine]),
        )


def _with_truth(file: ScoredFile, months: tuple[str, ...]) -> tuple[_Rows, _Truth]:
    places, probabilities, lefts, customers = [], [], [], []
    wanted, known = pa.array(months, pa.string()), dict[str, int]()
    for batch in file.batches:
        data = batch.data
        if not {"month", "actual"} <= set(data.schema.names):
            break
        chosen = pc.and_(pc.is_in(data.column("month"), value_set=wanted), data.column("actual").is_valid())
        chosen = pc.fill_null(chosen, False)
        if not pc.any(chosen).as_py():
            continue
        part = data.filter(chosen)
        places.append(part.column("row").to_numpy())
        probabilities.append(file.scorer.score(CustomerBatch(part.num_rows, part)).probability)
        lefts.append(part.column("actual").to_numpy(zero_copy_only=False).astype(bool))
        customers.append(_numbers(part.column("id"), known))
    return (
        _Rows(_joined(places, np.int64), _joined(probabilities, np.float64)),
        _Truth(_joined(lefts, np.bool_), _joined(customers, np.int64)),
    )


def _numbers(ids: Any, known: dict[str, int]) -> NDArray[np.int64]:
    """A number for each customer, the same in all batches."""
    encoded = ids.dictionary_encode()
    numbers = [known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()]
    customers: NDArray[np.int64] = np.array(numbers or [0], np.int64)[encoded.indices.to_numpy()]
    return customers


def _at(file: ScoredFile, places: NDArray[np.int64]) -> _Rows:
    found, probabilities = [], []
    for batch in file.batches:
        own = batch.data.column("row").to_numpy()
        mask = np.isin(own, places, assume_unique=True)
        if mask.any():
            part = batch.data.filter(pa.array(mask))
            found.append(own[mask])
            probabilities.append(file.scorer.score(CustomerBatch(part.num_rows, part)).probability)
    return _Rows(_joined(found, np.int64), _joined(probabilities, np.float64))


def _joined(parts: list[Any], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)


def _figures(probability: Floats, left: NDArray[np.bool_]) -> ComparedFigures:
    expected, spread = float(probability.sum()), float(np.sqrt((probability * (1.0 - probability)).sum()))
    low, high = mean_interval(expected, spread, 1)
    return ComparedFigures(log_loss(probability, left), auc(probability, left), expected, max(0.0, low), high)


_: type[ModelPairs] = ColumnarModelPairs
