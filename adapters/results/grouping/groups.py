"""Groups a run's customers by one or two attributes. Caches what was read and summed.

All customers by one attribute are summed from stored sums of blocks, and from the rows of partial blocks. Filtered
customers, and groups by two attributes, are summed from each customer's bin codes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from adapters.results.reading.customer_locator import CustomerLocator
from adapters.results.reading.duckdb_queries import SCAN, Where, add_filters
from adapters.results.reading.lru_cache import LruCache
from adapters.results.reading.stored_run import StoredRun
from adapters.results.writing.bin_codes import BinCodesFile, bin_codes_of
from adapters.results.writing.binning_plan import MISSING, AttributeBins, BinCodes, BinningPlan, Floats
from adapters.results.writing.contributions import contributions_along
from adapters.results.writing.group_totals import GroupTotals, groups_of, joined, revenue_and_truth
from application.ports.results import Contribution, Group
from domain.customer_query import AttributeFilter

Filters = tuple[AttributeFilter, ...]

MAX_KEPT = 4_000_000
"""Customers whose figures stay in memory, at 24 to 48 bytes each."""
MAX_BYTES = 64_000_000
"""Bin codes that stay in memory, at a byte each."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Customers that pass the filters: their rows in the file, ascending (None: all), and their figures."""

    rows: NDArray[np.int64] | None
    figures: GroupTotals

    def bin_codes(self, column: BinCodes, within: slice) -> BinCodes:
        """The bin codes of these customers within a range, from those of all customers."""
        return column[within] if self.rows is None else column[self.rows[within]]


