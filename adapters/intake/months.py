"""Snapshot months as "YYYY-MM", from the ways in which dates are written."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.levels import encoded

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2})?(?:[t ].*)?", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})(?:\d{2})?", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[t ].*)?", re.ASCII)
_SHORT = re.compile(r"([a-z]{3})[-' ](\d{2})", re.ASCII)
_NAMED = re.compile(r"(?:\d{1,2}[-/. ])?([a-z]{3})[a-z]*[-/., ]+(\d{4})|(\d{4})[-/. ]([a-z]{3})[a-z]*", re.ASCII)


def month_of(text: str) -> str | None:
    """ "2026-11-01", "202611", "11/2026", "01.11.2026", "Nov 2026", "Nov-26" → "2026-11"; None for anything else.

    Of day and month before the year, the day stands first unless it can't.
    """
    text = text.strip().casefold()
    if match := _YEAR_FIRST.fullmatch(text) or _RUN_TOGETHER.fullmatch(text):
        return _written(match[1], int(match[2]))
    if match := _MONTH_YEAR.fullmatch(text):
        return _written(match[2], int(match[1]))
    if match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        return _written(match[3], second if second <= 12 else first)
    if match := _NAMED.fullmatch(text):
        year, name = match[2] or match[3], match[1] or match[4]
        return _written(year, _NAMES.index(name) + 1) if name in _NAMES else None
    if (match := _SHORT.fullmatch(text)) and match[1] in _NAMES:
        return _written(f"20{match[2]}", _NAMES.index(match[1]) + 1)
    return None


def _written(year: str, month: int) -> str | None:
    return f"{year}-{month:02d}" if 1 <= month <= 12 else None


def cast_months(array: Any) -> Any:
    """Arrow text (plain or dictionary) → string array of months, null where there is none."""
    source = encoded(array)
    months = np.array([month_of(text or "") for text in source.dictionary.to_pylist()] or [None], dtype=object)
    return pa.array(months, pa.string()).take(source.indices) if len(source) else pa.array([], pa.string())
