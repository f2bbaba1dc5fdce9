"""From a training file's text to numbers and levels, worked out once per distinct text and never per row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.intake.numbers import MISSING_WORDS, beyond_any_measure, read_numbers

NONE = "none"
MISSING_TEXTS = MISSING_WORDS - {NONE}
"""Texts that mean "nothing here", compared in lower case. "None" is missing among numbers and a level among texts,
where files use it for customers without the thing."""
NUMBERS_NEEDED = 0.99
"""Share of the filled cells that must read as numbers for a column to be numeric."""
GLANCE = 1000
"""Distinct texts that are looked at first: text in a million spellings is soon told from numbers."""


def _numbers(texts: Sequence[str], decimal: str) -> NDArray[np.float64]:
    import pyarrow as pa

    return read_numbers(pa.array(texts, pa.string()), decimal).values


@dataclass(frozen=True, eq=False)
class TextColumn:
    """One column of a training file: `codes` int32 (n) into its distinct trimmed `values`, −1 where missing.

    `decimal` is the file's decimal mark.
    """

    name: str
    codes: NDArray[np.int32]
    values: tuple[str, ...]
    decimal: str = "."

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
        return _numbers(self.values, self.decimal)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nearly all filled cells read as numbers."""
        if len(self.values) > GLANCE and np.isnan(_numbers(self.values[:GLANCE], self.decimal)).mean() > 0.5:
            return False
        readable = self.counts[~np.isnan(self.numbers)].sum()
        blank = sum(self.counts[code] for code, value in enumerate(self.values) if value.casefold() == NONE)
        return bool(readable) and readable >= NUMBERS_NEEDED * (self.filled - blank)

    def as_numbers(self) -> NDArray[np.float64]:
        """float64 (n), NaN where missing, no number, or one that no model can hold."""
        held = np.where(beyond_any_measure(self.numbers), math.nan, self.numbers)
        return np.append(held, math.nan)[self.codes]

    def rows(self, chosen: NDArray[Any]) -> TextColumn:
        """The same column for some rows only, without the values that no longer occur."""
        codes = self.codes[chosen]
        used, fresh = np.unique(codes[codes >= 0], return_inverse=True)
        renewed = np.full(len(codes), -1, np.int32)
        renewed[codes >= 0] = fresh
        return TextColumn(self.name, renewed, tuple(self.values[i] for i in used), self.decimal)


def text_column(name: str, series: Any, decimal: str = ".") -> TextColumn:
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
    return TextColumn(name, mapped[raw], tuple(place), decimal)
