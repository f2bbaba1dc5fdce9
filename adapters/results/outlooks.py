"""A run at a threshold: everything on the result page that moves with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from adapters.results.layout import ResultNotes
from adapters.results.stored import StoredRun
from adapters.results.totals import Columns, RunTotals
from adapters.results.writer import FIGURES
from application.ports.results import Outlook
from domain.evaluation import ConfusionMatrix
from domain.prediction import BandLimits


def outlook_of(stored: StoredRun, likely: int, threshold: float, bands: BandLimits) -> Outlook:
    """The first `likely` customers are added up in the file's order, so that every time gives the same bits."""
    notes = stored.notes
    totals = RunTotals(threshold=threshold, bands=bands, actions=len(notes.actions))
    for table in stored.slices(0, likely, columns=list(FIGURES[:-1])):
        totals.add(_figures_of(table))
    known = notes.revenue_total is not None
    return Outlook(
        threshold=threshold,
        customers=notes.rows,
        likely_to_leave=totals.likely,
        revenue_likely=totals.revenue_likely if known else None,
        revenue_total=notes.revenue_total,
        worth_contacting=totals.worth_contacting,
        expected_gain=totals.expected_gain,
        bands=totals.bands,
        actions=totals.actions(notes.actions),
        confusion=_confusion(notes, totals.churned, totals.stayed),
        drivers=notes.drivers.drivers(notes.attributes, threshold=threshold),
    )


def _figures_of(table: pa.Table) -> Columns:
    """As they were added up when the run was written, but for months."""
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
