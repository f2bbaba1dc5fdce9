"""Customers of a run grouped by one attribute or by two, from their slots. What was read and added up is remembered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.results.cutting import MISSING, Axis, Cut, Slots
from adapters.results.queries import SCAN, Database, Where, add_filters
from adapters.results.remembering import Recent
from adapters.results.slots import SlotsFile, slots_of
from adapters.results.stored import StoredRun
from adapters.results.tally import COLUMNS, Figures, Leaving, Tally, groups_of, joined
from application.ports.results import AttributeFilter, Group

Filters = tuple[AttributeFilter, ...]

MOST_KEPT = 4_000_000
"""Customers whose figures stay in memory, at 24 to 48 bytes each."""
MOST_BYTES = 64_000_000
"""Slots that stay in memory, at a byte each."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Customers that pass the filters: their rows in the file, rising (None: all), and their figures."""

    filters: Filters
    rows: NDArray[np.int64] | None
    figures: Figures

    def slots(self, column: Slots, within: slice) -> Slots:
        """Of all customers' slots those of these, and of them a stretch."""
        return column[within] if self.rows is None else column[self.rows[within]]


class Groups:
    """Adds up groups. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._files, self._tallies, self._leaving = Recent(4), Recent(256), Recent(256)
        self._chosen = Recent(MOST_KEPT, weigh=lambda chosen: len(chosen.figures.probability))
        self._columns = Recent(MOST_BYTES, weigh=len)

    def grouped(
        self,
        stored: StoredRun,
        names: tuple[str, ...],
        *,
        threshold: float,
        filters: Sequence[AttributeFilter],
        likely: bool | None,
    ) -> tuple[tuple[Axis, ...], dict[tuple[int, ...], Group]]:
        """The axes, and the groups by their place on each. Raises InvalidInput for what the run doesn't have."""
        columns = [stored.notes.attribute(name).column for name in names]
        add_filters(Where(), filters, stored.notes)
        file: SlotsFile = self._files.get((stored.mark,), lambda: self._opened(stored))
        cuts = tuple(file.cuts[column] for column in columns)
        axes = tuple(cut.crossed if len(cuts) > 1 else cut.alone for cut in cuts)
        own = [self._column(stored, file, column) for column in columns]
        chosen = self._those(stored, file, tuple(filters))
        first = chosen.figures.likely(threshold)
        stretch = _stretch(len(chosen.figures.probability), first, likely)
        key = (stored.mark, tuple(columns), chosen.filters, stretch.start, stretch.stop)
        tally = self._tallies.get(key, lambda: _tally(cuts, own, chosen, stretch))
        likely_ones = slice(stretch.start, max(stretch.start, min(stretch.stop, first)))
        leaving = self._leaving.get((*key, first), lambda: _leaving(cuts, own, chosen, likely_ones))
        return axes, groups_of(tally, leaving, axes)

    def _opened(self, stored: StoredRun) -> SlotsFile:
        with self._lock:  # made once, where there are none yet
            return slots_of(stored)

    def _column(self, stored: StoredRun, file: SlotsFile, column: str) -> Slots:
        slots: Slots = self._columns.get((stored.mark, column), lambda: file.column(column))
        return slots

    def _those(self, stored: StoredRun, file: SlotsFile, filters: Filters) -> Chosen:
        everyone = self._chosen.get((stored.mark, ()), lambda: Chosen((), None, Figures.of(stored.read(list(COLUMNS)))))
        found: Chosen = everyone
        if filters:
            found = self._chosen.get((stored.mark, filters), lambda: self._filtered(stored, file, filters, everyone))
        return found

    def _filtered(self, stored: StoredRun, file: SlotsFile, filters: Filters, everyone: Chosen) -> Chosen:
        passing = np.ones(stored.notes.rows, np.bool_)
        through: list[AttributeFilter] = []
        for wanted in filters:
            column = stored.notes.attribute(wanted.attribute).column
            slots = file.cuts[column].chosen(wanted)
            if slots is None:
                through.append(wanted)
            else:
                passing &= slots[self._column(stored, file, column)]
        if through:
            passing &= self._looked_for(stored, through)
        rows = np.flatnonzero(passing)
        return Chosen(filters, rows, everyone.figures.of_rows(rows))

    def _looked_for(self, stored: StoredRun, filters: Sequence[AttributeFilter]) -> NDArray[np.bool_]:
        """Filters that run through the middle of a slot are for DuckDB."""
        where = Where()
        add_filters(where, filters, stored.notes)
        with self._database.cursor() as cursor:
            sql = f"SELECT file_row_number FROM {SCAN}{where.sql}"  # noqa: S608 - made of our own column names
            found = cursor.execute(sql, [stored.path, *where.parameters]).fetchnumpy()["file_row_number"]
        passing = np.zeros(stored.notes.rows, np.bool_)
        passing[np.asarray(found, np.int64)] = True
        return passing

    def forget(self, run_id: str) -> None:
        for kept in (self._files, self._chosen, self._columns, self._tallies, self._leaving):
            kept.forget(run_id)


def _stretch(customers: int, first: int, likely: bool | None) -> slice:
    """Of customers in order of risk those of a label; `first` are likely to leave."""
    if likely is None:
        return slice(0, customers)
    return slice(0, first) if likely else slice(first, customers)


def _tally(cuts: tuple[Cut, ...], own: Sequence[Slots], chosen: Chosen, stretch: slice) -> Tally:
    slots = joined(cuts, tuple(chosen.slots(column, stretch) for column in own))
    figures = chosen.figures.of_rows(stretch)
    return Tally.of(tuple(cut.slots for cut in cuts), slots, figures)


def _leaving(cuts: tuple[Cut, ...], own: Sequence[Slots], chosen: Chosen, stretch: slice) -> Leaving:
    slots = joined(cuts, tuple(chosen.slots(column, stretch) for column in own))
    return Leaving.of(tuple(cut.slots for cut in cuts), slots, chosen.figures.of_rows(stretch))


def in_order(places: Sequence[int]) -> list[int]:
    """Places on an axis, the missing last."""
    return sorted(places, key=lambda place: (place == MISSING, place))
