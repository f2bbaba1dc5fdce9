"""A block's rows: their text, their parsed columns, and the rejected rows with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import merge
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.intake.blocks import Block
from adapters.intake.structure import RowIndex, cells_of, row_index
from application.ports.intake import RejectedRow

BLANK = "is blank"
"""Reason for rejecting a row without any value. Such rows do not count against the file's quality."""


class Refusal(NamedTuple):
    """The reason for rejecting a parsed row. `at` is its index in the parsed columns."""

    at: int
    reason: str
    column: str = ""
    value: str = ""


@dataclass
class BlockRows:
    """A block's rows for checks of single rows. They are indexed only if a row has a fault."""

    block: Block
    delimiter: str
    refused: dict[int, RejectedRow] = field(default_factory=dict)

    @cached_property
    def index(self) -> RowIndex:
        return row_index(self.block.data, self.delimiter)

    def cells_of(self, place: int) -> list[str]:
        return cells_of(self.bytes_of(place).decode("utf-8", "backslashreplace"), self.delimiter)

    def bytes_of(self, place: int) -> bytes:
        return self.block.data[int(self.index.start[place]) : int(self.index.end[place])]

    def line_of(self, place: int) -> int:
        return self.block.line + int(self.index.line[place])

    def blank_row(self, place: int) -> RejectedRow:
        return RejectedRow(self.line_of(place), "", "", BLANK, self.bytes_of(place).decode("utf-8", "backslashreplace"))

    def refuse(self, place: int, reason: str, *, column: str = "", value: str = "") -> None:
        text = self.bytes_of(place).decode("utf-8", "backslashreplace")
        self.refused[place] = RejectedRow(self.line_of(place), column, value, reason, text)

    def kept(self) -> NDArray[np.int64]:
        keep = np.ones(len(self.index), bool)
        keep[list(self.refused)] = False
        return np.flatnonzero(keep)

    def data_of(self, places: NDArray[np.int64]) -> bytes:
        if len(places) == len(self.index):
            return self.block.data
        return b"".join(self.bytes_of(int(place)) + b"\n" for place in places)


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """`columns` in file order (one Arrow array each). `place` holds each row's number among the block's `rows`."""

    columns: tuple[Any, ...]
    place: NDArray[np.int64]
    rows: int
    source: BlockRows
    blank: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Indices of rows without any value. There can be a million of them below a table."""
    texts: Mapping[int, Any] = field(default_factory=dict)
    """The cells of columns that are parsed as numbers, as they are written, by position."""

    @property
    def faulty(self) -> list[RejectedRow]:
        """The rejected rows that are not blank, in file order."""
        refused = self.source.refused
        return [refused[place] for place in sorted(refused) if refused[place].reason != BLANK]

    @property
    def rejected(self) -> int:
        return len(self.source.refused) + len(self.blank)

    def rejected_rows(self) -> Iterator[RejectedRow]:
        """All rejected rows, in file order."""
        refused = self.source.refused
        some = (refused[place] for place in sorted(refused))
        blank = map(self.source.blank_row, self.blank.tolist())
        return merge(some, blank, key=attrgetter("line"))

    def without_blank(self, blank: NDArray[np.bool_]) -> ParsedBlock:
        if not blank.any():
            return self
        return replace(self._filtered(~blank), blank=np.concatenate([self.blank, self.place[blank]]))

    def without(self, refusals: Sequence[Refusal]) -> ParsedBlock:
        """The block with more rejected rows. The first reason for a row counts."""
        if not refusals:
            return self
        keep = np.ones(len(self.place), bool)
        for refusal in refusals:
            if keep[refusal.at]:
                place = int(self.place[refusal.at])
                self.source.refuse(place, refusal.reason, column=refusal.column, value=refusal.value)
            keep[refusal.at] = False
        return self._filtered(keep)

    def _filtered(self, keep: NDArray[np.bool_]) -> ParsedBlock:
        mask = pa.array(keep)
        return replace(
            self,
            columns=tuple(column.filter(mask) for column in self.columns),
            place=self.place[keep],
            texts={position: texts.filter(mask) for position, texts in self.texts.items()},
        )
