"""Numbers as people write them: blanks, thousands separators, currencies, decimal commas."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MISSING_WORDS = frozenset(
    {"", "-", "--", "?", "nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"}
    | {"+nan", "-nan", "null", "none", "n/a", "na", "n.a.", "#n/a", "#na", "nil", "\\n", "–", "—", "."}
    | {"(null)", "[null]", "<null>", "<na>", "nat", "(blank)", "1.#ind", "1.#qnan"}
)
"""Texts (trimmed, in lower case) that say that there is no value."""

NO_NUMBER_WORDS = MISSING_WORDS | {"unknown", "missing", "not available", "not applicable"}
"""Where a number is expected, these say the same; elsewhere they may be values of their own."""

NULLS_AS_WRITTEN = ("", " ", "-", "NaN", "nan", "NULL", "null", "N/A", "n/a", "NA", "None", "none", "#N/A")
"""The commonest of them, which the CSV parser can take for missing by itself."""

_SIGNS = "$¢£¤¥฿\u20a0-\u20cf"
_CURRENCY = re.compile(
    rf"^(?:[A-Z]{{0,2}}[{_SIGNS}]|[A-Z]{{3}}|[A-Za-z]{{3}}(?=[\s.])|ZiG|FCFA|R|Rs|Kr|kr|KSh|Ksh)\.?\s*(?=[-+(\d.,])"
    rf"|\s*(?:[{_SIGNS}]|[A-Z]{{3}}|FCFA|kr\.?|zł|Kč|Ft|лв)$"
)
_SPACES = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))", re.ASCII)
_UNUSUAL_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_OTHER_MARKS = {ord("٫"): ".", ord("٬"): ",", ord("￥"): "¥", **_WIDE}
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d*)?", re.ASCII)
"""In groups of three, or as in India: 12,34,567."""
_POINT_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN_TEXT = {".": r"^[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*$"}
_PLAIN_TEXT[","] = _PLAIN_TEXT["."].replace(r"\.", ",")


LARGEST = 1e30
"""Numbers beyond it are no measure of anything, and no model can hold them."""


def number_of(text: str, decimal: str = ".") -> float | None:
    """The number a person meant, None for text that is none. `decimal` decides "1,234" and "1.234"."""
    cleaned = _bare(_in_plain_digits(_without_quotes(text)))
    negative = cleaned.startswith("(") and cleaned.endswith(")")
    cleaned = _bare(cleaned[1:-1]) if negative else cleaned
    if cleaned.endswith("-") and cleaned[:1].isdigit():  # as some accounting programs write it
        negative, cleaned = True, cleaned[:-1]
    number = _with_marks(_SPACES.sub("", cleaned), decimal)
    if number is None or not math.isfinite(number):
        return None
    return -number if negative else number


def is_number(text: str) -> bool:
    return number_of(text) is not None


def _without_quotes(text: str) -> str:
    """Marks that spreadsheets leave so that a number stays text: '12, "12", ="12"."""
    text = text.strip()
    text = text[1:] if text.startswith('="') else text
    paired = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if paired else text.removeprefix("'")


def _in_plain_digits(text: str) -> str:
    """Digits of any script, Arabic marks and full-width signs as in ASCII; "2²" stays what it is."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.translate(_OTHER_MARKS))


def _bare(text: str) -> str:
    """Without blanks, percent sign, currency signs and codes around the number."""
    text = text.translate(_UNUSUAL_SPACES).replace("−", "-").strip().rstrip("%").rstrip()
    sign = text[:1] if text[:1] in ("-", "+") else ""
    return sign + _CURRENCY.sub("", text[len(sign) :]).strip()


def _with_marks(text: str, decimal: str) -> float | None:
    readings = [
        (_COMMA_THOUSANDS, lambda t: t.replace(",", "")),
        (_PLAIN, str),
        (_POINT_THOUSANDS, lambda t: t.replace(".", "").replace(",", ".")),
        (_COMMA_DECIMAL, lambda t: t.replace(",", ".")),
    ]
    for pattern, rewrite in readings if decimal == "." else reversed(readings):
        if pattern.fullmatch(text):
            return float(rewrite(text))
    return None


@dataclass(frozen=True, slots=True)
class NumberCells:
    """A column of numbers: float64 with NaN for none (n), and which cells held what is no number (n)."""

    values: NDArray[np.float64]
    unreadable: NDArray[np.bool_]


def beyond_any_measure(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isfinite(values) & (np.abs(values) > LARGEST)


def read_numbers(texts: Any, decimal: str = ".") -> NumberCells:
    """Turn an Arrow array of text (plain or dictionary) into numbers; blanks and words for "none" are missing.

    Distinct spellings are looked at once; only those that are not plain numbers are taken apart one by one.
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
        if text.strip().casefold() not in NO_NUMBER_WORDS:
            number = number_of(text, decimal)
            distinct[place] = np.nan if number is None else number
            unreadable[place] = number is None
    codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return NumberCells(distinct[codes], unreadable[codes])


def _cast(words: Any, decimal: str) -> NDArray[np.float64]:
    words = pc.ascii_trim_whitespace(words)
    if decimal == ",":
        words = pc.replace_substring(words, ",", ".")
    values = pc.cast(words, pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(values), values, np.nan)
