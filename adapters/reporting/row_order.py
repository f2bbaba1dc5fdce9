"""Sorts lines by position, with memory for one range of positions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.reporting.arrow_text import offsets_of, utf8_of

STRETCH = 65_536
"""Positions per range, if the lines are short."""
AT_ONCE = 16 * 1024**2
"""Bytes of lines that are sorted together. A longer line is handled alone."""
IN_MEMORY = 16 * 1024**2
"""Bytes that are kept in memory before lines are written to disk."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of one range: the offset of their bytes in the file, and the position and length of each line."""

    at: int
    places: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def between(self, first: int, last: int) -> _Part:
        """The lines with positions in [first, last)."""
        start, stop = np.searchsorted(self.places, (first, last)).tolist()
        at = self.at + int(self.lengths[:start].sum())
        return _Part(at, self.places[start:stop], self.lengths[start:stop])


class LinesInOrder:
    """Divides incoming lines into ranges of positions, and sorts each range when it is written."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed in __exit__
        self._written = 0
        self._stretches: dict[int, list[_Part]] = {}

    def __enter__(self) -> LinesInOrder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, lines: pa.StringArray, places: NDArray[np.int64]) -> None:
        order = np.argsort(places, kind="stable")
        lines, places = lines.take(pa.array(order)), places[order]
        ends, content = offsets_of(lines), utf8_of(lines)
        stretches, starts = np.unique(places // STRETCH, return_index=True)
        for stretch, start, stop in zip(stretches.tolist(), starts, [*starts[1:], len(places)], strict=True):
            part = _Part(self._written + int(ends[start]), places[start:stop], np.diff(ends[start : stop + 1]))
            self._stretches.setdefault(stretch, []).append(part)
        self._file.write(content.data)
        self._written += len(content)

    def pieces(self) -> Iterator[bytes]:
        for stretch in sorted(self._stretches):
            parts = self._stretches.pop(stretch)
            for first, last in pairwise([*_cuts(parts), (stretch + 1) * STRETCH]):
                yield self._in_order([part.between(first, last) for part in parts])

    def _in_order(self, parts: list[_Part]) -> bytes:
        content = b"".join(self._content(part) for part in parts)
        ends = np.concatenate(([0], np.cumsum(np.concatenate([part.lengths for part in parts]))))
        lines = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(content)]
        )
        order = np.argsort(np.concatenate([part.places for part in parts]), kind="stable")
        ordered: bytes = lines.take(pa.array(order)).buffers()[2].to_pybytes()
        return ordered

    def _content(self, part: _Part) -> bytes:
        self._file.seek(part.at)
        return self._file.read(int(part.lengths.sum()))


def _cuts(parts: list[_Part]) -> list[int]:
    """The first positions of portions of about AT_ONCE bytes."""
    places = np.concatenate([part.places for part in parts])
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.concatenate([part.lengths for part in parts])[order])
    begins = np.flatnonzero(np.diff(ends // AT_ONCE, prepend=-1))
    cuts: list[int] = places[order][begins].tolist()
    return cuts
