"""The bulk store of scored customers: one immutable Parquet file per run, sorted by risk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from adapters.results.customers import Cells, CustomerChunk, cells_of, customers_of
from adapters.results.erasing import erase_customer
from adapters.results.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.grouping import MISSING, Axis, axis_of, grouped
from adapters.results.layout import LOWERS, RAISES, ResultNotes
from adapters.results.profile import TrainingProfile
from adapters.results.queries import SCAN, Database, Where, add_filters, conditions_of, order_of, search_conditions
from adapters.results.spool import IN_MEMORY_ROWS
from adapters.results.tally import COLUMNS, Figures, Levels, Numbers, Tally, column_of, those
from adapters.results.totals import Columns, RunTotals
from adapters.results.writer import FIGURES, ParquetResultWriter
from application.ports.columns import CustomerColumns
from application.ports.models import TruthJudge
from application.ports.results import (
    AttributeFilter,
    CustomerPage,
    CustomerQuery,
    Group,
    Outlook,
    ResultWriter,
    ScoredCustomer,
)
from domain.errors import CustomerNotFound, ResultMissing
from domain.evaluation import ConfusionMatrix
from domain.prediction import BandLimits, RiskBand
from domain.recommendation import Playbook
from domain.run import RunId
from domain.schema import CustomerSchema

CHUNK = 5_000
"""Customers handed out together while streaming."""
GATHERED = 65_536
"""Customers fetched together where they lie scattered over the file."""


TALLIED_ROWS = 2_000_000
"""Customers of a run up to which groups are added up from columns kept in memory."""


class Recent:
    """The last few results of something that is asked again and again. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class _Stored:
    """One run's files. `mark` changes when the run is written anew."""

    parquet: Path
    notes: ResultNotes
    mark: tuple[str, int]
    metadata: pq.FileMetaData

    @property
    def path(self) -> str:
        return str(self.parquet)

    def open(self) -> pq.ParquetFile:
        """Its footer is read once: it describes every column of every row group."""
        return pq.ParquetFile(self.parquet, metadata=self.metadata)

    def slice(self, start: int, stop: int, columns: list[str] | None = None) -> pa.Table:
        """Rows [start, stop) in order of risk; only the row groups they lie in are read."""
        return self.rows(np.arange(start, max(start, stop)), columns)

    def rows(self, positions: NDArray[np.int64], columns: list[str] | None = None) -> pa.Table:
        """The rows at these places, in the order given; every row group they lie in is read once."""
        with self.open() as file:
            ends = np.cumsum([file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)])
            groups = np.searchsorted(ends, positions, side="right")
            parts, order = [file.schema_arrow.empty_table().select(columns or file.schema_arrow.names)], []
            for group in np.unique(groups).tolist():
                inside = np.flatnonzero(groups == group)
                first = int(ends[group - 1]) if group else 0
                table = file.read_row_group(group, columns=columns, use_threads=False)
                parts.append(table.take(pa.array(positions[inside] - first)))
                order.append(inside)
        table = pa.concat_tables(parts)
        return table.take(pa.array(np.argsort(np.concatenate(order)))) if len(order) > 1 else table

    def read(self, columns: list[str]) -> pa.Table:
        with pq.ParquetFile(self.parquet) as file:
            return file.read(columns=columns, use_threads=False)

    def probabilities(self) -> NDArray[np.float64]:
        """Rising, the reverse of the file's order (n)."""
        with self.open() as file:
            falling = file.read(columns=["probability"], use_threads=False).column(0).to_numpy()
        return falling[::-1]


