"""Reads one run's files: its notes, its rows in order of risk, and its row groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.results.files.folders import CUSTOMERS, NOTES
from adapters.results.files.layout import ResultNotes, written_column

READ_AT_ONCE = 32 * 1024**2
"""Uncompressed bytes of row groups that are read together."""
GATHERED = 65_536
"""Customers that are read together, if they have few columns."""

Stretch = slice
"""Positions [start, stop). An alias, because `slice` is a method of StoredRun."""
Mark = tuple[str, int, int, int]
"""A run's id, and inode, time of the last change and size of its customers' file."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A stored run. `mark` changes when the run is rewritten; its first part is the run's id.

    `ends` is the row number at which each row group ends.
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
        """Open the file with the cached footer, which describes every column of every row group."""
        return pq.ParquetFile(self.parquet, metadata=self.metadata)

    def empty(self, columns: list[str]) -> pa.Table:
        """A table of these columns without rows."""
        return self.metadata.schema.to_arrow_schema().empty_table().select(columns)

    def slice(self, start: int, stop: int, columns: list[str] | None = None) -> pa.Table:
        """Rows [start, stop) in order of risk. Reads only the row groups that contain them."""
        return self.rows(np.arange(start, max(start, stop)), columns)

    def rows(self, positions: NDArray[np.int64], columns: list[str] | None = None) -> pa.Table:
        """The rows at these positions, in the given order. Reads every row group that contains them once."""
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
        """Approximate decoded size of a column without nested parts."""
        place = self.metadata.schema.to_arrow_schema().get_field_index(column)
        groups = (self.metadata.row_group(group) for group in range(self.metadata.num_row_groups))
        return sum(int(group.column(place).total_uncompressed_size) for group in groups)

    def read(self, columns: list[str]) -> pa.Table:
        with self.open() as file:
            return file.read(columns=columns, use_threads=False)

    def probabilities(self) -> NDArray[np.float64]:
        """Probabilities in ascending order, the reverse of the file's order (n)."""
        falling: NDArray[np.float64] = self.read(["probability"]).column(0).to_numpy()
        return falling[::-1]

    def gathered(self, positions: NDArray[np.int64], columns: list[str] | None = None) -> Iterator[pa.Table]:
        """The rows at these positions, in the given order, in several tables. Row groups are read again for each."""
        size = sum(self.metadata.row_group(group).total_byte_size for group in range(self.metadata.num_row_groups))
        rows = min(GATHERED, max(1, self._most(columns) * self.notes.rows // max(1, size)))
        for start in range(0, len(positions), rows):
            yield self.rows(positions[start : start + rows], columns)

    def _most(self, columns: list[str] | None) -> int:
        """Approximate bytes of row groups whose part in these columns is read together."""
        all_columns = int(self.metadata.num_columns)
        return READ_AT_ONCE * all_columns // (len(columns) if columns else all_columns)

    def slices(
        self, start: int, stop: int, *, columns: list[str] | None = None, rows: int = GATHERED
    ) -> Iterator[pa.Table]:
        """The range [start, stop) in chunks of at most `rows`. Reads every row group once, small ones together."""
        with self.open() as file:
            most = self._most(columns)
            before, together = 0, list[int]()
            for group in range(file.num_row_groups):
                together.append(group)
                read = [file.metadata.row_group(place) for place in together]
                rows_read = sum(part.num_rows for part in read)
                after = file.metadata.row_group(group + 1) if group + 1 < file.num_row_groups else None
                size = sum(part.total_byte_size for part in read)
                if after and rows_read + after.num_rows <= rows and size + after.total_byte_size <= most:
                    continue
                low, high = max(start - before, 0), min(stop - before, rows_read)
                if low < high:
                    table = file.read_row_groups(together, columns=columns, use_threads=False).slice(low, high - low)
                    for place in range(0, table.num_rows, rows):
                        yield table.slice(place, rows)
                before, together = before + rows_read, []

    def picked(self, positions: NDArray[np.int64], columns: list[str]) -> Iterator[tuple[pa.Table, Stretch]]:
        """The rows at these ascending positions, row group by row group, and the range of positions in each table."""
        with self.open() as file:
            before = 0
            for group in range(file.num_row_groups):
                after = before + file.metadata.row_group(group).num_rows
                inside = slice(*np.searchsorted(positions, (before, after)).tolist())
                if inside.start < inside.stop:
                    table = file.read_row_group(group, columns=columns, use_threads=False)
                    yield table.take(pa.array(positions[inside] - before)), inside
                before = after


def written_columns(stored: StoredRun) -> list[str]:
    """The columns of the Parquet file with cells as the customer file writes them."""
    inputs = range(len(stored.notes.inputs or ()))
    known = set(stored.metadata.schema.to_arrow_schema().names)
    return [name for name in map(written_column, inputs) if name in known]


def mark_of(run_id: str, folder: Path) -> Mark:
    """Raises FileNotFoundError if the run's customers were deleted in the meantime."""
    stat = (folder / CUSTOMERS).stat()
    return run_id, stat.st_ino, stat.st_mtime_ns, stat.st_size


def stored_run(folder: Path, mark: Mark) -> StoredRun:
    """Raises FileNotFoundError if the run was deleted in the meantime."""
    notes = ResultNotes.from_json((folder / NOTES).read_text("utf-8"))
    metadata = pq.read_metadata(folder / CUSTOMERS)
    ends = np.cumsum([metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)], dtype=np.int64)
    return StoredRun(folder / CUSTOMERS, notes, mark, metadata, ends)
