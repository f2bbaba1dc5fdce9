"""Reasons in words for whole columns: levels once per distinct level, numbers by the pattern of their wording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.reporting.texts import as_cells, clean
from domain.customer import Value
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.wording import reason_phrase

Floats = NDArray[np.float64]

PATTERN_FROM, PATTERN_TO = 2.0, 1e6
"""Numbers whose wording differs in the digits alone: 0 and 1 are often worded in their own way."""
TIE = 1e-6
"""Distance from the middle of two roundings within which Python rounds by itself."""
PROBE = 2468.5
PROBES = (2.0, 3.0, 7.25, 10.1, 45.0, 100.07, 999.99, 1000.0, 1001.5, 54_321.9, 123_456.78)
PHRASES_KEPT = 50_000
"""Distinct phrases remembered for an attribute before starting afresh, so that memory stays flat."""

STYLES: tuple[tuple[int, Callable[[float], str], Callable[[int], str]], ...] = (
    (2, lambda v: f"{v:,.2f}", lambda cents: f".{cents:02}"),
    (2, lambda v: f"{v:,.2f}".rstrip("0").rstrip("."), lambda cents: f".{cents:02}".rstrip("0").rstrip(".")),
    (0, lambda v: f"{v:,.0f}", lambda _: ""),
)
"""How the domain writes numbers inside phrases: decimals, the text as a whole, the text behind the whole part."""


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A phrase is `before`, the number, `after`; learned from phrases of the domain and held against more of them."""

    before: str
    after: str
    decimals: int
    fractions: pa.StringArray

    @classmethod
    def of(cls, phrase: Callable[[float], str]) -> NumberPattern | None:
        """None where the wording follows no such pattern."""
        shown = phrase(PROBE)
        for decimals, written, fraction in STYLES:
            before, found, after = shown.partition(written(PROBE))
            if found and all(phrase(probe) == before + written(probe) + after for probe in PROBES):
                return cls(before, after, decimals, pa.array([fraction(cents) for cents in range(100)], pa.string()))
        return None

    def covers(self, values: Floats) -> NDArray[np.bool_]:
        inside = (values >= PATTERN_FROM) & (values < PATTERN_TO - 1.0)
        if not self.decimals:
            return inside  # nothing is multiplied, so halves are rounded to even as Python does
        return inside & (np.abs(np.where(inside, values, 0.0) * 10.0**self.decimals % 1.0 - 0.5) > TIE)

    def phrases(self, values: Floats) -> pa.StringArray:
        """`values` all covered."""
        hundredths = np.rint(values * 10.0**self.decimals).astype(np.int64) * (1 if self.decimals else 100)
        whole, cents = np.divmod(hundredths, 100)
        thousands, units = np.divmod(whole, 1000)
        thousand_texts, unit_texts = _digits()
        return pc.binary_join_element_wise(
            self.before,
            thousand_texts.take(pa.array(thousands)),
            unit_texts.take(pa.array(units + np.where(thousands > 0, 1000, 0))),
            self.fractions.take(pa.array(cents)),
            self.after,
            "",
        )


@lru_cache(maxsize=1)
def _digits() -> tuple[pa.StringArray, pa.StringArray]:
    """Thousands below a million ("" for none); units alone (0 … 999) and behind thousands (1000 … 1999)."""
    units = [*map(str, range(1000)), *(f",{unit:03}" for unit in range(1000))]
    return pa.array(["", *map(str, range(1, 1000))]), pa.array(units)


@dataclass(slots=True)
class AttributePhrases:
    """One attribute's reasons as CSV cells."""

    attribute: str
    schema: CustomerSchema
    currency: str
    raw: bool
    pattern: NumberPattern | None = None
    known: dict[Value, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pattern = NumberPattern.of(self._phrase)

    def of_levels(self, levels: Any) -> pa.StringArray:
        """One per level of the Arrow array, and one more for missing."""
        return as_cells(pa.array([*map(self._known, levels.to_pylist()), self._known(None)], pa.string()), raw=self.raw)

    def of_numbers(self, values: Floats) -> pa.StringArray:
        """One per number, NaN for missing."""
        covered = self.pattern.covers(values) if self.pattern else np.zeros(len(values), np.bool_)
        distinct, which = np.unique(values[~covered], return_inverse=True)
        asked = pa.array([self._known(None if v != v else v) for v in distinct.tolist()], pa.string())
        if self.pattern is None or not covered.any():
            return as_cells(asked, raw=self.raw).take(pa.array(which))
        both = pa.concat_arrays([asked, self.pattern.phrases(values[covered])])
        place = np.empty(len(values), np.int64)
        place[~covered] = which
        place[covered] = len(asked) + np.arange(len(values) - len(which))
        return as_cells(both, raw=self.raw).take(pa.array(place))

    def _known(self, value: Value) -> str:
        phrase = self.known.get(value)
        if phrase is None:
            if len(self.known) >= PHRASES_KEPT:
                self.known.clear()
            phrase = self.known[value] = self._phrase(value)
        return phrase

    def _phrase(self, value: Value) -> str:
        return clean(reason_phrase(Reason(self.attribute, value, 1.0), self.schema, currency=self.currency))
