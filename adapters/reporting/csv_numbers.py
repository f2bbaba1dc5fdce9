"""Numbers of whole columns as a style of CSV writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.reporting.arrow_text import float_texts, number_texts
from domain.csv_style import AMBIGUOUS, CsvStyle
from domain.export import PROBABILITY_DECIMALS
from domain.number_readings import number_as_written

Floats = NDArray[np.float64]
PLAIN = r"^[+-]?\d+([.,]\d+)?$"


@dataclass(frozen=True, slots=True)
class CsvNumbers:
    """Without a style, numbers are written in full, for programs. With one, with the digits that a person needs.

    `money_decimals` are those of the currency. `limits` are the probabilities at which a label or band begins.
    """

    style: CsvStyle | None
    money_decimals: int
    limits: tuple[float, ...]

    def probabilities(self, values: Floats) -> pa.StringArray:
        """Rounded, unless a customer would move across a limit. Rounding never reverses an order."""
        if self.style is None:
            return float_texts(values)
        short = np.round(values, PROBABILITY_DECIMALS)
        moved = np.zeros(len(values), np.bool_)
        for limit in self.limits:
            moved |= (short >= limit) != (values >= limit)
        return self._styled(float_texts(np.where(moved, values, short)))

    def money(self, values: Floats) -> pa.StringArray:
        """Amounts with the decimals of the currency. One that would round to nothing is written in full."""
        if self.style is None:
            return float_texts(values)
        short = np.round(values, self.money_decimals)
        return self._styled(float_texts(np.where(short == 0.0, values, short)))

    def attributes(self, values: Floats) -> pa.StringArray:
        """Numbers of the customer file, null if missing; whole ones without a decimal mark."""
        return self._styled(number_texts(values))

    def as_written(self, texts: Any, values: Floats) -> Any:
        """The file's own cells of a column of numbers (null: `values` in the usual way) in this style."""
        usual = self.attributes(values)
        if self.style is not CsvStyle.SEMICOLON:
            return pc.coalesce(texts, usual)
        plain = pc.fill_null(pc.match_substring_regex(texts, PLAIN), False)
        read = pc.cast(pc.replace_substring(pc.if_else(plain, texts, None), ",", "."), pa.float64())
        same = pc.fill_null(pc.equal(read, pa.array(values)), False)
        rest = pc.and_(pc.is_valid(texts), pc.invert(same))
        cells = pc.coalesce(pc.if_else(same, None, texts), usual)
        if not pc.any(rest).as_py():
            return cells
        numbers = values[rest.to_numpy(zero_copy_only=False)].tolist()
        written = [
            number_as_written(text, value, self.style)
            for text, value in zip(texts.filter(rest).to_pylist(), numbers, strict=True)
        ]
        return pc.replace_with_mask(cells, rest, pa.array(written, pa.string()))

    def _styled(self, texts: pa.StringArray) -> pa.StringArray:
        if self.style is not CsvStyle.SEMICOLON:
            return texts
        own = pc.replace_substring(texts, ".", ",")
        return pc.replace_substring_regex(own, AMBIGUOUS, r"\10")