class Groups:
    """Aggregates customers into groups. Thread-safe."""

    def __init__(self, finder: CustomerLocator) -> None:
        self._finder = finder
        self._lock = threading.Lock()
        self._files, self._sums = LruCache(4), LruCache(512)
        self._chosen = LruCache(MAX_KEPT, weigh=lambda chosen: len(chosen.figures.probability))
        self._parts = LruCache(MAX_KEPT // 10, weigh=lambda figures: len(figures.probability))
        self._columns = LruCache(MAX_BYTES, weigh=len)

    def grouped(
        self,
        stored: StoredRun,
        names: tuple[str, ...],
        *,
        threshold: float,
        filters: Sequence[AttributeFilter],
        likely: bool | None,
    ) -> tuple[tuple[AttributeBins, ...], dict[tuple[int, ...], Group]]:
        """The axes, and the groups by their position on each. Raises InvalidInput for an unknown attribute."""
        columns = tuple(stored.notes.attribute(name).column for name in names)
        add_filters(Where(), filters, stored.notes)
        file = self._file(stored)
        plans = tuple(file.plans[column] for column in columns)
        axes = tuple(plan.crossed if len(plans) > 1 else plan.alone for plan in plans)
        if filters or len(columns) > 1:
            chosen = self._selected(stored, file, tuple(filters))
            customers, first = len(chosen.figures.probability), chosen.figures.likely(threshold)
            add_up = lambda within: self._from_codes(stored, file, plans, chosen, within)  # noqa: E731 - one of two ways
        else:
            rising = self._finder.rising(stored)
            customers, first = len(rising), len(rising) - int(np.searchsorted(rising, threshold, side="left"))
            add_up = lambda within: self._from_blocks(stored, file, plans[0], within)  # noqa: E731
        stretch = _stretch(customers, first, likely)
        leaving = slice(stretch.start, max(stretch.start, min(stretch.stop, first)))
        key = (stored.mark, columns, tuple(filters))
        everyone, leavers = (self._added(key, within, add_up) for within in (stretch, leaving))
        return axes, groups_of(everyone, leavers, axes)

    def _added(self, key: tuple[object, ...], within: slice, add_up: Callable[[slice], Floats]) -> Floats:
        sums: Floats = self._sums.get((*key, within.start, within.stop), lambda: add_up(within))
        return sums

    def contributions(self, stored: StoredRun, name: str) -> tuple[Contribution, ...] | None:
        """Contributions in the bins of `grouped`, missing values last. Raises InvalidInput for an unknown attribute."""
        column = stored.notes.attribute(name).column
        file = self._file(stored)
        sums, axis = file.contributions_of(column), file.plans[column].alone
        return None if sums is None else contributions_along(axis, sums)

    def _file(self, stored: StoredRun) -> BinCodesFile:
        file: BinCodesFile = self._files.get((stored.mark,), lambda: self._opened(stored))
        return file

    def _opened(self, stored: StoredRun) -> BinCodesFile:
        with self._lock:  # so that missing files are created only once
            return bin_codes_of(stored)

    # ── All customers by one attribute ──

    def _from_blocks(self, stored: StoredRun, file: BinCodesFile, plan: BinningPlan, within: slice) -> Floats:
        """Sums of the complete blocks in the range, plus the partial blocks at its ends."""
        start, stop = within.start, within.stop
        first = -(-start // file.size)
        last = stop // file.size if stop < stored.notes.rows else len(file.sums)
        if first >= last:
            return self._of_rows(stored, file, plan, start, stop)
        sums = file.sums_of(plan.column, first, last)
        sums += self._of_rows(stored, file, plan, start, first * file.size)
        if last < len(file.sums):
            sums += self._of_rows(stored, file, plan, last * file.size, stop)
        return sums

    def _of_rows(self, stored: StoredRun, file: BinCodesFile, plan: BinningPlan, start: int, stop: int) -> Floats:
        """Sums over rows of at most two adjacent blocks."""
        sums = np.zeros((7, plan.fine_bins))
        while start < stop:
            block = start // file.size
            before = block * file.size
            end = min(stop, before + file.size)
            bin_codes = self._columns.get((stored.mark, plan.column, block), partial(file.block, plan.column, block))
            figures = self._parts.get((stored.mark, start, end), partial(self._figures, stored, start, end))
            sums += figures.sums(bin_codes[start - before : end - before], plan.fine_bins)
            start = end
        return sums

    def _figures(self, stored: StoredRun, start: int, stop: int) -> GroupTotals:
        rising = self._finder.rising(stored)
        falling = rising[len(rising) - stop : len(rising) - start][::-1]
        columns = _money_and_truth(stored)
        if not columns:
            return GroupTotals.of(falling, None, None)
        everything = stop - start == stored.notes.rows
        table = stored.read(columns) if everything else stored.slice(start, stop, columns)
        return GroupTotals.of(falling, *revenue_and_truth(table))

    # ── Filtered customers, and two attributes together ──

    def _from_codes(
        self, stored: StoredRun, file: BinCodesFile, plans: tuple[BinningPlan, ...], chosen: Chosen, within: slice
    ) -> Floats:
        bin_codes = [chosen.bin_codes(self._column(stored, file, plan.column), within) for plan in plans]
        cells = int(np.prod([plan.fine_bins for plan in plans]))
        return chosen.figures.of_rows(within).sums(joined(plans, bin_codes), cells)

    def _column(self, stored: StoredRun, file: BinCodesFile, column: str) -> BinCodes:
        bin_codes: BinCodes = self._columns.get((stored.mark, column), lambda: file.column(column))
        return bin_codes

    def _selected(self, stored: StoredRun, file: BinCodesFile, filters: Filters) -> Chosen:
        selected: Chosen = self._chosen.get(
            (stored.mark, ()), lambda: Chosen(None, self._figures(stored, 0, stored.notes.rows))
        )
        if filters:
            figures = selected.figures
            selected = self._chosen.get((stored.mark, filters), lambda: self._filtered(stored, file, filters, figures))
        return selected

    def _filtered(self, stored: StoredRun, file: BinCodesFile, filters: Filters, figures: GroupTotals) -> Chosen:
        passing = np.ones(stored.notes.rows, np.bool_)
        through: list[AttributeFilter] = []
        for condition in filters:
            column = stored.notes.attribute(condition.attribute).column
            bin_codes = file.plans[column].chosen(condition)
            if bin_codes is None:
                through.append(condition)
            else:
                passing &= bin_codes[self._column(stored, file, column)]
        if through:
            passing &= self._rows_by_query(stored, through)
        rows = np.flatnonzero(passing)
        return Chosen(rows, figures.of_rows(rows))

    def _rows_by_query(self, stored: StoredRun, filters: Sequence[AttributeFilter]) -> NDArray[np.bool_]:
        """Evaluate with DuckDB the filters that cut through a bin."""
        where = Where()
        add_filters(where, filters, stored.notes)
        with self._finder.database.cursor() as cursor:
            sql = f"SELECT file_row_number FROM {SCAN}{where.sql}"  # noqa: S608 - made of our own column names
            rows = cursor.execute(sql, [stored.path, *where.parameters]).fetchnumpy()["file_row_number"]
        passing = np.zeros(stored.notes.rows, np.bool_)
        passing[np.asarray(rows, np.int64)] = True
        return passing

    def forget(self, run_id: str) -> None:
        for cache in (self._files, self._sums, self._chosen, self._parts, self._columns):
            cache.forget(run_id)


def _money_and_truth(stored: StoredRun) -> list[str]:
    """The columns to read: only those with known values."""
    notes = stored.notes
    return [*(["revenue"] if notes.revenue_total is not None else []), *(["actual"] if notes.has_actual else [])]


def _stretch(customers: int, first: int, likely: bool | None) -> slice:
    """The range of customers with a label, in order of risk. The first `first` customers are likely to leave."""
    if likely is None:
        return slice(0, customers)
    return slice(0, first) if likely else slice(first, customers)


def in_order(places: Sequence[int]) -> list[int]:
    """Positions on an axis, missing values last."""
    return sorted(places, key=lambda place: (place == MISSING, place))
