"""Writes labelled rows as CSV: every text is made safe for spreadsheets by the one function that exports use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.reporting.arrow_text import as_cells, whole
from adapters.snapshots.reading import StoredFile
from domain.snapshot_month import month_at

LEFT, STAYED = "Yes", "No"
NO_LABEL = -1
"""The label of a row that is not written."""
BATCH_ROWS = 65_536
AS_THEY_ARE = pa_csv.WriteOptions(include_header=False, batch_size=BATCH_ROWS, quoting_style="none")


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """Rows to write: ids, months as numbers, cells, and 1 for those who left (all of equal length)."""

    ids: Any
    months: Any
    cells: tuple[Any, ...]
    lefts: NDArray[np.int8]


def labelled_batches(file: StoredFile, places: Sequence[int], labels: NDArray[np.int8]) -> Iterator[LabelledBatch]:
    """The rows of a file with their labels; "" for a column that the file does not have."""
    names = [f"c{place}" for place in places if place in file.columns]
    start = 0
    with pq.ParquetFile(file.path, read_dictionary=names) as parquet:
        for batch in parquet.iter_batches(BATCH_ROWS, columns=["id", "m", *names]):
            own = labels[start : start + batch.num_rows]
            start += batch.num_rows
            chosen = own != NO_LABEL
            if chosen.any():
                rows = batch if chosen.all() else batch.filter(pa.array(chosen))
                empty = pa.repeat("", rows.num_rows)
                cells = tuple(rows.column(f"c{p}") if p in file.columns else empty for p in places)
                yield LabelledBatch(rows.column("id"), rows.column("m"), cells, own[chosen])


def write_csv_rows(
    file: BinaryIO, header: Sequence[str], batches: Iterable[LabelledBatch], *, with_month: bool
) -> Iterator[int]:
    """Yields the number of rows of each batch once it is written."""
    file.write((",".join(as_cells(pa.array(header, pa.string()), raw=False).to_pylist()) + "\n").encode())
    for batch in batches:
        _write(file, batch, with_month=with_month)
        yield len(batch.lefts)


def _write(file: BinaryIO, batch: LabelledBatch, *, with_month: bool) -> None:
    labels = pa.DictionaryArray.from_arrays(pa.array(batch.lefts), pa.array([STAYED, LEFT])).cast(pa.string())
    months = [_months(batch.months)] if with_month else []
    columns = [_cells(batch.ids), *months, *map(_cells, batch.cells), labels]
    table = pa.table(columns, names=[str(place) for place in range(len(columns))])
    lines = pa.BufferOutputStream()
    try:
        pa_csv.write_csv(table, lines, AS_THEY_ARE)
    except pa.ArrowInvalid:  # a cell that has been quoted, which the writer takes for a mistake
        texts = pc.binary_join_element_wise(*columns, ",").to_pylist()
        file.write("".join(f"{text}\n" for text in texts).encode())
    else:
        file.write(lines.getvalue())


def _cells(texts: Any) -> Any:
    """Trimmed, escaped and quoted. A column of few values is looked at value by value."""
    column = whole(texts)
    if not pa.types.is_dictionary(column.type):
        return as_cells(_trimmed(column), raw=False)
    return pc.fill_null(as_cells(_trimmed(column.dictionary), raw=False).take(column.indices), "")


def _trimmed(texts: Any) -> Any:
    return pc.utf8_trim_whitespace(pc.fill_null(texts.cast(pa.string()), ""))


def _months(numbers: Any) -> Any:
    encoded = whole(numbers).dictionary_encode()
    words = pa.array([month_at(number) for number in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)
