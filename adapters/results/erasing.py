"""One customer taken out of a run's stored customers: the file is written anew and takes the old one's place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.results.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.layout import ResultNotes, StoredAttribute
from adapters.results.manifest import damaged_files, fingerprint, seal
from adapters.results.slots import make_slots
from adapters.results.stored import mark_of, stored_run
from adapters.storage.problems import storage_problems
from application.ports.columns import CustomerBatch
from application.ports.results import ScoreAnew
from domain import mention
from domain.errors import ResultDamaged
from domain.run import RunId


@storage_problems()
def erase_customer(
    folders: ResultFolders,
    run_id: RunId,
    customer_id: str,
    *,
    score_anew: ScoreAnew | None = None,
    accept: Callable[[str], None] = lambda _: None,
) -> int:
    """How many rows went. Raises ResultMissing, or ResultDamaged where the files are not as they were written.

    `accept` hears the hash of the new manifest before the new files take the place of the old ones. A result of a
    version without manifests gets none here: nobody could tell damage that it has already.

    Sums by probability stay: they are statistics, not a person. Sums by an attribute's values are calculated again
    from the customers who are left, whose SHAP values are not stored: without `score_anew` there are none any more.
    """
    source = folders.of(run_id)
    if damaged := damaged_files(source):
        raise ResultDamaged(run_id, damaged[0])
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
    make_slots(
        stored_run(target, mark_of(run_id, target)),
        explain=lambda table: _contributions(table, kept.attributes, score_anew) if score_anew else None,
    )
    if fingerprint(source) is not None:
        accept(seal(target))
    folders.publish(target, run_id)
    return gone


def _contributions(
    table: pa.Table, attributes: Sequence[StoredAttribute], score_anew: ScoreAnew
) -> NDArray[np.float32]:
    """SHAP values of stored customers (n × attributes): their attributes stand as they were scored."""
    columns = {}
    for attribute in attributes:
        column = table.column(attribute.column).unify_dictionaries().combine_chunks()
        coded = attribute.numeric or pa.types.is_dictionary(column.type)
        columns[f"a:{attribute.name}"] = column if coded else column.dictionary_encode()
    scored = score_anew(CustomerBatch(table.num_rows, pa.RecordBatch.from_pydict(columns)))
    contributions: NDArray[np.float32] = scored.contributions
    return contributions


def _names(file: pq.ParquetFile, customer_id: str) -> bool:
    """Whether the customer is there at all, by id or in what somebody else's row says."""
    columns = ["id", *_texts(file.schema_arrow)]
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=columns, use_threads=False)
        if pc.any(pc.equal(table.column("id"), customer_id)).as_py():
            return True
        if any(_mentions(table.column(name), customer_id) for name in columns[1:]):
            return True
    return False


def _without_mentions(table: pa.Table, customer_id: str) -> pa.Table:
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_dictionary(field.type):  # encoded anew: a dictionary keeps values that no row has any more
            column = column.cast(pa.string()).combine_chunks().dictionary_encode().cast(field.type)
        if field.name in _texts(table.schema) and _mentions(column, customer_id):
            cleaned = [text and mention.without(text, customer_id) for text in column.to_pylist()]
            column = pa.array(cleaned, pa.string())
            column = column.dictionary_encode().cast(field.type) if pa.types.is_dictionary(field.type) else column
        table = table.set_column(place, field, column)
    return table


def _mentions(column: pa.ChunkedArray, customer_id: str) -> bool:
    if not mention.is_distinctive(customer_id):
        return False
    return bool(pc.any(pc.match_substring(column.cast(pa.string()), customer_id)).as_py())


def _texts(schema: pa.Schema) -> list[str]:
    """The columns that hold what a file said: attributes as text, and the file's other columns."""
    return [
        field.name
        for field in schema
        if re.fullmatch(r"[ax]\d+", field.name)
        and (pa.types.is_string(field.type) or pa.types.is_dictionary(field.type))
    ]


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
