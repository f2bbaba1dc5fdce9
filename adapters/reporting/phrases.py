"""Words for whole columns: levels once per distinct level, numbers with a pattern of their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.formatting.babel_formats import BabelFormats, formats_without_currency
from adapters.reporting.arrow_text import clean
from domain.customer import Value
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.wording import reason_phrase

Floats = NDArray[np.float64]

PATTERN_FROM, PATTERN_TO = 2.0, 1e6
"""Numbers whose phrases differ only in the digits. The phrases for 0 and 1 often differ."""
TIE = 1e-6
"""Distance from the middle between two rounded numbers within which Python does the rounding."""
PROBE = 2468.5
PROBES = (2.0, 3.0, 7.25, 10.1, 45.0, 100.07, 999.99, 1000.0, 1001.5, 54_321.9, 123_456.78)
PHRASES_KEPT = 50_000
"""Distinct phrases of an attribute in the cache. It is cleared beyond this number, to limit memory."""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """A number format that the domain uses in phrases."""

    formats: BabelFormats
    decimals: int
    min_decimals: int

    def written(self, value: float) -> str:
        return self.formats.number(value, decimals=self.decimals, min_decimals=self.min_decimals)

    def fractions(self) -> list[str]:
        """The text after the whole part for every fraction: "", ".01" … ".99" with two decimals."""
        scale = 10**self.decimals
        return [self.written(1 + fraction / scale)[1:] for fraction in range(scale)]


def styles_of(formats: BabelFormats) -> Iterator[NumberStyle]:
    """Amounts with the currency's decimals, numbers without trailing zeros, whole amounts."""
    yield NumberStyle(formats, formats.decimals, formats.decimals)
    yield NumberStyle(formats, 2, 0)
    yield NumberStyle(formats, 0, 0)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A phrase of the form `before`, number, `after`. Derived from phrases of the domain and checked with others."""

    before: str
    after: str
    decimals: int
    fractions: pa.StringArray

    @classmethod
    def of(cls, phrase: Callable[[float], str | None], formats: BabelFormats) -> NumberPattern | None:
        """The pattern; None if the phrases do not have one."""
        shown = phrase(PROBE) or ""
        for style in styles_of(formats):
            before, number, after = shown.partition(style.written(PROBE))
            if number and all(phrase(probe) == before + style.written(probe) + after for probe in PROBES):
                return cls(before, after, style.decimals, pa.array(style.fractions(), pa.string()))
        return None

    def covers(self, values: Floats) -> NDArray[np.bool_]:
        inside = (values >= PATTERN_FROM) & (values < PATTERN_TO - 1.0)
        if not self.decimals:
            return inside  # there is no multiplication, so halves are rounded to even as in Python
        return inside & (np.abs(np.where(inside, values, 0.0) * 10.0**self.decimals % 1.0 - 0.5) > TIE)

    def phrases(self, values: Floats) -> pa.StringArray:
        """Phrases for `values`, all of which must be covered."""
        scale = 10**self.decimals
        whole, fraction = np.divmod(np.rint(values * float(scale)).astype(np.int64), scale)
        thousands, units = np.divmod(whole, 1000)
        thousand_texts, unit_texts = _digits()
        return pc.binary_join_element_wise(
            self.before,
            thousand_texts.take(pa.array(thousands)),
            unit_texts.take(pa.array(units + np.where(thousands > 0, 1000, 0))),
            self.fractions.take(pa.array(fraction)),
            self.after,
            "",
        )


@lru_cache(maxsize=1)
def _digits() -> tuple[pa.StringArray, pa.StringArray]:
    """Thousands below a million ("" for none); units alone (0 … 999) and after thousands (1000 … 1999)."""
    formats = formats_without_currency()
    units = [*map(str, range(1000)), *(formats.number(1000 + unit)[1:] for unit in range(1000))]
    return pa.array(["", *map(str, range(1, 1000))]), pa.array(units)


@dataclass(slots=True)
class ColumnWords:
    """What the domain says about each value of a column; None where it says nothing."""

    say: Callable[[Value], str | None]
    formats: BabelFormats
    pattern: NumberPattern | None = None
    known: dict[Value, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pattern = NumberPattern.of(self.say, self.formats)

    def of(self, values: Iterable[Value] | Floats) -> pa.StringArray:
        """The words of each value, null where there are none."""
        if isinstance(values, np.ndarray):
            words, which = self.of_numbers(values)
            return words.take(pa.array(which))
        return pa.array([self._known(value) for value in values], pa.string())

    def of_numbers(self, values: Floats) -> tuple[pa.StringArray, NDArray[np.int64]]:
        """Words, and which of them each number has; NaN if missing."""
        covered = self.pattern.covers(values) if self.pattern else np.zeros(len(values), np.bool_)
        distinct, which = np.unique(values[~covered], return_inverse=True)
        asked = self.of(None if v != v else v for v in distinct.tolist())
        if self.pattern is None or not covered.any():
            return asked, which
        place = np.empty(len(values), np.int64)
        place[~covered] = which
        place[covered] = len(asked) + np.arange(len(values) - len(which))
        return pa.concat_arrays([asked, self.pattern.phrases(values[covered])]), place

    def _known(self, value: Value) -> str | None:
        if value not in self.known:
            if len(self.known) >= PHRASES_KEPT:
                self.known.clear()
            words = self.say(value)
            self.known[value] = None if words is None else clean(words)
        return self.known[value]


@dataclass(slots=True)
class AttributePhrases:
    """One attribute's reasons, as `cells` writes a text."""

    attribute: str
    schema: CustomerSchema
    formats: BabelFormats
    cells: Callable[[Any], Any]
    words: ColumnWords = field(init=False)

    def __post_init__(self) -> None:
        self.words = ColumnWords(self._phrase, self.formats)

    def of_levels(self, levels: Any) -> pa.StringArray:
        """One phrase per level of the Arrow array, and one more for missing."""
        return self.cells(self.words.of([*levels.to_pylist(), None]))

    def of_numbers(self, values: Floats) -> pa.StringArray:
        """One phrase per number, NaN if missing."""
        phrases, which = self.words.of_numbers(values)
        return self.cells(phrases).take(pa.array(which))

    def _phrase(self, value: Value) -> str:
        return reason_phrase(Reason(self.attribute, value, 1.0), self.schema, self.formats)
