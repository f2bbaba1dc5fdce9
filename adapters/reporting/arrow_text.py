"""Converts Arrow columns to CSV cells with the same text as Python's `repr` and `csv`, without an object per cell."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.spreadsheet import FORMULA_SIGNS, is_invisible, spreadsheet_safe

Floats = NDArray[np.float64]

PLAIN_FROM, PLAIN_TO = 1e-4, 1e9
"""Magnitudes in which Arrow and Python write a float in the same way, except for the ".0" of whole numbers."""
WHOLE_TO = 2.0**53


def float_texts(values: Floats) -> pa.StringArray:
    """Each number as `repr` writes it: the fewest digits that identify the number."""
    size = np.abs(values)
    whole = (np.trunc(values) == values) & (size < PLAIN_TO) & ~np.signbit(values)
    usual = whole | ((size >= PLAIN_FROM) & (size < PLAIN_TO) & (np.trunc(values) != values))
    texts = pc.cast(pa.array(values), pa.string())
    if whole.any():
        texts = pc.if_else(pa.array(whole), pc.binary_join_element_wise(texts, ".0", ""), texts)
    if not usual.all():
        texts = pc.replace_with_mask(texts, pa.array(~usual), pa.array([repr(v) for v in values[~usual].tolist()]))
    return texts


def number_texts(values: Floats) -> pa.StringArray:
    """Numbers as text, whole ones without a decimal point; null if missing."""
    missing = np.isnan(values)
    whole = (np.trunc(values) == values) & (np.abs(values) < WHOLE_TO)
    short = pc.cast(pa.array(np.where(whole, values, 0.0).astype(np.int64), mask=missing), pa.string())
    if (whole | missing).all():
        return short
    long = float_texts(np.where(whole | missing, 0.5, values))
    return pc.if_else(pa.array(whole | missing), short, long)


def clean(text: str) -> str:
    """The text with lone surrogates replaced, because UTF-8 cannot encode them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def whole(column: Any) -> Any:
    """The column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def numbers(column: Any) -> Floats:
    """The column as float64, NaN for null."""
    return np.asarray(whole(column).to_numpy(zero_copy_only=False), np.float64)


def as_cells(column: Any, *, raw: bool, delimiter: str = ",") -> Any:
    """A text column (plain or dictionary, null if missing), escaped for spreadsheets unless `raw`, and quoted if
    needed."""
    column = whole(column)
    if pa.types.is_dictionary(column.type):
        return as_cells(column.dictionary, raw=raw, delimiter=delimiter).take(column.indices)
    return quoted(column if raw else safe(column), delimiter)


def quoted(texts: pa.StringArray, delimiter: str = ",") -> pa.StringArray:
    """Quote texts with the delimiter, a quote or a line end, as `csv` does."""
    content = utf8_of(texts).tobytes()
    if not any(character in content for character in (delimiter.encode(), b'"', b"\r", b"\n")):
        return texts
    needs = pc.match_substring_regex(texts, f'[{delimiter}"\r\n]')
    doubled = pc.replace_substring(texts, '"', '""') if b'"' in content else texts
    return pc.if_else(needs, pc.binary_join_element_wise('"', doubled, '"', ""), texts)


def safe(texts: pa.StringArray) -> pa.StringArray:
    """Prefix texts that a spreadsheet could read as a formula with an apostrophe. Checks only possible formulas."""
    content = utf8_of(texts)
    if not len(content):
        return texts
    offsets = offsets_of(texts)
    start = np.minimum(offsets[:-1], len(content) - 1)
    second = np.minimum(start + 1, len(content) - 1)
    doubtful = _doubtful_starts()[content[start], content[second]] & (offsets[1:] > offsets[:-1])
    if not doubtful.any():
        return texts
    chosen = pa.array(doubtful)
    safe = [None if text is None else spreadsheet_safe(text) for text in texts.filter(chosen).to_pylist()]
    return pc.replace_with_mask(texts, chosen, pa.array(safe, pa.string()))


@lru_cache(maxsize=1)
def _doubtful_starts() -> NDArray[np.bool_]:
    """256 × 256: whether a text with these first two bytes of UTF-8 can start a formula (see `starts_a_formula`)."""
    doubtful = np.zeros((256, 256), np.bool_)
    doubtful[0xF0:] = True  # few texts begin outside the basic plane, so each is checked
    for character in map(chr, chain(range(0xD800), range(0xE000, 0x10000))):
        if character in FORMULA_SIGNS or is_invisible(character):
            first, second = character.encode()[:2].ljust(2, b"\0")
            doubtful[first, slice(None) if first < 0x80 else second] = True
    return doubtful


def offsets_of(texts: pa.StringArray) -> NDArray[np.int64]:
    """Offsets of the texts, relative to the first."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets.astype(np.int64) - int(offsets[0])


def utf8_of(texts: Any) -> NDArray[np.uint8]:
    """The concatenated UTF-8 of the texts."""
    if not len(texts):
        return np.empty(0, np.uint8)
    _, ends, content = texts.buffers()
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(content or b"", np.uint8)[int(offsets[0]) : int(offsets[-1])]
