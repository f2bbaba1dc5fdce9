"""Customers of a run grouped by one attribute or by two. What was read and added up is remembered.

All customers by one attribute are sums of blocks, and of a part of a block from its rows. What a filter leaves, and two
attributes together, are added up from each customer's slots.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.results.contributions import contributions_along
from adapters.results.cutting import MISSING, Axis, Cut, Floats, Slots
from adapters.results.finding import Finder
from adapters.results.queries import SCAN, Where, add_filters
from adapters.results.remembering import Recent
from adapters.results.slots import SlotsFile, slots_of
from adapters.results.stored import StoredRun
from adapters.results.tally import Figures, groups_of, joined, revenue_and_truth
from application.ports.results import AttributeFilter, Contribution, Group

Filters = tuple[AttributeFilter, ...]

MOST_KEPT = 4_000_000
"""Customers whose figures stay in memory, at 24 to 48 bytes each."""
MOST_BYTES = 64_000_000
"""Slots that stay in memory, at a byte each."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Customers that pass the filters: their rows in the file, rising (None: all), and their figures."""

    rows: NDArray[np.int64] | None
    figures: Figures

    def slots(self, column: Slots, within: slice) -> Slots:
        """Of all customers' slots those of these, and of them a stretch."""
        return column[within] if self.rows is None else column[self.rows[within]]


