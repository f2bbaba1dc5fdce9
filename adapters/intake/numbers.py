"""Parses numbers with blanks, thousands separators, currencies or decimal commas."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.number_marks import COMMA, POINT, Spelling
from domain.units import known_unit
from domain.vocabulary.money import is_currency_after, is_currency_before
from domain.vocabulary.text_marks import in_plain_characters, without_text_marks
from domain.vocabulary.units import PERCENT
from domain.vocabulary.values import MISSING_NUMBERS

_SPACES = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))", re.ASCII)
_UNUSUAL_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_MINUS_SIGNS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63"), "-")
"""Hyphens, the figure dash, the en dash and the minus sign, which programs write before negative numbers."""
_OTHER_MARKS = {
    ord("٫"): ".",
    ord("٬"): ",",
    ord("￥"): "¥",
    ord("٪"): "%",
    **_WIDE,
    **_MINUS_SIGNS,
}
_DIGITS = re.compile(r"\d(?:.*\d)?", re.ASCII | re.DOTALL)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?", re.ASCII)
"""Digits in groups of three, or grouped as in India: 12,34,567. A group after a leading 0 is a fraction: 0,435."""
_POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN_TEXT = {".": r"^[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*$"}
_PLAIN_TEXT[","] = _PLAIN_TEXT["."].replace(r"\.", ",")


LARGEST = 1e30
"""The largest float32. Larger numbers are not valid measurements, and models cannot represent them."""


def number_of(text: str, decimal: str = ".") -> float | None:
    """The number in a text, None if there is none. `decimal` determines the meaning of "1,234" and "1.234"."""
    if not has_digit(text):
        return None
    cleaned = _bare(in_plain_digits(without_text_marks(text)))
    negative = cleaned.startswith("(") and cleaned.endswith(")")
    cleaned = _bare(cleaned[1:-1]) if negative else cleaned
    if cleaned.endswith("-") and cleaned[:1].isdigit():  # some accounting programs write the sign last
        negative, cleaned = True, cleaned[:-1]
    number = _with_marks(_SPACES.sub("", cleaned), decimal)
    if number is None or not math.isfinite(number):
        return None
    return -number if negative else number


def has_digit(text: str) -> bool:
    """Whether a text has a decimal digit of any script. Most texts that are no numbers have none."""
    return any(map(str.isdecimal, text))


def is_number(text: str) -> bool:
    return number_of(text) is not None


def in_plain_digits(text: str) -> str:
    """Convert digits of any script, Arabic marks, full-width signs and minus signs to ASCII."""
    if text.isascii():
        return text
    return in_plain_characters(text.translate(_OTHER_MARKS))


def with_usual_spaces(text: str) -> str:
    return text.translate(_UNUSUAL_SPACES)


def _bare(text: str) -> str:
    """Remove blanks, percent sign, currency signs, codes and words around the number."""
    if _has_nothing_around(text):
        return text
    text = with_usual_spaces(text).strip().strip("%").strip()
    if text[:1] == "(" and text[-1:] == ")":
        return text  # the brackets are the sign
    digits = _DIGITS.search(text)
    if digits is None:
        return text
    before, number, after = text[: digits.start()], digits[0], text[digits.end() :]
    sign, before = _sign_of(before)
    if before.endswith((".", ",")) and _ends_in_sign_or_blank(before[:-1]):
        before, number = before[:-1], before[-1] + number
    if after[:1] in (".", "-", ","):
        number, after = number + after[0], after[1:]
    known = (not before.strip() or is_currency_before(before)) and _is_known_after(after)
    return sign + number if known else text


def _has_nothing_around(text: str) -> bool:
    """Whether a text begins and ends with a digit, as most numbers do: a short cut."""
    return text.isascii() and text[:1].isdigit() and text[-1:].isdigit()


def _is_known_after(text: str) -> bool:
    if not text.strip() or is_currency_after(text):
        return True
    unit = known_unit(text)
    return unit is not None and unit.dimension == PERCENT


def is_percentage(text: str) -> bool:
    """Whether a percent sign or word is next to the number of a text: "12.5 %", "%12,5", "12 Prozent"."""
    if _has_nothing_around(text):
        return False
    bare = with_usual_spaces(in_plain_digits(without_text_marks(text))).strip(" ()")
    digits = _DIGITS.search(bare)
    if digits is None:
        return False
    if bare.endswith("%") or bare.lstrip("+-").startswith("%"):
        return True
    unit = known_unit(bare[digits.end() :])
    return unit is not None and unit.dimension == PERCENT


def percentages(texts: Any) -> NDArray[np.bool_]:
    """Which cells (n) of an Arrow array of text have a percent sign or word next to a number."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    words = encoded.dictionary
    signed = np.zeros(len(words) + 1, bool)
    other = pc.match_substring_regex(words, r"[%٪]|\pL").to_numpy(zero_copy_only=False).astype(bool)
    for place in np.flatnonzero(other):
        signed[place] = is_percentage(words[int(place)].as_py() or "")
    cells: NDArray[np.bool_] = signed[encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]
    return cells


