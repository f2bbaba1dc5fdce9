"""What programs write around and instead of plain characters: marks of spreadsheets, invisible marks, other digits."""

from __future__ import annotations

import unicodedata

QUOTES = frozenset("\"'")
TEXT_MARKS = QUOTES | {"="}
"""A text that begins with none of these has no marks to remove."""


INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Marks of writing direction and of places to break a line, which programs put around numbers, dates and words."""
_NOTHING = dict.fromkeys(map(ord, INVISIBLE))
_AROUND = INVISIBLE + " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2000\u2007\u2009\u202f\u3000"


def without_text_marks(text: str) -> str:
    """A cell without the marks that make a spreadsheet keep it as text: ="001000", '001000, "001000" → 001000.

    Invisible marks around it are removed as well.
    """
    text = text.strip() if text.isascii() else text.strip(_AROUND).strip()
    if not text or text[0] not in TEXT_MARKS:
        return text
    formula = text.startswith('="') and text.endswith('"') and len(text) > 2
    inner = text[2:-1] if formula else text
    if not formula and len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES:
        inner = text[1:-1]
    return inner.removeprefix("'").strip() if inner[:1] == "'" else inner.strip()


def in_plain_characters(text: str) -> str:
    """The text with decimal digits of any script as 0 to 9, and without invisible marks. "2²" stays unchanged."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.translate(_NOTHING))
