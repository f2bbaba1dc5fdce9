"""From a training file's text to numbers and levels, worked out once per distinct text and never per row."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING_TEXTS = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "-", "?"})
"""Texts that mean "nothing here", compared in lower case. "None" is not among them: files use it as a level."""
NUMBERS_NEEDED = 0.99
"""Share of the filled cells that must read as numbers for a column to be numeric."""
_CLEAN = re.compile(r"[\s'’_\u00a0\u202f]|[$€£¥₹%]|^(usd|eur|gbp|zwl|zar|us)|(usd|eur|gbp|zwl|zar)$")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?")


def parse_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """The number a text holds, or None. Blanks, currency signs, percent signs and thousands separators are cleaned."""
    cleaned = _CLEAN.sub("", text.strip().casefold())
    if cleaned.startswith("(") and cleaned.endswith(")"):
        cleaned = "-" + cleaned[1:-1]
    if "," in cleaned:
        comma_is_decimal = cleaned.rfind(",") > cleaned.rfind(".") if "." in cleaned else decimal_comma
        cleaned = cleaned.replace(".", "").replace(",", ".") if comma_is_decimal else cleaned.replace(",", "")
    if not _PLAIN.fullmatch(cleaned):
        return None
    number = float(cleaned)
    return number if math.isfinite(number) else None


def uses_decimal_comma(texts: Sequence[str]) -> bool:
    """Whether commas in these texts can only be decimal commas: no full stop, and not in groups of three digits."""
    with_comma = [text for text in texts if "," in text]
    return any(re.search(r",\d{1,2}$|,\d{4,}$", text.strip()) for text in with_comma) and not any(
        "." in text for text in with_comma
    )


@dataclass(frozen=True, eq=False)
class TextColumn:
    """One column of a training file: `codes` int32 (n) into its distinct trimmed `values`, −1 where missing."""

    name: str
    codes: NDArray[np.int32]
    values: tuple[str, ...]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows per distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    @property
    def filled(self) -> int:
        return int((self.codes >= 0).sum())

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The distinct values as numbers, NaN where they are none."""
        comma = uses_decimal_comma(self.values)
        parsed = (parse_number(value, decimal_comma=comma) for value in self.values)
        return np.array([math.nan if number is None else number for number in parsed], np.float64)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nearly all filled cells read as numbers."""
        readable = self.counts[~np.isnan(self.numbers)].sum()
        return bool(self.filled) and readable >= NUMBERS_NEEDED * self.filled

    def as_numbers(self) -> NDArray[np.float64]:
        """float64 (n), NaN where missing or no number."""
        return np.append(self.numbers, math.nan)[self.codes]

    def rows(self, chosen: NDArray[Any]) -> TextColumn:
        """The same column for some rows only, without the values that no longer occur."""
        codes = self.codes[chosen]
        used, fresh = np.unique(codes[codes >= 0], return_inverse=True)
        renewed = np.full(len(codes), -1, np.int32)
        renewed[codes >= 0] = fresh
        return TextColumn(self.name, renewed, tuple(self.values[i] for i in used))


def text_column(name: str, series: Any) -> TextColumn:
    """A pandas series of strings (missing as NA) as a TextColumn; values in order of first appearance."""
    import pandas as pd

    raw, uniques = pd.factorize(series, use_na_sentinel=True)
    trimmed = [str(value).strip() for value in uniques]
    place: dict[str, int] = {}
    mapped = np.empty(len(trimmed) + 1, np.int32)
    mapped[-1] = -1
    for position, text in enumerate(trimmed):
        missing = text.casefold() in MISSING_TEXTS
        mapped[position] = -1 if missing else place.setdefault(text, len(place))
    return TextColumn(name, mapped[raw], tuple(place))
