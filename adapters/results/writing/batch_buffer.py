"""Buffers a run's customers while they are scored: in memory while there are few, then in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

IN_MEMORY_ROWS = 200_000
IN_MEMORY_BYTES = 32 * 1024**2
"""Maximum bytes in memory. With thousands of columns, fewer rows are held."""
STRETCHES, STRETCHES_OF_WIDE, WIDE = 64, 16, 1_000
"""Ranges of risk into which customers are divided on disk. Each range is sorted in memory and costs some time per
column, so there are fewer ranges for more than WIDE columns."""
ORDERED_AT_ONCE = 32 * 1024**2
"""Bytes of customers that are sorted together, however many have the same risk."""
BLOCK = 65_536
"""Customers whose figures are summed together."""


class FixedBlocks:
    """Regroups batches into blocks of BLOCK rows, so that sums do not depend on the size of the batches."""

    def __init__(self) -> None:
        self._held: list[tuple[NDArray[Any], ...]] = []
        self._rows = 0

    def add(self, *columns: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
        """Add arrays of equal length, the same number each time. Returns the complete blocks."""
        while self._rows + len(columns[0]) >= BLOCK:
            missing = BLOCK - self._rows
            self._held.append(tuple(column[:missing] for column in columns))
            columns = tuple(column[missing:] for column in columns)
            yield from self.rest()
        if len(columns[0]):
            self._held.append(columns)
            self._rows += len(columns[0])

    def rest(self) -> Iterator[tuple[NDArray[Any], ...]]:
        pending, self._held, self._rows = self._held, [], 0
        if pending:
            yield (
                tuple(np.concatenate(parts) for parts in zip(*pending, strict=True)) if len(pending) > 1 else pending[0]
            )


class BatchBuffer:
    """Buffers batches of one schema and returns them in the same order."""

    def __init__(self, path: Path, *, in_memory_rows: int = IN_MEMORY_ROWS) -> None:
        self._path = path
        self._in_memory_rows = in_memory_rows
        self._held: list[pa.RecordBatch] = []
        self._file: pa.ipc.RecordBatchFileWriter | None = None
        self.rows = 0

    def append(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self._held.append(batch)
        if self.rows > self._in_memory_rows:
            if self._file is None:
                self._file = pa.ipc.new_file(str(self._path), batch.schema)
            for held in self._held:
                self._file.write_batch(held)
            self._held = []

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches, one by one. Nothing can be appended afterwards."""
        if self._file is None:
            yield from self._held
            return
        self._file.close()
        with pa.OSFile(str(self._path)) as file:
            reader = pa.ipc.open_file(file)
            for place in range(reader.num_record_batches):
                yield reader.get_batch(place)

    def remove(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._held = []
        self._path.unlink(missing_ok=True)


class Part(NamedTuple):
    """The position of a batch in the file, and the index of its schema."""

    at: int
    size: int
    schema: int


class RiskOrderedBuffer:
    """Buffers batches with a column `probability` and returns them sorted, highest first, ties in the given order.

    A column that a batch lacks is null in the result. Beyond `in_memory_rows`, the first customers determine how the
    probabilities are divided into ranges of about equally many customers. Batches are sorted and split at these limits.
    Then one range at a time is read, sorted and returned.
    """

    def __init__(self, path: Path, *, in_memory_rows: int = IN_MEMORY_ROWS) -> None:
        self._path = path
        self._in_memory_rows = in_memory_rows
        self._held: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._schemas: list[pa.Schema] = []
        self._edges: NDArray[np.float64] = np.empty(0)
        self._parts: list[list[Part]] = []
        self._file: BinaryIO | None = None

    def append(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        self._held.append(batch)
        if self._rows > self._in_memory_rows:
            self._flush(self._held)
        elif self._bytes > IN_MEMORY_BYTES:
            self._flush(_together(self._held).combine_chunks().to_batches())

    def _flush(self, batches: list[pa.RecordBatch]) -> None:
        for batch in batches:
            self._write(batch)
        self._held, self._bytes = [], 0

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._file is None:
            self._file = self._path.open("w+b")
            stretches = STRETCHES_OF_WIDE if batch.num_columns > WIDE else STRETCHES
            known = np.concatenate([_falling(held) for held in self._held])
            self._edges = np.unique(np.quantile(known, np.arange(1, stretches) / stretches))
            self._parts = [[] for _ in range(len(self._edges) + 1)]
        if not self._schemas or self._schemas[-1] != batch.schema:
            self._schemas.append(batch.schema)
        batch, key = _sorted(batch)
        cuts = [0, *np.searchsorted(key, self._edges, side="right").tolist(), batch.num_rows]
        for parts, start, stop in zip(self._parts, cuts, cuts[1:], strict=False):
            if start < stop:
                written = batch.slice(start, stop - start).serialize()
                parts.append(Part(self._file.tell(), written.size, len(self._schemas) - 1))
                self._file.write(written)

    def tables(self) -> Iterator[pa.Table]:
        """All customers in order of risk. Nothing can be appended afterwards."""
        if self._file is None:
            if self._held:
                yield _in_order(self._held)
            return
        self._flush(self._held)
        for parts in self._parts:
            if sum(part.size for part in parts) <= ORDERED_AT_ONCE:
                if parts:
                    yield _in_order(list(map(self._read, parts)))
            else:
                yield from self._in_portions(parts)

    def _in_portions(self, parts: list[Part]) -> Iterator[pa.Table]:
        """Sort a range that is too large for memory, one portion at a time.

        Each part is sorted, so its rows of a portion are contiguous.
        """
        keys = [_falling(self._read(part)) for part in parts]
        starts = np.cumsum([0, *map(len, keys)])
        order = np.argsort(np.concatenate(keys), kind="stable")
        portions = -(-sum(part.size for part in parts) // ORDERED_AT_ONCE)
        done = np.zeros(len(parts), np.int64)
        for rows in np.array_split(order, portions):
            counts = np.bincount(np.searchsorted(starts, rows, side="right") - 1, minlength=len(parts))
            yield _in_order(
                [
                    _alone(self._read(part).slice(first, more))
                    for part, first, more in zip(parts, done.tolist(), counts.tolist(), strict=True)
                    if more
                ]
            )
            done += counts

    def _read(self, part: Part) -> pa.RecordBatch:
        assert self._file is not None  # noqa: S101 - parts were written to it
        self._file.seek(part.at)
        return pa.ipc.read_record_batch(pa.py_buffer(self._file.read(part.size)), self._schemas[part.schema])

    def remove(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._held = []
        self._path.unlink(missing_ok=True)


def _alone(part: pa.RecordBatch) -> pa.RecordBatch:
    """A copy of a slice, so that the memory of its batch can be released."""
    return part.take(pa.array(np.arange(part.num_rows)))


def _falling(batch: pa.RecordBatch | pa.Table) -> NDArray[np.float64]:
    """A sort key that rises as the risk falls."""
    return -np.asarray(batch.column("probability").to_numpy(), np.float64)


def _sorted(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, NDArray[np.float64]]:
    key = _falling(batch)
    order = np.argsort(key, kind="stable")
    return batch.take(pa.array(order)), key[order]


def _in_order(batches: list[pa.RecordBatch]) -> pa.Table:
    table = _together(batches).combine_chunks()
    return table.take(pa.array(np.argsort(_falling(table), kind="stable")))


def _together(batches: list[pa.RecordBatch]) -> pa.Table:
    if all(batch.schema.equals(batches[0].schema) for batch in batches[1:]):
        return pa.Table.from_batches(batches)
    return pa.concat_tables([pa.Table.from_batches([batch]) for batch in batches], promote_options="default")
