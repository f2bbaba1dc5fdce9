"""Finds the cells that cannot be restored from their values: "29.90", "NA", " yes ", "12.5 GB"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.reporting.arrow_text import PLAIN_FROM, number_texts, offsets_of, utf8_of
from adapters.reporting.value_texts import written_as

MAX_DIGITS = 15
"""Decimal numbers with so many digits all have different float64 values, so the digits can be restored."""
MINUS, FULL_STOP, ZERO = b"-.0"
_USUAL_BYTES = np.isin(np.arange(256), list(b"0123456789.-"))
USUAL_ROWS = 4_096
"""Rows in which most columns have all of their distinct texts."""


def unlike_number(texts: Any, values: Any) -> Any | None:
    """As `unlike_value`, for strings that `plain_numbers` converted to `values`. Few numbers have to be formatted."""
    numbers = values.to_numpy(zero_copy_only=False)
    doubtful = _may_be_written_otherwise(texts, numbers)
    if not doubtful.any():
        return None
    restored = number_texts(numbers[doubtful]).fill_null("")
    same = pc.equal(texts.filter(pa.array(doubtful)), restored)
    if pc.all(same, min_count=0).as_py():
        return None
    doubtful[doubtful] = ~same.to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(doubtful), texts, None)


def _may_be_written_otherwise(texts: Any, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """False where a text is certainly the shortest one of its number: digits without needless zeros, signs and marks.

    A text that was converted has at most one decimal point, and a minus sign only at its beginning.
    """
    content, offsets = utf8_of(texts), offsets_of(texts)
    lengths, missing = np.diff(offsets), np.isnan(numbers)
    if not len(content):
        return ~missing
    signed = content[np.minimum(offsets[:-1], len(content) - 1)] == MINUS
    start, length = offsets[:-1] + signed, lengths - signed
    first = content[np.minimum(start, len(content) - 1)]
    second = content[np.minimum(start + 1, len(content) - 1)]
    last = content[np.maximum(offsets[1:] - 1, 0)]
    fraction = ~missing & (np.trunc(numbers) != numbers)
    needless = (first == ZERO) & np.where(length == 1, signed, second != FULL_STOP)
    needless |= (first == FULL_STOP) | (fraction & ((last == ZERO) | (np.abs(numbers) < PLAIN_FROM)))
    others = bool(content.tobytes().translate(None, b"0123456789.-"))  # such as an exponent
    if others or np.count_nonzero(content == FULL_STOP) != np.count_nonzero(fraction):
        needless |= ~fraction & _rows_with(content == FULL_STOP, offsets)
    if others:
        needless |= _rows_with(~_USUAL_BYTES[content], offsets)
    return np.where(lengths > 0, needless | missing | (length > MAX_DIGITS), ~missing)


def _rows_with(marked: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which texts have a marked byte."""
    rows = np.zeros(len(offsets) - 1, np.bool_)
    rows[np.searchsorted(offsets, np.flatnonzero(marked), side="right") - 1] = True
    return rows


def unlike_value(source: Any, values: Any, *, words: tuple[str, str]) -> Any | None:
    """The cells as the file writes them, null where `written_as` writes the value in this way; None if it always does.

    `source` are texts (plain or dictionary), `values` what they were cast to, `words` those for false and true.
    """
    if pa.types.is_floating(source.type):
        return None
    if pa.types.is_dictionary(source.type) and _restores_each_text(source, values, words):
        return None
    texts = source.dictionary_decode() if pa.types.is_dictionary(source.type) else source
    same = pc.equal(texts, written_as(values, words=words).fill_null(""))
    if pc.all(same, min_count=0).as_py():
        return None
    return pc.if_else(same, None, texts)


def _restores_each_text(source: Any, values: Any, words: tuple[str, str]) -> bool:
    """Whether `written_as` restores each distinct text. Equal texts have equal values, so one row of each is enough."""
    row_of = _a_row_of_each(source.slice(0, USUAL_ROWS))
    if (row_of < 0).any():
        row_of = _a_row_of_each(source)
    occurs = row_of >= 0
    texts = source.dictionary.filter(pa.array(occurs))
    restored = written_as(values.take(pa.array(row_of[occurs])), words=words).fill_null("")
    return bool(pc.all(pc.equal(texts, restored), min_count=0).as_py())


def _a_row_of_each(source: Any) -> NDArray[np.int64]:
    """For each distinct text, a row that has it, or −1."""
    none = len(source.dictionary)
    codes = source.indices.fill_null(none).to_numpy(zero_copy_only=False)
    row_of = np.full(none + 1, -1, np.int64)
    row_of[codes] = np.arange(len(codes))
    return row_of[:none]
