"""Customers' ids, and the number of duplicate ids."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.id_hashes import IdHasher
from domain.id_matching import IdCount
from domain.vocabulary.text_marks import TEXT_MARKS, without_text_marks


def cast_ids(array: Any, row: NDArray[np.int64]) -> Any:
    """Ids as trimmed text without a spreadsheet's marks, the row's number for a blank one. Arrow string array."""
    ids = pc.utf8_trim_whitespace(array.cast(pa.string()))
    marked = _marked(ids)
    if pc.any(marked).as_py():
        places = np.flatnonzero(marked.to_numpy(zero_copy_only=False))
        plain = pa.array([without_text_marks(ids[int(place)].as_py()) for place in places], pa.string())
        ids = pc.replace_with_mask(ids, marked, plain)
    blank = pc.equal(pc.binary_length(ids), 0)
    if pc.any(blank).as_py():
        ids = pc.if_else(blank, row_ids(row), ids)
    return ids


def count_blank(array: Any) -> int:
    """The number of rows without an id."""
    lengths = pc.binary_length(pc.utf8_trim_whitespace(array.cast(pa.string())))
    return int(pc.sum(pc.equal(lengths, 0)).as_py() or 0)


def _marked(ids: Any) -> Any:
    """Which ids begin with a mark of a spreadsheet program."""
    first, *others = (pc.starts_with(ids, mark) for mark in sorted(TEXT_MARKS))
    for other in others:
        first = pc.or_(first, other)
    return first


def row_ids(row: NDArray[np.int64]) -> Any:
    """Row numbers as ids, for a file without an id column."""
    return pa.array(row).cast(pa.string())


class DuplicateIds:
    """Counts duplicate ids and finds their first rows. Takes 8 bytes per id.

    Ids are compared by a 64-bit hash: ten million ids collide with a probability below one in a thousand, and the
    count is for information only.
    """

    def __init__(self) -> None:
        self._hashes: list[NDArray[np.uint64]] = []
        self._gaps: list[tuple[int, int]] = [(0, 1)]
        self._count = 0
        self._hasher = IdHasher()

    def add(self, ids: Any, row: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Add ids with their row numbers in the file, in ascending order. Returns the hashes of the ids."""
        if not len(ids):
            return np.empty(0, np.uint64)
        hashes = self._hasher(ids)
        self._hashes.append(hashes)
        breaks = np.flatnonzero(np.diff(row) != 1) + 1
        self._gaps += [(self._count + place, int(row[place])) for place in (0, *breaks.tolist())]
        self._count += len(ids)
        return hashes

    def count(self) -> int:
        return int(self._repeated().sum())

    def rows(self, most: int = 5) -> tuple[int, ...]:
        """Row numbers of the first few duplicates."""
        repeated = self._repeated()
        if not repeated.any():
            return ()
        hashes = self._hashes[0]
        places = np.flatnonzero(np.isin(hashes, np.unique(np.sort(hashes)[1:][repeated])))
        _, first = np.unique(hashes[places], return_index=True)
        again = np.delete(places, first)[:most]
        return tuple(self._row_at(int(place)) for place in again)

    def _row_at(self, place: int) -> int:
        """The row number of the id at a position. Row numbers are consecutive except for rejected rows."""
        start, row = self._gaps[bisect_right(self._gaps, place, key=lambda gap: gap[0]) - 1]
        return row + place - start

    def _repeated(self) -> NDArray[np.bool_]:
        """For each hash but the smallest, in ascending order: whether it equals the previous one."""
        if not self._hashes:
            return np.empty(0, bool)
        self._hashes = [np.concatenate(self._hashes)]
        ordered = np.sort(self._hashes[0])
        same: NDArray[np.bool_] = ordered[1:] == ordered[:-1]
        return same


class RivalIds:
    """Counts repeated and blank values of columns that may hold the ids, besides the one that was chosen."""

    def __init__(self, positions: Sequence[int]) -> None:
        self._values = {position: DuplicateIds() for position in positions}
        self._blank = dict.fromkeys(positions, 0)

    def add(self, columns: Sequence[Any], row: NDArray[np.int64]) -> None:
        """Add a block's columns of text, with the row numbers."""
        for position, values in self._values.items():
            values.add(cast_ids(columns[position], row), row)
            self._blank[position] += count_blank(columns[position])

    def counts(self) -> tuple[IdCount, ...]:
        return tuple(IdCount(place, own.count(), self._blank[place]) for place, own in self._values.items())
