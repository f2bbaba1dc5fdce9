"""Sorts tables by position, with memory for one range of positions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.reporting.row_order import IN_MEMORY, STRETCH


class TablesInOrder:
    """Divides incoming tables into ranges of positions, and sorts each range when it is read."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed in __exit__
        self._stretches: dict[int, list[tuple[int, int, NDArray[np.int64]]]] = {}

    def __enter__(self) -> TablesInOrder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, table: Any, places: NDArray[np.int64]) -> None:
        order = np.argsort(places, kind="stable")
        places = places[order]
        stretches, starts = np.unique(places // STRETCH, return_index=True)
        for stretch, start, stop in zip(stretches.tolist(), starts, [*starts[1:], len(places)], strict=True):
            part = table.take(pa.array(order[start:stop])).unify_dictionaries().combine_chunks()
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, part.schema) as stream:
                stream.write_table(part)
            content, at = sink.getvalue(), self._file.tell()
            self._file.write(content)
            self._stretches.setdefault(stretch, []).append((at, content.size, places[start:stop]))

    def tables(self) -> Iterator[Any]:
        for stretch in sorted(self._stretches):
            parts = self._stretches.pop(stretch)
            table = pa.concat_tables([self._table(at, size) for at, size, _ in parts]).unify_dictionaries()
            order = np.argsort(np.concatenate([places for _, _, places in parts]), kind="stable")
            yield table.take(pa.array(order))

    def _table(self, at: int, size: int) -> Any:
        self._file.seek(at)
        with pa.ipc.open_stream(self._file.read(size)) as stream:
            return stream.read_all()