def _ends_in_sign_or_blank(text: str) -> bool:
    """Whether a mark after this text begins the number ($.50) and does not end an abbreviation (Rs.20, S/.20)."""
    return not text or text[-1].isspace() or unicodedata.category(text[-1]) == "Sc"


def _sign_of(before: str) -> tuple[str, str]:
    """The sign before a number, which can stand before or after a currency, and the text without it."""
    signs = [character for character in before if character in "+-"]
    if len(signs) != 1:
        return "", before
    return signs[0], before.replace(signs[0], "").lstrip()


_READINGS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_COMMA_THOUSANDS, lambda t: t.replace(",", "")),
    (_PLAIN, str),
    (_POINT_THOUSANDS, lambda t: t.replace(".", "").replace(",", ".")),
    (_COMMA_DECIMAL, lambda t: t.replace(",", ".")),
)


def _with_marks(text: str, decimal: str) -> float | None:
    for pattern, rewrite in _READINGS if decimal == "." else reversed(_READINGS):
        if pattern.fullmatch(text):
            return float(rewrite(text))
    return None


def spelled(text: str) -> tuple[Spelling, str]:
    """What a text with a number says about its decimal mark, and the number without what is around it."""
    number = _SPACES.sub("", _bare(in_plain_digits(without_text_marks(text)))).strip("()+-")
    if POINT not in number and COMMA not in number:
        size = len(number.lstrip("0")) if number.isascii() and number.isdigit() else 0
        return (Spelling.LARGE if size > 3 else Spelling.HUNDREDS if size == 3 else Spelling.NEUTRAL), number
    return next((own for pattern, own in _SPELLINGS if pattern.fullmatch(number)), Spelling.NEUTRAL), number


_SPELLINGS = (
    (re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII), Spelling.POINT_GROUP),
    (re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII), Spelling.COMMA_GROUP),
    (_COMMA_THOUSANDS, Spelling.POINT),
    (_POINT_THOUSANDS, Spelling.COMMA),
    (_PLAIN, Spelling.POINT),
    (_COMMA_DECIMAL, Spelling.COMMA),
)


@dataclass(frozen=True, slots=True)
class NumberCells:
    """A column of numbers: float64 (n) with NaN for none, and which cells contain text that is not a number (n)."""

    values: NDArray[np.float64]
    unreadable: NDArray[np.bool_]


def beyond_any_measure(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isfinite(values) & (np.abs(values) > LARGEST)


def read_numbers(texts: Any, decimal: str = ".") -> NumberCells:
    """Convert an Arrow array of text (plain or dictionary) to numbers. Blanks and words for "none" are missing.

    Each distinct spelling is parsed once. Only spellings that are not plain numbers are parsed one by one.
    """
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    words = encoded.dictionary
    plain = pc.match_substring_regex(words, _PLAIN_TEXT[decimal])
    distinct = np.full(len(words) + 1, np.nan)
    unreadable = np.zeros(len(words) + 1, bool)
    places = plain.to_numpy(zero_copy_only=False).astype(bool)
    distinct[:-1][places] = _cast(words.filter(plain), decimal)
    for place in np.flatnonzero(~places):
        text = words[int(place)].as_py() or ""
        if without_text_marks(text).casefold() not in MISSING_NUMBERS:
            number = number_of(text, decimal)
            distinct[place] = np.nan if number is None else number
            unreadable[place] = number is None
    codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return NumberCells(distinct[codes], unreadable[codes])


def texts_around_numbers(texts: Any) -> list[str]:
    """The distinct texts of an Arrow array that are more than digits and marks, such as amounts with a currency."""
    words = texts.dictionary if pa.types.is_dictionary(texts.type) else texts.unique()
    beside = pc.match_substring_regex(words, r"[^0-9., +\-][^0-9]*[0-9]|[0-9][^0-9]*[^0-9., +\-]")
    return [word for word in words.filter(beside).to_pylist() if word]


def _cast(words: Any, decimal: str) -> NDArray[np.float64]:
    words = pc.ascii_trim_whitespace(words)
    if decimal == ",":
        words = pc.replace_substring(words, ",", ".")
    values = pc.cast(words, pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(values), values, np.nan)
