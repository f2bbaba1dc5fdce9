"""One run's files as they lie: its notes, its rows in order of risk, and which row groups hold what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.results.folders import CUSTOMERS, NOTES
from adapters.results.layout import ResultNotes

READ_AT_ONCE = 32 * 1024**2
"""Bytes, before compression, of row groups that are read together."""
GATHERED = 65_536
"""Customers that are read together, if they have few columns."""

Mark = tuple[str, int, int, int]
"""A run's id; and inode, time of the last change and size of its customers' file."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`mark` changes when the run is written anew; its first part is the run's id.

    `ends` is where each row group ends, in rows.
    """

    parquet: Path
    notes: ResultNotes
    mark: Mark
    metadata: pq.FileMetaData
    ends: NDArray[np.int64]

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
            groups = np.searchsorted(self.ends, positions, side="right")
            parts, order = [file.schema_arrow.empty_table().select(columns or file.schema_arrow.names)], []
            for group in np.unique(groups).tolist():
                inside = np.flatnonzero(groups == group)
                first = int(self.ends[group - 1]) if group else 0
                table = file.read_row_group(group, columns=columns, use_threads=False)
                parts.append(table.take(pa.array(positions[inside] - first)))
                order.append(inside)
        table = pa.concat_tables(parts)
        return table.take(pa.array(np.argsort(np.concatenate(order)))) if len(order) > 1 else table

    def bytes_of(self, column: str) -> int:
        """What a column without nested parts takes when decoded, about."""
        place = self.metadata.schema.to_arrow_schema().get_field_index(column)
        groups = (self.metadata.row_group(group) for group in range(self.metadata.num_row_groups))
        return sum(int(group.column(place).total_uncompressed_size) for group in groups)

    def read(self, columns: list[str]) -> pa.Table:
        with self.open() as file:
            return file.read(columns=columns, use_threads=False)

    def probabilities(self) -> NDArray[np.float64]:
        """Rising, the reverse of the file's order (n)."""
        return self.read(["probability"]).column(0).to_numpy()[::-1]

    def gathered(self, positions: NDArray[np.int64], columns: list[str] | None = None) -> Iterator[pa.Table]:
        """The rows at these places, in the order given, some at a time; row groups are read anew each time."""
        size = sum(self.metadata.row_group(group).total_byte_size for group in range(self.metadata.num_row_groups))
        rows = min(GATHERED, max(1, self._most(columns) * self.notes.rows // max(1, size)))
        for start in range(0, len(positions), rows):
            yield self.rows(positions[start : start + rows], columns)

    def _most(self, columns: list[str] | None) -> int:
        """Bytes of whole row groups of which as much is in these columns as is read together, about."""
        return READ_AT_ONCE * self.metadata.num_columns // (len(columns) if columns else self.metadata.num_columns)

    def slices(
        self, start: int, stop: int, *, columns: list[str] | None = None, rows: int = GATHERED
    ) -> Iterator[pa.Table]:
        """The stretch [start, stop) in chunks of at most `rows`; every row group is read once, small ones together."""
        with self.open() as file:
            most = self._most(columns)
            before, together = 0, list[int]()
            for group in range(file.num_row_groups):
                together.append(group)
                read = [file.metadata.row_group(place) for place in together]
                held = sum(part.num_rows for part in read)
                after = file.metadata.row_group(group + 1) if group + 1 < file.num_row_groups else None
                size = sum(part.total_byte_size for part in read)
                if after and held + after.num_rows <= rows and size + after.total_byte_size <= most:
                    continue
                low, high = max(start - before, 0), min(stop - before, held)
                if low < high:
                    table = file.read_row_groups(together, columns=columns, use_threads=False).slice(low, high - low)
                    for place in range(0, table.num_rows, rows):
                        yield table.slice(place, rows)
                before, together = before + held, []

    def picked(self, positions: NDArray[np.int64], columns: list[str]) -> Iterator[tuple[pa.Table, slice]]:
        """The rows at these rising places, row group by row group, and which of the places each table holds."""
        with self.open() as file:
            before = 0
            for group in range(file.num_row_groups):
                after = before + file.metadata.row_group(group).num_rows
                inside = slice(*np.searchsorted(positions, (before, after)).tolist())
                if inside.start < inside.stop:
                    table = file.read_row_group(group, columns=columns, use_threads=False)
                    yield table.take(pa.array(positions[inside] - before)), inside
                before = after


def mark_of(run_id: str, folder: Path) -> Mark:
    """Raises FileNotFoundError where the run's customers went meanwhile."""
    stat = (folder / CUSTOMERS).stat()
    return run_id, stat.st_ino, stat.st_mtime_ns, stat.st_size


def stored_run(folder: Path, mark: Mark) -> StoredRun:
    """Raises FileNotFoundError where the run went meanwhile."""
    notes = ResultNotes.from_json((folder / NOTES).read_text("utf-8"))
    metadata = pq.read_metadata(folder / CUSTOMERS)
    ends = np.cumsum([metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)], dtype=np.int64)
    return StoredRun(folder / CUSTOMERS, notes, mark, metadata, ends)
