"""Customers' ids, and how many of them stand more than once."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SEED = 20261122


def cast_ids(array: Any, row: NDArray[np.int64]) -> Any:
    """Trimmed text; where it is blank, the row's number. Arrow string array."""
    ids = pc.utf8_trim_whitespace(array.cast(pa.string()))
    blank = pc.equal(pc.binary_length(ids), 0)
    if pc.any(blank).as_py():
        ids = pc.if_else(blank, row_ids(row), ids)
    return ids


def row_ids(row: NDArray[np.int64]) -> Any:
    """The row's number as id, where the file has none."""
    return pa.array(row).cast(pa.string())


class DuplicateIds:
    """Counts ids that were there before, in 8 bytes per id, and tells the first rows that hold one.

    Ids are compared by a 64-bit multilinear hash (random odd weight per byte): ten million ids collide with a
    probability below one in a thousand, and the count is for information only.
    """

    def __init__(self) -> None:
        self._hashes: list[NDArray[np.uint64]] = []
        self._gaps: list[tuple[int, int]] = [(0, 1)]
        self._count = 0
        self._weights = np.empty(0, np.uint64)

    def add(self, ids: Any, row: NDArray[np.int64]) -> None:
        """`row`: the ids' row numbers in the file, rising."""
        if not len(ids):
            return
        self._hashes.append(self._hashed(ids))
        breaks = np.flatnonzero(np.diff(row) != 1) + 1
        self._gaps += [(self._count + place, int(row[place])) for place in (0, *breaks.tolist())]
        self._count += len(ids)

    def count(self) -> int:
        return int(self._repeated().sum())

    def rows(self, most: int = 5) -> tuple[int, ...]:
        """Row numbers of the first few ids that stood before."""
        repeated = self._repeated()
        if not repeated.any():
            return ()
        hashes = self._hashes[0]
        places = np.flatnonzero(np.isin(hashes, np.unique(np.sort(hashes)[1:][repeated])))
        _, first = np.unique(hashes[places], return_index=True)
        again = np.delete(places, first)[:most]
        return tuple(self._row_at(int(place)) for place in again)

    def _row_at(self, place: int) -> int:
        """Rows follow each other but where some were set aside."""
        start, row = self._gaps[bisect_right(self._gaps, place, key=lambda gap: gap[0]) - 1]
        return row + place - start

    def _repeated(self) -> NDArray[np.bool_]:
        """For each hash but the smallest, in rising order: whether it equals the one before."""
        if not self._hashes:
            return np.empty(0, bool)
        self._hashes = [np.concatenate(self._hashes)]
        ordered = np.sort(self._hashes[0])
        return ordered[1:] == ordered[:-1]

    def _hashed(self, ids: Any) -> NDArray[np.uint64]:
        # Offsets and bytes of the Arrow array, without making a Python object for each id.
        _, offsets_buffer, bytes_buffer = ids.buffers()
        offsets = np.frombuffer(offsets_buffer, np.int32)[ids.offset : ids.offset + len(ids) + 1].astype(np.int64)
        lengths = np.diff(offsets)
        text = np.frombuffer(bytes_buffer or b"", np.uint8)[offsets[0] : offsets[-1]]
        self._reach(int(lengths.max()))
        hashed = lengths.astype(np.uint64) * self._weights[0]
        if len(text) == 0:
            return hashed
        if lengths.min() == lengths.max():
            cells = text.reshape(len(ids), -1).astype(np.uint64)
            return hashed + cells @ self._weights[1 : 1 + cells.shape[1]]
        place = np.arange(len(text)) - np.repeat(offsets[:-1] - offsets[0], lengths)
        sums = np.zeros(len(text) + 1, np.uint64)
        np.cumsum(text * self._weights[1 + place], out=sums[1:])
        return hashed + np.diff(sums[offsets - offsets[0]])

    def _reach(self, longest: int) -> None:
        if longest + 1 > len(self._weights):
            size = max(64, 2 * (longest + 1))
            rng = np.random.default_rng(_SEED)
            self._weights = rng.integers(0, 2**64, size, dtype=np.uint64, endpoint=False) | np.uint64(1)
