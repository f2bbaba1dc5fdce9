"""Finds rows that can be parsed but are not customers: blank rows, repeated headers and totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.rows import ParsedBlock, Refusal

HEADER_AGAIN = "repeats the header: several files may have been combined"
TOTALS = "seems to be a line of totals, not a customer"
TOTAL_WORDS = ("total", "totals", "grand total", "subtotal", "sub-total", "sum")
_BYTE_ORDER_MARK = "\ufeff"


class RowScreen:
    """Rejects blank rows, repeated headers and, if `ids` is a column, totals below the customers."""

    def __init__(self, header: Sequence[str], ids: int | None = None) -> None:
        self._header = list(header)
        self._labels = ids if ids is not None else 0
        name = self._header[self._labels]
        self._again = pa.array([name, _BYTE_ORDER_MARK + name], pa.string())
        self._totals = pa.array(list(_spellings()) if ids is not None else [], pa.string())

    def __call__(self, parsed: ParsedBlock) -> ParsedBlock:
        filled = parsed.without_blank(self._blank(parsed))
        return filled.without([*self._headers(filled), *self._of_totals(filled)])

    def _blank(self, parsed: ParsedBlock) -> NDArray[np.bool_]:
        """Which rows have no value. For most blocks, checking one column is enough."""
        blank = np.ones(len(parsed.place), bool)
        for column in (parsed.columns[self._labels], *parsed.columns):
            blank &= _is_blank(column)
            if not blank.any():
                break
        return blank

    def _headers(self, parsed: ParsedBlock) -> Iterator[Refusal]:
        for at in self._matching_rows(parsed, self._again):
            cells = parsed.source.cells_of(int(parsed.place[at]))
            if [cell.strip().lstrip(_BYTE_ORDER_MARK) for cell in cells] == self._header:
                yield Refusal(at, HEADER_AGAIN)

    def _of_totals(self, parsed: ParsedBlock) -> Iterator[Refusal]:
        for at in self._matching_rows(parsed, self._totals):
            name, value = self._header[self._labels], parsed.columns[self._labels][at].as_py()
            yield Refusal(at, TOTALS, name, value)

    def _matching_rows(self, parsed: ParsedBlock, words: Any) -> list[int]:
        column = parsed.columns[self._labels]
        if not len(words) or pa.types.is_floating(column.type):
            return []
        if pa.types.is_dictionary(column.type):
            places = np.flatnonzero(_flags(pc.is_in(column.dictionary, words)))
            return np.flatnonzero(np.isin(column.indices.to_numpy(), places)).tolist() if len(places) else []
        return np.flatnonzero(_flags(pc.is_in(column, words))).tolist()


def _is_blank(column: Any) -> NDArray[np.bool_]:
    if pa.types.is_floating(column.type):
        return _flags(column.is_null())
    if pa.types.is_dictionary(column.type):
        words = _flags(pc.equal(pc.binary_length(column.dictionary), 0))
        return words[column.indices.to_numpy()] if len(words) else np.zeros(len(column), bool)
    return _flags(pc.equal(pc.binary_length(column), 0))


def _flags(array: Any) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = array.to_numpy(zero_copy_only=False).astype(bool)
    return flags


def _spellings() -> Iterator[str]:
    for word in TOTAL_WORDS:
        for text in (word, word.capitalize(), word.title(), word.upper()):
            yield from (text, text + ":")
