"""Converts texts to float64 exactly as PyArrow's CSV parser does, so that a block is parsed once for both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.number_marks import COMMA, POINT
from domain.vocabulary.values import NULLS_AS_WRITTEN

BLANKS = " \t"
"""The CSV parser removes them around a number, but not around a word for "none"."""


def plain_numbers(texts: Any, decimal: str = POINT) -> Any | None:
    """An Arrow array of strings as float64, null for a word for "none"; None if a text is not a plain number."""
    if decimal == POINT:
        values = _cast(texts)
        if values is not None and not np.isnan(values.to_numpy()).any():
            return values
    known = pc.if_else(pc.is_in(texts, value_set=pa.array(NULLS_AS_WRITTEN, pa.string())), None, texts)
    trimmed = pc.utf8_trim(known, BLANKS)
    if decimal == COMMA:
        if pc.any(pc.match_substring(trimmed, POINT)).as_py():
            return None
        trimmed = pc.replace_substring(trimmed, COMMA, POINT)
    return _cast(trimmed)


def _cast(texts: Any) -> Any | None:
    try:
        return pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
