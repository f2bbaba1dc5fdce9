"""Units of numbers: recognising one by its spelling, and converting between those of a dimension.

A column of numbers has one unit. Values in other units of its dimension are converted; values of another dimension
are no values of the column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from domain.vocabulary.spelling import bare_words
from domain.vocabulary.units import (
    ALSO,
    BIT_RATE,
    BYTE_RATE,
    BYTE_RATES,
    DATA,
    LENGTH,
    NAME_OF,
    NO_UNITS,
    PER_WORDS,
    PERCENT,
    TIME,
    UNITS,
)

MAX_LENGTH = 20
"""Characters of a unit that is not in the vocabulary."""
SHORT = 12
"""Digits of a short decimal."""
_OWN = "the unit "
_EXACT, _DIGITS = Context(prec=60), Context(prec=15)
_PER = re.compile(rf"(.*?\S)\s*(?:/|\b(?:{'|'.join(PER_WORDS)})\b)\s*(\S+)")
_OWN_WORD = re.compile(r"[^\W\d_](?:[^\d,;:()+_]*[^\W\d_°%])?|°[^\W\d_]?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, with its size in the smallest step of its dimension. A word that is not known is its own dimension."""

    name: str
    dimension: str
    size: int = 1

    def converts_to(self, other: Unit) -> bool:
        return self.dimension == other.dimension

    @property
    def is_known(self) -> bool:
        """Whether the vocabulary has the unit; else it is a word of the file."""
        return not self.dimension.startswith(_OWN)

    @property
    def smallest(self) -> Unit:
        """The step of which the units of the dimension are multiples."""
        return Unit("", self.dimension)

    def in_unit(self, number: float, other: Unit) -> float:
        """The number in another unit of the dimension: the float nearest to the exact decimal result.

        What differs from a short decimal only in the 16th digit is that decimal: 0.6666666666666666 years are 8 months.

        Raises ValueError for another dimension.
        """
        if not self.converts_to(other):
            raise ValueError(f"{self.name} cannot be converted to {other.name}")
        if self.size == other.size:
            return number
        exact = _EXACT.divide(_EXACT.multiply(Decimal(repr(number)), self.size), other.size)
        rounded = _DIGITS.plus(exact).normalize()
        return float(rounded if len(rounded.as_tuple().digits) <= SHORT else exact)


@lru_cache(maxsize=8192)
def known_unit(text: str) -> Unit | None:
    """The unit that a text without a number spells, in any case: " GB", "Minuten", "GB/month"; None for other texts."""
    written = _trimmed(text)
    if written in BYTE_RATES:
        name, size = BYTE_RATES[written]
        return Unit(name, BYTE_RATE, size)
    name_of = NAME_OF.get(_key(text))
    if name_of is not None:
        return Unit(name_of, *UNITS[name_of])
    rate = _PER.fullmatch(written)
    if rate is None:
        return None
    own, each = known_unit(rate[1]), known_unit(rate[2])
    if own is None or each is None or each.dimension != TIME:
        return None
    return Unit(f"{own.name}/{each.name.removesuffix('s')}", f"{own.dimension} per {each.name}", own.size)


@lru_cache(maxsize=8192)
def unit_next_to(text: str, base: Unit) -> Unit | None:
    """The unit that a text spells in a column with the unit `base`; None if it cannot be converted to it."""
    for name in ALSO.get(_key(text), ()):
        unit = Unit(name, *UNITS[name])
        if unit.converts_to(base) and _is_usual_next_to(unit, base):
            return unit
    known = known_unit(text) or own_unit(text)
    return known if known is not None and known.converts_to(base) else None


def has_one_meaning(text: str) -> bool:
    """Whether a spelling means the same unit next to every other one."""
    return _key(text) not in ALSO


def may_be_unit(text: str) -> bool:
    """Whether a text next to a number is a unit: one of the vocabulary, or a word that a file may use as one."""
    return not has_one_meaning(text) or known_unit(text) is not None or own_unit(text) is not None


def _is_usual_next_to(unit: Unit, base: Unit) -> bool:
    """Minutes are counted next to seconds and hours, months next to years."""
    if unit.dimension != TIME:
        return True
    return base.name in (("seconds", "minutes", "hours") if unit.name == "minutes" else ("months", "years"))


def own_unit(text: str) -> Unit | None:
    """A unit that is not in the vocabulary, as it is written; None for a text that cannot be one."""
    written, key = _trimmed(text), _key(text)
    if not written or len(key) > MAX_LENGTH or not _OWN_WORD.fullmatch(written):
        return None
    if written == "M" or (key in NO_UNITS and key != "m"):
        return None
    return Unit(written, _OWN + _one(text))


def _one(text: str) -> str:
    """The same key for singular and plural: "call", "Calls"."""
    key = _key(text)
    return key.removesuffix("s") if len(key) > 3 else key


def unit_called(name: str) -> Unit:
    """The unit with this name, as versions of models store it."""
    known = known_unit(name)
    if known is not None and known.name == name:
        return known
    return Unit(name, UNITS[name][0], UNITS[name][1]) if name in UNITS else Unit(name, _OWN + _one(name))


def usual_units_of(unit: Unit) -> tuple[Unit, ...]:
    """Units of the same dimension that people count in, with the unit itself first."""
    names = (name for name, (dimension, _) in UNITS.items() if dimension == unit.dimension and name not in _UNUSUAL)
    return tuple(dict.fromkeys((unit, *(Unit(name, *UNITS[name]) for name in names))))


_UNUSUAL = frozenset({"bit", "kbit", "Mbit", "Gbit", "bit/s", "B", "PB", "mm", "cm", "feet", "Wh", "MWh"})


def one_of(name: str) -> str:
    """The name of a unit after the number one: "minutes" → "minute"."""
    return name.removesuffix("s") if UNITS.get(name, ("", 0))[0] in (TIME, LENGTH) and len(name) > 2 else name


def unit_named_in(column: str) -> Unit | None:
    """The unit that the last word of a column's name says: "data_gb" → GB, "Speed (Mbps)" → Mbit/s."""
    words = bare_words(column)
    if len(words) < 2 or len(words[-1]) < 2:
        return None
    named = known_unit(words[-1])
    return None if named is None or named.dimension == PERCENT else named


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip(".").strip()


def _key(text: str) -> str:
    return "".join(_trimmed(text).casefold().replace("(s)", "s").split())


def note_on(column: str, unit: Unit) -> str:
    """What a person should know about a column that is read in a unit."""
    if not unit.is_known:
        return f"{column!r} is read as numbers: every cell has the word {unit.name!r} after its number."
    how = "" if unit.name in _WITHOUT_MONTHS else _HOW.get(unit.dimension, "")
    return f"{column!r} is read as numbers in {unit.name}. Cells in other units are converted.{how}"


_WITHOUT_MONTHS = ("ms", "seconds", "minutes", "hours")
_HOW = {
    DATA: " A GB is 1,024 MB, and a MB is 1,024 KB.",
    TIME: " A month is a twelfth of 365.25 days.",
    BIT_RATE: " A Mbit/s is 1,000 kbit/s.",
}
