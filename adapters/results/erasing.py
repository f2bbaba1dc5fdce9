"""One customer taken out of a run's stored customers: the file is written anew and takes the old one's place."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adapters.results.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.layout import ResultNotes
from adapters.results.slots import make_slots
from adapters.results.stored import mark_of, stored_run
from domain.run import RunId

ERASED = "(erased)"


def erase_customer(folders: ResultFolders, run_id: RunId, customer_id: str) -> int:
    """How many rows went. Raises ResultMissing. Sums by probability stay: they are statistics, not a person."""
    source = folders.of(run_id)
    notes = ResultNotes.from_json((source / NOTES).read_text("utf-8"))
    with pq.ParquetFile(source / CUSTOMERS) as file:
        if not _names(file, customer_id):
            return 0
        target = folders.begin(run_id)
        gone, kept = 0, notes
        with pq.ParquetWriter(
            target / CUSTOMERS,
            file.schema_arrow,
            compression="zstd",
            compression_level=1,
            write_statistics=["row", "probability", "gain"],
            store_schema=True,
        ) as writer:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, use_threads=False)
                theirs = pc.equal(table.column("id"), customer_id)
                left = _without_mentions(table.filter(pc.invert(theirs)), customer_id)
                kept = _without(kept, table.filter(theirs))
                gone += table.num_rows - left.num_rows
                if left.num_rows:
                    writer.write_table(left, row_group_size=left.num_rows)
    (target / NOTES).write_text(kept.to_json(), "utf-8")
    make_slots(stored_run(target, mark_of(run_id, target)))
    folders.publish(target, run_id)
    return gone


def _names(file: pq.ParquetFile, customer_id: str) -> bool:
    """Whether the customer is there at all, by id or in somebody else's remaining columns."""
    columns = ["id", *_extra(file.schema_arrow)]
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=columns, use_threads=False)
        if pc.any(pc.equal(table.column("id"), customer_id)).as_py():
            return True
        if _distinctive(customer_id) and any(_mentions(table.column(name), customer_id) for name in columns[1:]):
            return True
    return False


def _without_mentions(table: pa.Table, customer_id: str) -> pa.Table:
    if not _distinctive(customer_id):
        return table
    for name in _extra(table.schema):
        column = table.column(name)
        if _mentions(column, customer_id):
            cleaned = [text and _as_word(customer_id).sub(ERASED, text) for text in column.to_pylist()]
            table = table.set_column(table.column_names.index(name), name, pa.array(cleaned, pa.string()))
    return table


def _mentions(column: pa.ChunkedArray, customer_id: str) -> bool:
    return bool(pc.any(pc.match_substring(column, customer_id)).as_py())


def _extra(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if re.fullmatch(r"x\d+", name)]


def _without(notes: ResultNotes, gone: pa.Table) -> ResultNotes:
    churned = pc.sum(gone.column("actual").cast(pa.int64())).as_py() or 0
    revenue = pc.sum(gone.column("revenue")).as_py() or 0.0
    return replace(
        notes,
        rows=notes.rows - gone.num_rows,
        churned=notes.churned - churned,
        stayed=notes.stayed - (pc.count(gone.column("actual")).as_py() - churned),
        revenue_total=None if notes.revenue_total is None else notes.revenue_total - revenue,
    )


def _distinctive(customer_id: str) -> bool:
    """Whether the id means the customer wherever it stands; "17" may as well be a number of months."""
    return len(customer_id) >= 4 and (len(customer_id) >= 7 or not re.fullmatch(r"[\d.,\s]*", customer_id))


def _as_word(customer_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(customer_id)}(?![\w-])")