class ParquetResults:
    """Implements ResultStore under `root`. Nothing is opened before it is needed.

    While a run is written, up to `in_memory_rows` customers are held in memory; more go through a file.
    """

    def __init__(
        self,
        root: Path,
        judge: TruthJudge,
        *,
        in_memory_rows: int = IN_MEMORY_ROWS,
        tallied_rows: int = TALLIED_ROWS,
    ) -> None:
        self._folders = ResultFolders(root)
        self._judge = judge
        self._in_memory_rows = in_memory_rows
        self._database = Database(root)
        self._notes = Recent(16)
        self._outlooks = Recent(64)
        self._tallied_rows = tallied_rows
        self._figures, self._chosen, self._axes = Recent(2), Recent(4), Recent(256)
        self._columns, self._tallies = Recent(24), Recent(64)
        self._probabilities = Recent(2)

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: object | None = None,
    ) -> ResultWriter:
        profile = training_profile if isinstance(training_profile, TrainingProfile) else None
        return ParquetResultWriter(
            self._folders,
            run_id,
            schema=schema,
            playbook=playbook,
            profile=profile,
            judge=self._judge,
            in_memory_rows=self._in_memory_rows,
        )

    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage:
        """By risk and without filters that scatter, a page is a slice of the file; else DuckDB looks for it."""
        stored = self._stored(run_id)
        span = self._span(stored, query, bands)
        offset, limit = max(0, query.offset), max(0, query.limit)
        if span is None:
            cells, total = self._found(stored, query, bands, offset=offset, limit=limit)
        else:
            start = min(span[0] + offset, span[1])
            cells, total = cells_of(stored.slice(start, min(start + limit, span[1]))), span[1] - span[0]
        return CustomerPage(tuple(customers_of(cells, stored.notes, threshold=query.threshold, bands=bands)), total)

    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        stored = self._stored(run_id)
        span = self._span(stored, query, bands)
        if span is None:
            tables = self._gathered(stored, self._positions(stored, query, bands))
        else:
            tables = _slices(stored, *span)
        for table in tables:
            yield CustomerChunk(table, stored.notes, threshold=query.threshold, bands=bands)

    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        """Row group by row group, as the file has them."""
        stored = self._stored(run_id)
        notes = stored.notes
        kept = ("row", "id", "month", "actual", "probability", "action", "gain", *RAISES, *LOWERS)
        extra = notes.extra if with_extra else ()
        names = [*kept, *(a.column for a in notes.attributes), *(f"x{place}" for place in range(len(extra)))]
        for table, places in self._stretches(stored, query, names, bands):
            yield CustomerColumns(
                rows=table.num_rows,
                data=table,
                attributes=tuple(attribute.name for attribute in notes.attributes),
                extra=extra,
                actions=tuple(action_id for action_id, _ in notes.actions),
                places=places,
            )

    def _stretches(
        self, stored: _Stored, query: CustomerQuery, names: list[str], bands: BandLimits
    ) -> Iterator[tuple[pa.Table, NDArray[np.int64] | None]]:
        """All that match, each row group read once, and their places in the order asked for (None: this order)."""
        by_row = query.sort == "row" and not query.descending
        if by_row:
            query = replace(query, sort="risk", descending=True)
        span = self._span(stored, query, bands)
        if span is not None:
            for table in _slices(stored, *span, columns=names, rows=GATHERED):
                yield table, table.column("row").to_numpy() if by_row else None
            return
        positions = self._positions(stored, query, bands)
        order = np.argsort(positions, kind="stable")
        in_order = bool((order[1:] > order[:-1]).all())
        for table, inside in _picked(stored, positions[order], names):
            places = None if in_order else order[inside]
            yield table, table.column("row").to_numpy() if by_row else places

    def customer(self, run_id: RunId, row: int, *, threshold: float, bands: BandLimits) -> ScoredCustomer:
        stored = self._stored(run_id)
        place = self._place(stored, row)
        cells = cells_of(stored.slice(place, place + 1))
        return customers_of(cells, stored.notes, threshold=threshold, bands=bands)[0]

    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        stored = self._stored(run_id)
        place = self._place(stored, row)
        first = max(place - 1, 0)
        rows = stored.slice(first, min(place + 2, stored.notes.rows), columns=["row"]).column(0).to_pylist()
        here = place - first
        return (rows[here - 1] if here else None, rows[here + 1] if here + 1 < len(rows) else None)

    def rank(self, run_id: RunId, row: int) -> int:
        stored = self._stored(run_id)
        place = self._place(stored, row)
        rising = self._rising(stored)
        return int(np.searchsorted(rising, rising[len(rising) - 1 - place], side="left"))

    def outlook(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> Outlook:
        stored = self._stored(run_id)
        return self._outlooks.get((stored.mark, threshold, bands), lambda: self._make_outlook(stored, threshold, bands))

    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        """Levels by size, numbers in rising bins; others and missing come last."""
        _, found = self._grouped(self._stored(run_id), (attribute,), threshold, tuple(filters), likely)
        return tuple(found[place] for place in sorted(found, key=lambda place: (place == (MISSING,), place)))

    def cross(
        self,
        run_id: RunId,
        first: str,
        second: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[tuple[str, ...], tuple[str, ...], dict[tuple[str, str], Group]]:
        axes, found = self._grouped(self._stored(run_id), (first, second), threshold, tuple(filters), likely)
        labels = []
        for position, axis in enumerate(axes):
            places = sorted({key[position] for key in found}, key=lambda place: (place == MISSING, place))
            labels.append(tuple(axis.bin_at(place).label for place in places))
        rows, columns = axes
        cells = {(rows.bin_at(a).label, columns.bin_at(b).label): group for (a, b), group in found.items()}
        return labels[0], labels[1], cells

    def _grouped(
        self,
        stored: _Stored,
        names: tuple[str, ...],
        threshold: float,
        filters: tuple[AttributeFilter, ...],
        likely: bool | None,
    ) -> tuple[tuple[Axis, ...], dict[tuple[int, ...], Group]]:
        """Remembered; runs of millions that would not fit in memory are summed up by DuckDB each time anew."""
        where = Where()
        if likely is not None:
            where.add("probability >= ?" if likely else "probability < ?", threshold)
        add_filters(where, filters, stored.notes)
        if stored.notes.rows > self._tallied_rows:
            with self._database.cursor() as cursor:
                axes = tuple(self._axis(cursor, stored, name, where, crossed=len(names) > 1) for name in names)
                return axes, grouped(cursor, stored.path, axes, where, threshold=threshold)
        figures = self._figures.get(stored.mark, lambda: Figures.of(stored.read(list(COLUMNS))))
        key = (stored.mark, names, where.sql, tuple(where.parameters))
        tally = self._tallies.get(key, lambda: self._tally(stored, names, where, filters, likely, threshold, figures))
        return tally.axes, tally.groups(figures, threshold)

    def _tally(
        self,
        stored: _Stored,
        names: tuple[str, ...],
        where: Where,
        filters: tuple[AttributeFilter, ...],
        likely: bool | None,
        threshold: float,
        figures: Figures,
    ) -> Tally:
        chosen = self._chosen.get((stored.mark, filters), lambda: self._rows_of(stored, filters))
        rows = those(stored.notes.rows, chosen, likely, figures.likely(threshold))
        columns = [self._column(stored, name) for name in names]
        axes = tuple(
            column.axis(rows, stored.notes.attribute(name), crossed=len(names) > 1)
            for name, column in zip(names, columns, strict=True)
        )
        places = tuple(column.places(axis) for column, axis in zip(columns, axes, strict=True))
        return Tally.of(axes, places, figures, rows)

    def _column(self, stored: _Stored, name: str) -> Numbers | Levels:
        attribute = stored.notes.attribute(name)
        return self._columns.get(
            (stored.mark, name), lambda: column_of(stored.read([attribute.column]).column(0), attribute)
        )

    def _rows_of(self, stored: _Stored, filters: tuple[AttributeFilter, ...]) -> NDArray[np.int64] | None:
        """Places in the file of those that pass, rising; None for all."""
        if not filters:
            return None
        where = Where()
        add_filters(where, filters, stored.notes)
        with self._database.cursor() as cursor:
            found = cursor.execute(
                f"SELECT file_row_number FROM {SCAN}{where.sql}",  # noqa: S608
                [stored.path, *where.parameters],
            ).fetchnumpy()
        return np.sort(np.asarray(found["file_row_number"], np.int64))

    def _axis(self, cursor: DuckDBPyConnection, stored: _Stored, name: str, where: Where, *, crossed: bool) -> Axis:
        """The bins of all customers are kept: moving the threshold leaves them as they are."""
        key = (stored.mark, name, crossed, where.sql, tuple(where.parameters))
        attribute = stored.notes.attribute(name)
        return self._axes.get(key, lambda: axis_of(cursor, stored.path, attribute, where, crossed=crossed))

    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        stored = self._stored(run_id)
        query = CustomerQuery(threshold, sort="gain")
        positions = self._positions(stored, query, bands, limit=max(0, limit))
        for table in self._gathered(stored, positions):
            yield from CustomerChunk(table, stored.notes, threshold=threshold, bands=bands)

    def erase_customer(self, run_id: RunId, customer_id: str) -> int:
        return erase_customer(self._folders, run_id, customer_id)

    def discard(self, run_id: RunId) -> None:
        self._folders.discard(run_id)

    def size(self, run_id: RunId) -> int:
        return self._folders.size(run_id)

    def sweep(self, keep: Sequence[RunId]) -> int:
        return self._folders.sweep(frozenset(keep))

    def _stored(self, run_id: RunId) -> _Stored:
        folder = self._folders.of(run_id)
        try:
            mark = (run_id, (folder / CUSTOMERS).stat().st_mtime_ns)
            notes, metadata = self._notes.get(mark, lambda: _read_notes(folder))
        except FileNotFoundError as error:
            raise ResultMissing(run_id) from error
        return _Stored(folder / CUSTOMERS, notes, mark, metadata)

    def _rising(self, stored: _Stored) -> NDArray[np.float64]:
        return self._probabilities.get(stored.mark, stored.probabilities)

    def _place(self, stored: _Stored, row: int) -> int:
        """Place in order of risk, from 0. Raises CustomerNotFound."""
        with self._database.cursor() as cursor:
            found = cursor.execute(
                f"SELECT file_row_number FROM {SCAN} WHERE row = ?",  # noqa: S608
                [stored.path, row],
            ).fetchone()
        if found is None:
            raise CustomerNotFound(row)
        return int(found[0])

    def _span(self, stored: _Stored, query: CustomerQuery, bands: BandLimits) -> tuple[int, int] | None:
        """The stretch of the file that holds all that match, where they lie together and in the order asked for."""
        if query.search.strip() or query.action is not None or query.attributes:
            return None
        if query.sort != "risk" or not query.descending:
            return None
        low, high = 0.0, 2.0
        if query.bands:
            chosen = sorted(list(RiskBand).index(band) for band in set(query.bands))
            if chosen[-1] - chosen[0] + 1 != len(chosen):
                return None
            low, high = bands.range_of(list(RiskBand)[chosen[0]])[0], bands.range_of(list(RiskBand)[chosen[-1]])[1]
        if query.likely is not None:
            low, high = (max(low, query.threshold), high) if query.likely else (low, min(high, query.threshold))
        if (low, high) == (0.0, 2.0):
            return 0, stored.notes.rows
        rising = self._rising(stored)
        start = len(rising) - int(np.searchsorted(rising, high, side="left"))
        return start, max(start, len(rising) - int(np.searchsorted(rising, low, side="left")))

    def _found(
        self, stored: _Stored, query: CustomerQuery, bands: BandLimits, *, offset: int, limit: int
    ) -> tuple[Cells, int]:
        """One page of those that match, and how many match in all."""
        if query.search.strip():
            positions = self._positions(stored, query, bands)
            return self._scattered(stored, positions[offset : offset + limit]), len(positions)
        where = conditions_of(query, stored.notes, bands)
        total = stored.notes.rows
        with self._database.cursor() as cursor:
            if where.conditions:
                sql = f"SELECT count(*) FROM {SCAN}{where.sql}"  # noqa: S608
                (total,) = cursor.execute(sql, [stored.path, *where.parameters]).fetchone() or (0,)
            found = cursor.execute(
                f"SELECT * FROM {SCAN}{where.sql}{order_of(query)} LIMIT ? OFFSET ?",  # noqa: S608
                [stored.path, *where.parameters, limit, offset],
            )
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        return {name: [row[place] for row in rows] for place, name in enumerate(names)}, total

    def _scattered(self, stored: _Stored, positions: NDArray[np.int64]) -> Cells:
        """Few rows from all over the file, in the order given: DuckDB decodes those alone, not whole row groups."""
        wanted = ", ".join("?" * len(positions)) or "NULL"
        sql = f"SELECT * FROM {SCAN} WHERE file_row_number IN ({wanted})"  # noqa: S608
        with self._database.cursor() as cursor:
            found = cursor.execute(sql, [stored.path, *positions.tolist()])
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        place = names.index("file_row_number")
        by_position = {row[place]: row for row in rows}
        ordered = [by_position[position] for position in positions.tolist()]
        return {name: [row[column] for row in ordered] for column, name in enumerate(names)}

    def _positions(
        self, stored: _Stored, query: CustomerQuery, bands: BandLimits, *, limit: int | None = None
    ) -> NDArray[np.int64]:
        """Places in the file of those that match, in the order asked for."""
        where = conditions_of(query, stored.notes, bands)
        most = stored.notes.rows if limit is None else limit
        found = np.empty(0, np.int64)
        for wanted in search_conditions(where, query.search):
            with self._database.cursor() as cursor:
                sql = f"SELECT file_row_number AS place FROM {SCAN}{wanted.sql}{order_of(query)} LIMIT ?"  # noqa: S608
                places = cursor.execute(sql, [stored.path, *wanted.parameters, most]).fetchnumpy()["place"]
            found = np.asarray(places, np.int64)
            if len(found):
                break
        return found

    def _gathered(self, stored: _Stored, positions: NDArray[np.int64]) -> Iterator[pa.Table]:
        for start in range(0, len(positions), GATHERED):
            table = stored.rows(positions[start : start + GATHERED])
            for place in range(0, table.num_rows, CHUNK):
                yield table.slice(place, CHUNK)

    def _make_outlook(self, stored: _Stored, threshold: float, bands: BandLimits) -> Outlook:
        """Likely leavers begin the file; they are added up in its order, so that every time gives the same bits."""
        notes, rising = stored.notes, self._rising(stored)
        likely = len(rising) - int(np.searchsorted(rising, threshold, side="left"))
        totals = RunTotals(threshold=threshold, bands=bands, actions=len(notes.actions))
        for table in _slices(stored, 0, likely, columns=list(FIGURES[:-1]), rows=GATHERED):
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


def _read_notes(folder: Path) -> tuple[ResultNotes, pq.FileMetaData]:
    return ResultNotes.from_json((folder / NOTES).read_text("utf-8")), pq.read_metadata(folder / CUSTOMERS)


def _confusion(notes: ResultNotes, called_churned: int, called_stayed: int) -> ConfusionMatrix | None:
    if not notes.churned + notes.stayed:
        return None
    return ConfusionMatrix(
        true_positive=called_churned,
        false_positive=called_stayed,
        false_negative=notes.churned - called_churned,
        true_negative=notes.stayed - called_stayed,
    )


def _slices(
    stored: _Stored, start: int, stop: int, *, columns: list[str] | None = None, rows: int = CHUNK
) -> Iterator[pa.Table]:
    """The stretch [start, stop) in chunks of at most `rows`; every row group is read once, small ones together."""
    with stored.open() as file:
        before, together = 0, list[int]()
        for group in range(file.num_row_groups):
            together.append(group)
            held = sum(file.metadata.row_group(place).num_rows for place in together)
            last = group + 1 == file.num_row_groups
            if not last and held + file.metadata.row_group(group + 1).num_rows <= rows:
                continue
            low, high = max(start - before, 0), min(stop - before, held)
            if low < high:
                table = file.read_row_groups(together, columns=columns, use_threads=False).slice(low, high - low)
                for place in range(0, table.num_rows, rows):
                    yield table.slice(place, rows)
            before, together = before + held, []


def _picked(stored: _Stored, positions: NDArray[np.int64], columns: list[str]) -> Iterator[tuple[pa.Table, slice]]:
    """The rows at these rising places, row group by row group, and which of the places each table holds."""
    with stored.open() as file:
        before = 0
        for group in range(file.num_row_groups):
            after = before + file.metadata.row_group(group).num_rows
            inside = slice(*np.searchsorted(positions, (before, after)).tolist())
            if inside.start < inside.stop:
                table = file.read_row_group(group, columns=columns, use_threads=False)
                yield table.take(pa.array(positions[inside] - before)), inside
            before = after
