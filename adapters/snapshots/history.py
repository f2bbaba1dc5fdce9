"""Attributes of history in DuckDB: earlier months in a table, joined to each batch by customer and month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.snapshots import history_sql as sql
from adapters.snapshots.scratch import scratch_folder
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.columns import CustomerBatch
from application.ports.history import History, HistoryStore, Overlap
from domain.history import YES_NO
from domain.history_kind import HistoryKind, HistoryOf
from domain.schema import CustomerSchema
from domain.snapshot_month import month_at, place_of

MEMORY = "200MB"
"""DuckDB's memory limit, beyond which it spills to the scratch folder."""
PREFIX = "a:"
NO_MONTH = -1000
"""The month of rows without one: nothing is before or after it."""


@dataclass(frozen=True, slots=True)
class DuckDbHistoryStore:
    """Stores each history in a new folder under `scratch`, which is deleted at the end."""

    scratch: Path
    room: DiskRoom = UNLIMITED

    @contextmanager
    def open(self, schema: CustomerSchema) -> Iterator[History]:
        with scratch_folder(self.scratch, self.room) as folder:
            history = DuckDbHistory(folder, schema, self.room)
            try:
                yield history
            finally:
                history.close()


class DuckDbHistory:
    """Implements `application.ports.history.History`. One thread uses it at a time."""

    def __init__(self, folder: Path, schema: CustomerSchema, room: DiskRoom) -> None:
        self._folder, self._room = folder, room
        self._made = tuple((column.name, column.history) for column in schema.history_columns if column.history)
        names = dict.fromkeys(own.source for _, own in self._made if own.source)
        self._sources = {name: place for place, name in enumerate(names)}
        self._texts = {name for name in names if not schema.column(name).kind.is_number}
        self._months: set[int] = set()
        self._rows = 0

    def close(self) -> None:
        if "_connection" in self.__dict__:
            self._connection.close()

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """Opened with the first row, so that a model without history needs no folder."""
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 2,
                "memory_limit": MEMORY,
                "temp_directory": str(self._folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        kinds = ["VARCHAR" if name in self._texts else "DOUBLE" for name in self._sources]
        values = "".join(f", v{place} {kind}" for place, kind in enumerate(kinds))
        connection.execute(sql.CREATE.format(values=values))
        return connection

    def add(self, batches: Iterable[CustomerBatch], *, month: str | None) -> int:
        before, new = self._rows, set[int]()
        for batch in batches:
            rows = self._table(batch.data, month).filter(pc.field("m") != NO_MONTH)
            if rows.num_rows:
                self._room.check()
                new |= set(pc.unique(rows.column("m")).to_pylist())
                rows = rows.append_column("rn", pa.array(np.arange(self._rows, self._rows + rows.num_rows)))
                self._rows += rows.num_rows
                self._insert(rows)
        self._months |= new
        for place in sorted(new):
            self._connection.execute(sql.ONLY_FIRST.format(month=place))
        return self._rows - before

    @storage_problems()
    def _insert(self, rows: pa.Table) -> None:
        self._connection.register("batch", rows)
        values = "".join(f", v{place}" for place in self._sources.values())
        self._connection.execute(sql.INSERT.format(values=values))
        self._connection.unregister("batch")

    def months(self) -> tuple[str, ...]:
        return tuple(map(month_at, sorted(self._months)))

    def drop(self, month: str) -> None:
        if place_of(month) in self._months:
            self._months.discard(place_of(month))
            self._connection.execute(sql.DROP.format(month=place_of(month)))

    def overlap(self, batch: CustomerBatch, month: str) -> Overlap:
        if place_of(month) not in self._months:
            return Overlap(0, len(pc.unique(batch.data.column("id"))), 0)
        self._connection.register("batch", pa.table({"id": batch.data.column("id")}))
        query = sql.OVERLAP.format(month=place_of(month))
        customers, asked, found = self._connection.execute(query).fetchall()[0]
        self._connection.unregister("batch")
        return Overlap(int(customers), int(asked), int(found))

    def with_columns(self, batch: CustomerBatch, *, month: str | None) -> CustomerBatch:
        if not self._made:
            return batch
        data, made = batch.data, self._joined(batch.data, month) if self._months else None
        for place, (name, own) in enumerate(self._made):
            column = _missing(own, batch.rows) if made is None else _column(own, made.column(f"h{place}"))
            data = data.append_column(PREFIX + name, column)
        return CustomerBatch(batch.rows, data, batch.inputs)

    def _joined(self, data: pa.RecordBatch, month: str | None) -> pa.Table:
        rows = self._table(data, month).append_column("rn", pa.array(np.arange(data.num_rows)))
        self._connection.register("batch", rows)
        lags = sorted({lag for _, own in self._made for lag in own.kind.lags})
        joins = " ".join(sql.JOIN.format(lag=lag, months=self._behind(rows, lag)) for lag in lags)
        values = ", ".join(f"{self._sql(own)} AS h{place}" for place, (_, own) in enumerate(self._made))
        made = self._connection.sql(sql.JOINED.format(values=values, joins=joins)).to_arrow_table()
        self._connection.unregister("batch")
        return made

    def _behind(self, rows: pa.Table, lag: int) -> str:
        """SQL: the kept months that lie so far behind those of the rows."""
        places = {place - lag for place in pc.unique(rows.column("m")).to_pylist()} & self._months
        return ", ".join(map(str, sorted(places))) or "NULL"

    def _sql(self, own: HistoryOf) -> str:
        if own.kind is HistoryKind.SEEN:
            known = ", ".join(map(str, sorted(self._months)))
            full = " AND ".join(f"b.m - {lag} IN ({known})" for lag in own.kind.lags)
            seen = " ".join(f"WHEN p{lag}.id IS NOT NULL THEN {lag}" for lag in reversed(own.kind.lags))
            return sql.SEEN.format(full=full, seen=seen)
        (lag,), place = own.kind.lags, self._sources[own.source]
        return (sql.CHANGED if own.kind is HistoryKind.CHANGED else sql.CHANGE).format(place=place, lag=lag)

    def _table(self, data: pa.RecordBatch, month: str | None) -> pa.Table:
        """The columns that are joined: id, m, and a column for each source, null where the file has none."""
        names = set(data.schema.names)
        columns = {"id": data.column("id"), "m": _months(data, month)}
        for name, place in self._sources.items():
            kind = pa.string() if name in self._texts else pa.float64()
            has = PREFIX + name in names
            columns[f"v{place}"] = data.column(PREFIX + name).cast(kind) if has else pa.nulls(data.num_rows, kind)
        return pa.table(columns)


def _months(data: pa.RecordBatch, month: str | None) -> Any:
    """The rows' months as numbers."""
    if "month" not in data.schema.names:
        return pa.array(np.full(data.num_rows, place_of(month) if month else NO_MONTH, np.int32))
    encoded = data.column("month").dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    places = pa.array([NO_MONTH if text is None else place_of(text) for text in texts], pa.int32())
    return pc.fill_null(places.take(encoded.indices), NO_MONTH)


def _column(own: HistoryOf, values: Any) -> Any:
    """The column of a batch: numbers, or the levels that say whether something changed."""
    whole = values.combine_chunks()
    if own.kind is not HistoryKind.CHANGED:
        return whole.cast(pa.float64())
    return pa.DictionaryArray.from_arrays(whole.cast(pa.int32()), pa.array(YES_NO, pa.string()))


def _missing(own: HistoryOf, rows: int) -> Any:
    kind = pa.bool_() if own.kind is HistoryKind.CHANGED else pa.float64()
    return _column(own, pa.chunked_array([pa.nulls(rows, kind)]))


_: type[HistoryStore] = DuckDbHistoryStore