class Groups:
    """Adds up groups. Safe to share between threads."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._lock = threading.Lock()
        self._files, self._sums = Recent(4), Recent(512)
        self._chosen = Recent(MOST_KEPT, weigh=lambda chosen: len(chosen.figures.probability))
        self._parts = Recent(MOST_KEPT // 10, weigh=lambda figures: len(figures.probability))
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
        columns = tuple(stored.notes.attribute(name).column for name in names)
        add_filters(Where(), filters, stored.notes)
        file = self._file(stored)
        cuts = tuple(file.cuts[column] for column in columns)
        axes = tuple(cut.crossed if len(cuts) > 1 else cut.alone for cut in cuts)
        if filters or len(columns) > 1:
            chosen = self._those(stored, file, tuple(filters))
            customers, first = len(chosen.figures.probability), chosen.figures.likely(threshold)
            add_up = lambda within: self._from_slots(stored, file, cuts, chosen, within)  # noqa: E731 - one of two ways
        else:
            rising = self._finder.rising(stored)
            customers, first = len(rising), len(rising) - int(np.searchsorted(rising, threshold, side="left"))
            add_up = lambda within: self._from_blocks(stored, file, cuts[0], within)  # noqa: E731
        stretch = _stretch(customers, first, likely)
        leaving = slice(stretch.start, max(stretch.start, min(stretch.stop, first)))
        key = (stored.mark, columns, tuple(filters))
        everyone, leavers = (self._added(key, within, add_up) for within in (stretch, leaving))
        return axes, groups_of(everyone, leavers, axes)

    def _added(self, key: tuple[object, ...], within: slice, add_up: Callable[[slice], Floats]) -> Floats:
        sums: Floats = self._sums.get((*key, within.start, within.stop), lambda: add_up(within))
        return sums

    def contributions(self, stored: StoredRun, name: str) -> tuple[Contribution, ...] | None:
        """In the bins of `grouped`, the missing last. Raises InvalidInput for what the run doesn't have."""
        column = stored.notes.attribute(name).column
        file = self._file(stored)
        sums, axis = file.contributions_of(column), file.cuts[column].alone
        return None if sums is None else contributions_along(axis, sums)

    def _file(self, stored: StoredRun) -> SlotsFile:
        file: SlotsFile = self._files.get((stored.mark,), lambda: self._opened(stored))
        return file

    def _opened(self, stored: StoredRun) -> SlotsFile:
        with self._lock:  # made once, where there are none yet
            return slots_of(stored)

    # ── All customers by one attribute ──

    def _from_blocks(self, stored: StoredRun, file: SlotsFile, cut: Cut, within: slice) -> Floats:
        """Whole blocks between the ends, and the parts of blocks at the ends."""
        start, stop = within.start, within.stop
        first = -(-start // file.size)
        last = stop // file.size if stop < stored.notes.rows else len(file.sums)
        if first >= last:
            return self._of_rows(stored, file, cut, start, stop)
        found = file.sums_of(cut.column, first, last)
        found += self._of_rows(stored, file, cut, start, first * file.size)
        if last < len(file.sums):
            found += self._of_rows(stored, file, cut, last * file.size, stop)
        return found

    def _of_rows(self, stored: StoredRun, file: SlotsFile, cut: Cut, start: int, stop: int) -> Floats:
        """From rows of at most two blocks side by side."""
        found = np.zeros((7, cut.slots))
        while start < stop:
            block = start // file.size
            before = block * file.size
            end = min(stop, before + file.size)
            slots = self._columns.get((stored.mark, cut.column, block), lambda at=block: file.block(cut.column, at))
            figures = self._parts.get((stored.mark, start, end), lambda a=start, b=end: self._figures(stored, a, b))
            found += figures.sums(slots[start - before : end - before], cut.slots)
            start = end
        return found

    def _figures(self, stored: StoredRun, start: int, stop: int) -> Figures:
        rising = self._finder.rising(stored)
        falling = rising[len(rising) - stop : len(rising) - start][::-1]
        columns = _money_and_truth(stored)
        if not columns:
            return Figures.of(falling, None, None)
        everything = stop - start == stored.notes.rows
        table = stored.read(columns) if everything else stored.slice(start, stop, columns)
        return Figures.of(falling, *revenue_and_truth(table))

    # ── What a filter leaves, and two attributes together ──

    def _from_slots(
        self, stored: StoredRun, file: SlotsFile, cuts: tuple[Cut, ...], chosen: Chosen, within: slice
    ) -> Floats:
        slots = [chosen.slots(self._column(stored, file, cut.column), within) for cut in cuts]
        cells = int(np.prod([cut.slots for cut in cuts]))
        return chosen.figures.of_rows(within).sums(joined(cuts, slots), cells)

    def _column(self, stored: StoredRun, file: SlotsFile, column: str) -> Slots:
        slots: Slots = self._columns.get((stored.mark, column), lambda: file.column(column))
        return slots

    def _those(self, stored: StoredRun, file: SlotsFile, filters: Filters) -> Chosen:
        found: Chosen = self._chosen.get(
            (stored.mark, ()), lambda: Chosen(None, self._figures(stored, 0, stored.notes.rows))
        )
        if filters:
            figures = found.figures
            found = self._chosen.get((stored.mark, filters), lambda: self._filtered(stored, file, filters, figures))
        return found

    def _filtered(self, stored: StoredRun, file: SlotsFile, filters: Filters, figures: Figures) -> Chosen:
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
        return Chosen(rows, figures.of_rows(rows))

    def _looked_for(self, stored: StoredRun, filters: Sequence[AttributeFilter]) -> NDArray[np.bool_]:
        """Filters that run through the middle of a slot are for DuckDB."""
        where = Where()
        add_filters(where, filters, stored.notes)
        with self._finder.database.cursor() as cursor:
            sql = f"SELECT file_row_number FROM {SCAN}{where.sql}"  # noqa: S608 - made of our own column names
            found = cursor.execute(sql, [stored.path, *where.parameters]).fetchnumpy()["file_row_number"]
        passing = np.zeros(stored.notes.rows, np.bool_)
        passing[np.asarray(found, np.int64)] = True
        return passing

    def forget(self, run_id: str) -> None:
        for kept in (self._files, self._sums, self._chosen, self._parts, self._columns):
            kept.forget(run_id)


def _money_and_truth(stored: StoredRun) -> list[str]:
    """Columns to be read: only those in which anything is known."""
    notes = stored.notes
    return [*(["revenue"] if notes.revenue_total is not None else []), *(["actual"] if notes.has_actual else [])]


def _stretch(customers: int, first: int, likely: bool | None) -> slice:
    """Of customers in order of risk those of a label; `first` are likely to leave."""
    if likely is None:
        return slice(0, customers)
    return slice(0, first) if likely else slice(first, customers)


def in_order(places: Sequence[int]) -> list[int]:
    """Places on an axis, the missing last."""
    return sorted(places, key=lambda place: (place == MISSING, place))
