"""Attributes of history by plain dictionaries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from application.ports.columns import CustomerBatch
from application.ports.history import History, HistoryStore, Overlap
from domain.history_kind import HistoryKind, HistoryOf
from domain.schema import CustomerSchema
from domain.snapshot_month import month_at, place_of

Cells = dict[str, Any]


class HistoryInMemory:
    def __init__(self, schema: CustomerSchema) -> None:
        self._made = [(column.name, column.history) for column in schema.history_columns if column.history]
        self._past: dict[str, dict[str, Cells]] = {}

    def _rows(self, batch: CustomerBatch, month: str | None) -> list[tuple[str, str | None, Cells]]:
        rows = []
        for row in batch.data.to_pylist():
            own = row.get("month", month)
            rows.append((row["id"], own, {name[2:]: cell for name, cell in row.items() if name.startswith("a:")}))
        return rows

    def add(self, batches: Iterable[CustomerBatch], *, month: str | None) -> int:
        count = 0
        for batch in batches:
            for customer, own, cells in self._rows(batch, month):
                if own is not None:
                    count += 1
                    self._past.setdefault(own, {}).setdefault(customer, cells)
        return count

    def months(self) -> tuple[str, ...]:
        return tuple(sorted(self._past))

    def drop(self, month: str) -> None:
        self._past.pop(month, None)

    def overlap(self, batch: CustomerBatch, month: str) -> Overlap:
        asked, kept = set(batch.data.column("id").to_pylist()), self._past.get(month, {})
        return Overlap(len(kept), len(asked), len(asked & set(kept)))

    def with_columns(self, batch: CustomerBatch, *, month: str | None) -> CustomerBatch:
        if not self._made:
            return batch
        data, rows = batch.data, self._rows(batch, month)
        for name, own in self._made:
            values = [self._value(own, *row) for row in rows]
            if own.kind is HistoryKind.CHANGED:
                codes = pa.array([None if value is None else int(value) for value in values], pa.int32())
                column: Any = pa.DictionaryArray.from_arrays(codes, pa.array(["No", "Yes"]))
            else:
                column = pa.array(values, pa.float64())
            data = data.append_column(f"a:{name}", column)
        return CustomerBatch(batch.rows, data, batch.inputs)

    def _value(self, own: HistoryOf, customer: str, month: str | None, cells: Cells) -> Any:
        if month is None:
            return None
        before = {lag: self._past.get(month_at(place_of(month) - lag)) for lag in own.kind.lags}
        if own.kind is HistoryKind.SEEN:
            if any(kept is None for kept in before.values()):
                return None
            return float(max((lag for lag, kept in before.items() if customer in (kept or {})), default=0))
        (kept,) = before.values()
        old, new = (kept or {}).get(customer, {}).get(own.source), cells.get(own.source)
        if old is None or new is None:
            return None
        if own.kind is HistoryKind.CHANGED:
            return old != new
        return new - old if math.isfinite(new - old) else None


class HistoryStoreInMemory:
    @contextmanager
    def open(self, schema: CustomerSchema) -> Iterator[History]:
        yield HistoryInMemory(schema)


_: type[HistoryStore] = HistoryStoreInMemory
