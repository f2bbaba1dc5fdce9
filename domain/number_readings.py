"""A cell with a number as a file writes it, whose decimal mark is not known any more."""

from __future__ import annotations

import re
from math import isclose

from domain.csv_style import CsvStyle
from domain.number_marks import COMMA, OTHER_MARK, POINT

_DIGITS = re.compile(r"[+-]?(?!0[0-9])[0-9][0-9.,]*", re.ASCII)
_ONE_MARK = re.compile(r"([+-]?\d+)[.,](\d{1,2}|\d{4,})", re.ASCII)
"""One mark that is no mark of thousands."""


def is_digits(text: str) -> bool:
    """Whether a cell holds a number alone; an id such as 007 is none."""
    return _DIGITS.fullmatch(text) is not None


def number_read(text: str, value: float) -> float | None:
    """The number that a cell holds, if it is certain: `value`, where the cell can be read as this number.

    `value` is what a model read: in another unit, where a unit was converted.
    """
    if not is_digits(text):
        return None
    for decimal in (POINT, COMMA):
        digits = text.replace(OTHER_MARK[decimal], "").replace(decimal, POINT)
        if digits.count(POINT) < 2 and isclose(float(digits), value, rel_tol=1e-15, abs_tol=0.0):
            return value
    if POINT not in text and COMMA not in text:
        return float(text)
    one = _ONE_MARK.fullmatch(text)
    return float(f"{one[1]}.{one[2]}") if one else None


def number_as_written(text: str, value: float, style: CsvStyle) -> str:
    """The cell in a style of CSV; unchanged if it is no certain number."""
    number = number_read(text, value)
    if number is None:
        return text
    return style.number(str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number))
