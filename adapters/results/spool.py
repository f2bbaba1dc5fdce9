"""A run's batches while it is being scored: in memory while few, then in a file that is mapped to be sorted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

IN_MEMORY_ROWS = 200_000


class Spool:
    """Batches of one schema, in the order given. Memory stays flat whatever their number."""

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
            self._write_held(batch.schema)

    def _write_held(self, schema: pa.Schema) -> None:
        if self._file is None:
            self._file = pa.ipc.new_file(str(self._path), schema)
        for batch in self._held:
            self._file.write_batch(batch)
        self._held = []

    def batches(self) -> list[pa.RecordBatch]:
        """All of them; nothing can be appended afterwards. Those on disk are read where they are touched."""
        if self._file is None:
            return self._held
        self._file.close()
        reader = pa.ipc.open_file(pa.memory_map(str(self._path)))
        return [reader.get_batch(place) for place in range(reader.num_record_batches)]

    def remove(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._held = []
        self._path.unlink(missing_ok=True)
