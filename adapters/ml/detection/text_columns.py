"""Converts a training file's text to numbers and levels, once per distinct text instead of once per row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from adapters.intake.numbers import beyond_any_measure, is_percentage, read_numbers
from adapters.intake.quantities import read_quantities
from domain.dates import DateForm, form_of
from domain.units import Unit
from domain.vocabulary.spelling import spelling_key
from domain.vocabulary.text_marks import without_text_marks
from domain.vocabulary.values import (
    FALSE_WORDS,
    MAY_BE_LEVELS,
    MISSING_NUMBERS,
    MISSING_TEXTS,
    NONE,
    TRUE_WORDS,
)

NUMBERS_NEEDED = 0.99
"""Share of filled cells that must be numbers for a column to be numeric."""
MIN_OF_A_LEVEL = 5
"""Customers that a level needs. Levels with fewer are combined as OTHER."""
NUMBERS_BESIDE_WORDS = 0.9
"""The same for a column of many different numbers in which the other cells hold a few words, such as "Unlimited"."""
MIN_DIFFERENT_NUMBERS, MAX_WORDS = 30, 5
"""Different numbers that such a column needs, and different words that it can hold."""
MAX_YES_NO = 20
"""Distinct spellings of yes and no that one column can have."""
GLANCE = 1000
"""Distinct texts that are checked first, so that a column with a million different texts is quickly found not
numeric."""


@dataclass(frozen=True, eq=False)
class TextColumn:
    """One column of a training file: `codes` int32 (n) into its distinct `values`, −1 where missing.

    `decimal` is the decimal mark of its numbers. `missing_mark` is the word in all missing cells, if it is one that
    can be a level in other files.
    """

    name: str
    codes: NDArray[np.int32]
    values: tuple[str, ...]
    decimal: str = "."
    missing_mark: str | None = None
    unit: Unit | None = None
    """The unit in which the values are read, if cells have units."""
    bare: bool = True
    """Whether a number without a unit is in this unit."""

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows per distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    @property
    def filled(self) -> int:
        return int((self.codes >= 0).sum())

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The distinct values as numbers, NaN for other text."""
        return self._numbers(self.values)

    def _numbers(self, texts: Sequence[str]) -> NDArray[np.float64]:
        import pyarrow as pa

        array = pa.array(texts, pa.string())
        if self.unit is None:
            return read_numbers(array, self.decimal).values
        return read_quantities(array, self.unit, self.decimal, bare=self.bare).values

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nearly all filled cells are numbers."""
        if len(self.values) > GLANCE and np.isnan(self._numbers(self.values[:GLANCE])).mean() > 0.5:
            return False
        readable = self.counts[~np.isnan(self.numbers)].sum()
        blank = sum(self.counts[code] for code, value in enumerate(self.values) if value.casefold() == NONE)
        if not readable or readable >= NUMBERS_NEEDED * (self.filled - blank):
            return bool(readable)
        words = [self.values[code].casefold() for code in np.flatnonzero(np.isnan(self.numbers))]
        few_words = len(words) <= MAX_WORDS and len(self.values) - len(words) >= MIN_DIFFERENT_NUMBERS
        if not few_words or not MISSING_NUMBERS.isdisjoint(words):
            return False
        return bool(readable >= NUMBERS_BESIDE_WORDS * (self.filled - blank))

    @property
    def has_percent_signs(self) -> bool:
        """Whether most numbers of the column are written with a percent sign."""
        if self.unit is not None:
            return False
        numbers = ~np.isnan(self.numbers)
        signed = [is_percentage(self.values[code]) for code in np.flatnonzero(numbers)[:GLANCE]]
        return 2 * sum(signed) > len(signed)

    @property
    def words(self) -> list[tuple[str, int]]:
        """The texts in a column of numbers that are no numbers, with their rows."""
        if not self.is_numeric:
            return []
        return [(self.values[code], int(self.counts[code])) for code in np.flatnonzero(np.isnan(self.numbers))]

    @cached_property
    def date_form(self) -> DateForm | None:
        """How the column writes dates; None if it holds none."""
        return form_of(self.name, self.values)

    def as_numbers(self) -> NDArray[np.float64]:
        """float64 (n), NaN if missing, not a number, or beyond float32."""
        representable = np.where(beyond_any_measure(self.numbers), math.nan, self.numbers)
        return np.append(representable, math.nan)[self.codes]

    def rows(self, chosen: NDArray[Any]) -> TextColumn:
        """The column restricted to some rows, without values that no longer occur. All rows: the column itself."""
        if chosen.all():
            return self  # with what is already known of it
        codes = self.codes[chosen]
        used, fresh = np.unique(codes[codes >= 0], return_inverse=True)
        renewed = np.full(len(codes), -1, np.int32)
        renewed[codes >= 0] = fresh
        return replace(self, codes=renewed, values=tuple(self.values[i] for i in used))

    @cached_property
    def says_yes_and_no(self) -> bool:
        """Whether all values are words for yes or no, and both occur; "None" may be among them."""
        keys = {spelling_key(value) for value in self.values[:MAX_YES_NO]} - {NONE}
        few = len(self.values) <= MAX_YES_NO
        return few and keys <= TRUE_WORDS | FALSE_WORDS and bool(keys & TRUE_WORDS) and bool(keys & FALSE_WORDS)

    def with_marks_judged(self) -> TextColumn:
        """The column with its only mark for missing as a level, if it holds texts and the mark is frequent enough.

        In a column of yes and no, every mark is missing, also "None".
        """
        if self.says_yes_and_no:
            words = [code for code, value in enumerate(self.values) if spelling_key(value) == NONE]
            return self._without(words) if words else self
        if self.missing_mark is None or self.is_numeric or not len(self.codes) - self.filled >= MIN_OF_A_LEVEL:
            return self
        codes = np.where(self.codes < 0, len(self.values), self.codes).astype(np.int32)
        return replace(self, codes=codes, values=(*self.values, self.missing_mark), missing_mark=None)

    def _without(self, values: Sequence[int]) -> TextColumn:
        """The column with missing cells in place of some values."""
        kept = [code for code in range(len(self.values)) if code not in values]
        renewed = np.full(len(self.values) + 1, -1, np.int32)
        renewed[kept] = np.arange(len(kept))
        return replace(self, codes=renewed[self.codes], values=tuple(self.values[code] for code in kept))

    def with_blanks_drawn(self, *, seed: int) -> TextColumn:
        """The column with cells of other customers, drawn at random, in place of the missing ones."""
        filled = self.codes >= 0
        draw = np.random.default_rng([seed, crc32(self.name.encode())])
        codes = self.codes.copy()
        codes[~filled] = draw.choice(self.codes[filled], int((~filled).sum()))
        return replace(self, codes=codes)


def text_column(name: str, series: Any, decimal: str = ".") -> TextColumn:
    """Convert a pandas series of strings (NA if missing) to a TextColumn with values in order of first appearance."""
    import pandas as pd

    raw, uniques = pd.factorize(series, use_na_sentinel=True)
    trimmed = [without_text_marks(str(value)) for value in uniques]
    place: dict[str, int] = {}
    mapped = np.empty(len(trimmed) + 1, np.int32)
    mapped[-1] = -1
    marks: dict[str, str] = {}
    for position, text in enumerate(trimmed):
        missing = text.casefold() in MISSING_TEXTS
        if missing:
            marks.setdefault(text.casefold(), text)
        mapped[position] = -1 if missing else place.setdefault(text, len(place))
    only_mark = len(marks) == 1 and marks.keys() <= MAY_BE_LEVELS and not (raw < 0).any()
    return TextColumn(name, mapped[raw], tuple(place), decimal, next(iter(marks.values())) if only_mark else None)
