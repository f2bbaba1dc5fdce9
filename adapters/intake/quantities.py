"""Reads numbers with units: "12.5 GB", "300MB", "2h 30m", "GB 12,5". Training and scoring use the same function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.numbers import has_digit, in_plain_digits, number_of, with_usual_spaces
from domain.unit_matching import BARE
from domain.units import Unit, known_unit, own_unit, unit_next_to
from domain.vocabulary.text_marks import without_text_marks
from domain.vocabulary.units import TIME
from domain.vocabulary.values import MISSING_NUMBERS

_NUMBER = r"[+-]?(?:[0-9][0-9.,\s'’_]*[0-9]|[.,]?[0-9]+|[0-9][.,])"
_BARE = re.compile(_NUMBER)
_AFTER = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>(?:[^\W\d_]|[%°])[^\d+]*)")
_BEFORE = re.compile(rf"(?P<unit>[^\W\d_][^\d+-]*[^\W\d_])\s+(?P<number>{_NUMBER})")
_PART = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([^\W\d_]+)?\.?[\s,]*(?:(?:and|und|et|en|y|e|i)\s+)?")
_BLANKS = r"[ \t\x{a0}\x{202f}]*"
_PLAIN = rf"^{_BLANKS}(?P<number>[+-]?(?:\d+DECIMAL?\d*|DECIMAL\d+)){_BLANKS}(?P<unit>\pL[\pL/]*)[. \t]*$"


class Quantity(NamedTuple):
    """A text of a number and a unit, both as written."""

    number: str
    unit: str


def quantity_of(text: str) -> Quantity | None:
    """The number and the unit of a text such as "12.5 GB". "" as unit: a number alone. None for other texts."""
    cleaned = _cleaned(text)
    if _BARE.fullmatch(cleaned):
        return Quantity(cleaned, BARE)
    after = _AFTER.fullmatch(cleaned)
    if after is not None:
        return Quantity(after["number"].strip(), after["unit"].strip())
    before = _BEFORE.fullmatch(cleaned)
    if before is not None and len(before["unit"]) > 1 and known_unit(before["unit"]) is not None:
        return Quantity(before["number"].strip(), before["unit"].strip())
    return None


def duration_of(text: str) -> tuple[float, Unit] | None:
    """A time of several parts, such as "2h 30m", "1h30", "1 year 3 months", in the unit of the last part."""
    cleaned = _cleaned(text)
    parts = _PART.findall(cleaned)
    if len(parts) < 2 or "".join(match[0] for match in _PART.finditer(cleaned)) != cleaned:
        return None
    units: list[Unit] = []
    for _, word in parts:
        unit = _part_unit(word, units[-1] if units else None)
        if unit is None or unit.dimension != TIME or (units and unit.size >= units[-1].size):
            return None
        units.append(unit)
    last = units[-1]
    numbers = (number.replace(",", ".") for number, _ in parts)
    return sum(unit.in_unit(float(number), last) for number, unit in zip(numbers, units, strict=True)), last


def _part_unit(word: str, before: Unit | None) -> Unit | None:
    """The unit of a part. Minutes may be written m, or not at all after hours; m after years means months."""
    if before is None:
        return known_unit(word) if word.casefold() != "m" else known_unit("minutes")
    if word.casefold() == "m" or not word:
        smaller = {"hours": "minutes", "days": "minutes", "years": "months"} if word else {"hours": "minutes"}
        return known_unit(smaller.get(before.name, ""))
    return known_unit(word)


def _cleaned(text: str) -> str:
    return with_usual_spaces(in_plain_digits(without_text_marks(text))).strip()


@dataclass(frozen=True, slots=True)
class QuantityCells:
    """A column in one unit: float64 (n) with NaN for none, and which cells hold text that is no such number (n).

    `bare`: an example of a number without a unit other than 0. `other`: an example in another unit of the dimension.
    """

    values: NDArray[np.float64]
    unreadable: NDArray[np.bool_]
    bare: str | None = None
    other: str | None = None
    other_unit: Unit | None = None
    """The unit of that example."""


def read_quantities(
    texts: Any, unit: Unit, decimal: str = ".", *, bare: bool = True, bare_unit: Unit | None = None
) -> QuantityCells:
    """Convert an Arrow array of text (plain or dictionary) to numbers in `unit`.

    A number without a unit is in `bare_unit`, else in `unit`, or unreadable if `bare` is false. Zero is zero in every
    unit.
    """
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    words = encoded.dictionary
    values, unreadable = np.full(len(words) + 1, np.nan), np.zeros(len(words) + 1, bool)
    reading = _Words(unit, decimal, bare, values, unreadable, bare_unit or unit)
    reading.read(words)
    codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return QuantityCells(
        reading.values[codes],
        reading.unreadable[codes],
        reading.bare_example,
        reading.other_example,
        reading.other_unit,
    )


@dataclass(slots=True)
class _Words:
    """Distinct texts as numbers in a unit. A plain number and a word are read for all texts at once."""

    unit: Unit
    decimal: str
    bare: bool
    values: NDArray[np.float64]
    unreadable: NDArray[np.bool_]
    bare_unit: Unit
    bare_example: str | None = None
    other_example: str | None = None
    other_unit: Unit | None = None

    def _keep_other(self, unit: Unit, text: str) -> None:
        if self.other_example is None:
            self.other_example, self.other_unit = text, unit

    def read(self, words: Any) -> None:
        pattern = _PLAIN.replace("DECIMAL", "[.]" if self.decimal == "." else ",")
        parts = pc.extract_regex(words, pattern)
        plain = parts.is_valid().to_numpy(zero_copy_only=False)
        if plain.any():
            self._read_plain(words, parts.filter(parts.is_valid()), np.flatnonzero(plain))
        for place in np.flatnonzero(~plain).tolist():
            text = words[place].as_py() or ""
            if without_text_marks(text).casefold() not in MISSING_NUMBERS:
                number = self._number(text)
                self.values[place] = np.nan if number is None else number
                self.unreadable[place] = number is None

    def _read_plain(self, words: Any, parts: Any, places: NDArray[np.int64]) -> None:
        texts = parts.field("number")
        numbers = pc.cast(pc.replace_substring(texts, ",", "."), pa.float64()).to_numpy(zero_copy_only=False)
        units = parts.field("unit").dictionary_encode()
        codes = units.indices.to_numpy()
        for code, name in enumerate(units.dictionary.to_pylist()):
            here = np.flatnonzero(codes == code)
            own = unit_next_to(name, self.unit)
            if own is None:
                self.unreadable[places[here]] = True
            elif own.size == self.unit.size:
                self.values[places[here]] = numbers[here]
            else:
                self.values[places[here]] = [own.in_unit(number, self.unit) for number in numbers[here].tolist()]
                self._keep_other(own, words[int(places[here[0]])].as_py())

    def _number(self, text: str) -> float | None:
        """The number of a text that is not just digits and a word."""
        duration = duration_of(text) if self.unit.dimension == TIME else None
        if duration is not None:
            return duration[1].in_unit(duration[0], self.unit)
        quantity = quantity_of(text)
        number = None if quantity is None else number_of(quantity.number, self.decimal)
        if quantity is None or number is None:
            return None
        if quantity.unit == BARE:
            return self._bare(number, text)
        own = unit_next_to(quantity.unit, self.unit)
        if own is None:
            return None
        if own.size != self.unit.size:
            self._keep_other(own, text)
        return own.in_unit(number, self.unit)

    def _bare(self, number: float, text: str) -> float | None:
        if number and self.bare_example is None:
            self.bare_example = text
        return self.bare_unit.in_unit(number, self.unit) if self.bare or not number else None


def unit_of_cell(text: str) -> Unit | str | None:
    """The unit of a text, "" for a number alone, None for a text that is no number with a unit.

    Without the column's other cells, so "m" is a separate unit.
    """
    if not has_digit(text):
        return None
    duration = duration_of(text)
    if duration is not None:
        return duration[1]
    quantity = quantity_of(text)
    if quantity is None:
        return None
    if quantity.unit == BARE:
        return BARE
    known = known_unit(quantity.unit)
    return known if known is not None else own_unit(quantity.unit)
