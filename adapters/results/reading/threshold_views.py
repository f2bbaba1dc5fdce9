"""The figures of a run at a threshold, and those of the customers worth contacting, which do not depend on it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.files.layout import ResultNotes
from adapters.results.reading.stored_run import StoredRun
from adapters.results.writing.run_totals import Columns, ContactingTotals, RunTotals, has_left
from adapters.results.writing.score_totals import ScoreTotals
from adapters.results.writing.writer import FIGURES
from application.ports.results import ThresholdFigures
from domain.evaluation import ConfusionMatrix
from domain.prediction import BandLimits
from domain.run import Contacting


def contacting_in(stored: StoredRun) -> Contacting:
    """As counted when the run was written. Counted here for results of versions that counted only likely leavers."""
    notes = stored.notes
    if notes.contacting is not None:
        return notes.contacting
    totals = ContactingTotals(len(notes.actions))
    for table in stored.slices(0, notes.rows, columns=["action", "gain", "actual"]):
        gain, left = table.column("gain").to_numpy(), has_left(table.column("actual"))
        totals.add(table.column("action").to_numpy(), gain, left)
    return totals.sums(notes.actions)


def figures_at(
    stored: StoredRun, rising: NDArray[np.float64], contacting: Contacting, *, threshold: float, bands: BandLimits
) -> ThresholdFigures:
    """The figures at a threshold. `rising` are all probabilities in ascending order (n).

    Sums the likely leavers in the file's order, so that results are identical.
    """
    notes = stored.notes
    likely = len(rising) - int(np.searchsorted(rising, threshold, side="left"))
    scores = ScoreTotals(threshold)
    scores.add(rising)
    totals = RunTotals(threshold=threshold, bands=bands)
    for table in stored.slices(0, likely, columns=list(FIGURES[:-1])):
        totals.add(_figures_of(table))
    known = notes.revenue_total is not None
    return ThresholdFigures(
        threshold=threshold,
        customers=notes.rows,
        likely_to_leave=totals.likely,
        revenue_likely=totals.revenue_likely if known else None,
        revenue_total=notes.revenue_total,
        contacting=contacting,
        bands=totals.bands,
        confusion=_confusion(notes, totals.churned, totals.stayed),
        drivers=notes.drivers.drivers(notes.attributes, threshold=threshold),
        scores=scores.bins(),
    )


def _figures_of(table: pa.Table) -> Columns:
    """The columns that are summed, as when the run was written, without months."""
    probability, action, gain, revenue = (
        table.column(name).to_numpy() for name in ("probability", "action", "gain", "revenue")
    )
    actual = table.column("actual").cast(pa.int8()).fill_null(-1).to_numpy()
    return Columns(probability, action, gain, revenue, actual, np.full(table.num_rows, -1, np.int32))


def _confusion(notes: ResultNotes, called_churned: int, called_stayed: int) -> ConfusionMatrix | None:
    if not notes.churned + notes.stayed:
        return None
    return ConfusionMatrix(
        true_positive=called_churned,
        false_positive=called_stayed,
        false_negative=notes.churned - called_churned,
        true_negative=notes.stayed - called_stayed,
    )
