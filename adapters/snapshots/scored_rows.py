"""Takes the customers of a run into a base of months, and gives them back with what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.intake.levels import encoded
from adapters.reporting.arrow_text import whole
from adapters.snapshots.reading import SnapshotReader, StoredFile
from application.ports.columns import CustomerColumns
from application.ports.snapshots import FileRows
from domain.snapshot_month import month_at, place_of

PROBABILITY, GONE = "p", "l"
"""The columns of scored rows that other files do not have: the probability, and whether the row says “left”."""


def read_scored(
    reader: SnapshotReader, customers: Iterable[CustomerColumns], month: str, *, by_month: bool
) -> FileRows:
    """Write the rows of this month to a Parquet file of the base. Rows are numbered in the order of the file."""
    path, place, first = reader.next_file(), place_of(month), reader.rows
    writer: pq.ParquetWriter | None = None
    columns: dict[str, int] = {}
    read, used, last = 0, 0, 0
    try:
        for batch in customers:
            read += batch.rows
            table = batch.data.filter(pc.equal(batch.data.column("month"), month)) if by_month else batch.data
            columns = columns or _columns(reader, batch)
            rows = _table(reader, table, columns, place, first)
            writer = writer or pq.ParquetWriter(
                path, rows.schema, compression="lz4", use_dictionary=_texts(rows), write_statistics=False
            )
            writer.write_table(rows)
            used += rows.num_rows
            last = max(last, int(pc.max(table.column("row")).as_py() or 0))
    finally:
        if writer is not None:
            writer.close()
    reader.number(last + 1)
    if used:
        reader.files.append(StoredFile(path, first, used, frozenset({place}), frozenset(columns.values())))
    return FileRows(read, 0, 0, read - used, {month_at(place): used} if used else {})


def _columns(reader: SnapshotReader, batch: CustomerColumns) -> dict[str, int]:
    """By column of the stored customers, its place among all columns of the base, for the attributes."""
    own = {f"a{place}": name for place, name in enumerate(batch.attributes)}
    headers = {column.column: column.header for column in batch.inputs or ()}
    names = tuple(headers.get(column, name) for column, name in own.items())
    places = reader.columns.places_of(names, frozenset())
    return {column: places[position] for position, column in enumerate(own) if position in places}


def _table(reader: SnapshotReader, table: pa.Table, columns: dict[str, int], month: int, first: int) -> pa.Table:
    gone = table.column("actual").fill_null(False)
    rows = {
        "id": table.column("id").cast(pa.string()),
        "m": pa.array(np.full(table.num_rows, month, np.int32)),
        "rn": pc.add(table.column("row"), first),
        PROBABILITY: table.column("probability"),
        GONE: gone,
    }
    for column, place in sorted(columns.items(), key=lambda own: own[1]):
        values = table.column(column)
        if pa.types.is_floating(values.type):
            rows[f"c{place}"] = values.cast(pa.string()).fill_null("")
            continue
        texts = encoded(whole(values.cast(pa.string()).fill_null("")))
        reader.values.add(place, texts, {month: None})
        rows[f"c{place}"] = texts
    return pa.table(rows)


def _texts(table: pa.Table) -> list[str]:
    return [field.name for field in table.schema if pa.types.is_dictionary(field.type)]


def ids_table(ids: Collection[str]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(set(ids)), pa.string())})


def flags(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.asarray(whole(column).to_numpy(zero_copy_only=False), bool)
    return found
