"""Erases one customer from a stored run by rewriting and replacing its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.results.files.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.files.layout import ResultNotes, StoredAttribute
from adapters.results.files.manifest import damaged_files, fingerprint, seal
from adapters.results.reading.stored_run import mark_of, stored_run
from adapters.results.writing.bin_codes import write_bin_codes
from adapters.results.writing.run_totals import ContactingTotals, has_left
from adapters.storage.problems import storage_problems
from application.ports.columns import CustomerBatch
from application.ports.results import Rescore
from domain import redaction
from domain.errors import ResultDamaged
from domain.run import RunId


@storage_problems()
def erase_customer(
    folders: ResultFolders,
    run_id: RunId,
    customer_id: str,
    *,
    rescore: Rescore | None = None,
    accept: Callable[[str], None] = lambda _: None,
) -> int:
    """Erase a customer and return the number of deleted rows. Raises ResultMissing, or ResultDamaged.

    `accept` receives the hash of the new manifest before the new files replace the old ones. A result of a version
    without manifests gets no manifest here, because existing damage could not be detected any more.

    Sums by probability are kept, because they are statistics and not personal data. Sums by attribute are calculated
    again from the remaining customers. Their SHAP values are not stored: without `rescore`, these sums are removed.
    """
    source = folders.of(run_id)
    if damaged := damaged_files(source):
        raise ResultDamaged(run_id, damaged[0])
    notes = ResultNotes.from_json((source / NOTES).read_text("utf-8"))
    with pq.ParquetFile(source / CUSTOMERS) as file:
        if not _names(file, customer_id):
            return 0
        target = folders.begin(run_id)
        deleted, remaining_notes = _copy_without(customer_id, file, notes, target / CUSTOMERS)
    (target / NOTES).write_text(remaining_notes.to_json(), "utf-8")
    write_bin_codes(
        stored_run(target, mark_of(run_id, target)),
        explain=lambda table: _contributions(table, remaining_notes.attributes, rescore) if rescore else None,
    )
    if fingerprint(source) is not None:
        accept(seal(target))
    folders.publish(target, run_id)
    return deleted


def _copy_without(customer_id: str, file: pq.ParquetFile, notes: ResultNotes, target: Path) -> tuple[int, ResultNotes]:
    """Copy the other customers to `target`. Returns the number of rows left out, and the notes on the others."""
    deleted, actions = 0, notes.actions
    contacting = ContactingTotals(len(actions))
    with pq.ParquetWriter(
        target,
        file.schema_arrow,
        compression="zstd",
        compression_level=1,
        write_statistics=["row", "probability", "gain"],
        store_schema=True,
    ) as writer:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            is_customer = pc.equal(table.column("id"), customer_id)
            remaining = _without_mentions(table.filter(pc.invert(is_customer)), customer_id)
            notes = _without(notes, table.filter(is_customer))
            deleted += table.num_rows - remaining.num_rows
            gain, left = remaining.column("gain").to_numpy(), has_left(remaining.column("actual"))
            contacting.add(remaining.column("action").to_numpy(), gain, left)
            if remaining.num_rows:
                writer.write_table(remaining, row_group_size=remaining.num_rows)
    return deleted, replace(notes, contacting=contacting.sums(actions))


def _contributions(table: pa.Table, attributes: Sequence[StoredAttribute], rescore: Rescore) -> NDArray[np.float32]:
    """SHAP values of stored customers (n × attributes), calculated from their stored attributes."""
    columns = {}
    for attribute in attributes:
        column = table.column(attribute.column).unify_dictionaries().combine_chunks()
        coded = attribute.numeric or pa.types.is_dictionary(column.type)
        columns[f"a:{attribute.name}"] = column if coded else column.dictionary_encode()
    scored = rescore(CustomerBatch(table.num_rows, pa.RecordBatch.from_pydict(columns)))
    contributions: NDArray[np.float32] = scored.contributions
    return contributions


def _names(file: pq.ParquetFile, customer_id: str) -> bool:
    """Whether the file contains the customer, as an id or as a mention in another customer's row."""
    columns = ["id", *_texts(file.schema_arrow)]
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=columns, use_threads=False)
        if pc.any(pc.equal(table.column("id"), customer_id)).as_py():
            return True
        if any(_mentions(table.column(name), customer_id) for name in columns[1:]):
            return True
    return False


def _without_mentions(table: pa.Table, customer_id: str) -> pa.Table:
    texts = frozenset(_texts(table.schema))
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_dictionary(field.type):  # encode again, to drop dictionary values that no row has any more
            column = column.cast(pa.string()).combine_chunks().dictionary_encode().cast(field.type)
        if field.name in texts and _mentions(column, customer_id):
            cleaned = [text and redaction.without(text, customer_id) for text in column.to_pylist()]
            column = pa.array(cleaned, pa.string())
            column = column.dictionary_encode().cast(field.type) if pa.types.is_dictionary(field.type) else column
        table = table.set_column(place, field, column)
    return table


def _mentions(column: pa.ChunkedArray, customer_id: str) -> bool:
    if not redaction.is_distinctive(customer_id):
        return False
    return bool(pc.any(pc.match_substring(column.cast(pa.string()), customer_id)).as_py())


def _texts(schema: pa.Schema) -> list[str]:
    """The text columns from the customer file: attributes and other columns."""
    return [
        field.name
        for field in schema
        if re.fullmatch(r"[axw]\d+", field.name)
        and (pa.types.is_string(field.type) or pa.types.is_dictionary(field.type))
    ]


def _without(notes: ResultNotes, deleted_rows: pa.Table) -> ResultNotes:
    churned = pc.sum(deleted_rows.column("actual").cast(pa.int64())).as_py() or 0
    revenue = pc.sum(deleted_rows.column("revenue")).as_py() or 0.0
    return replace(
        notes,
        rows=notes.rows - deleted_rows.num_rows,
        churned=notes.churned - churned,
        stayed=notes.stayed - (pc.count(deleted_rows.column("actual")).as_py() - churned),
        revenue_total=None if notes.revenue_total is None else notes.revenue_total - revenue,
    )
