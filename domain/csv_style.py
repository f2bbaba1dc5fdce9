"""How a CSV is written for the spreadsheet program of one country: its delimiter and its decimal mark."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

AMBIGUOUS = r"^(-?\d{1,3},\d{3})$"
"""A number that could be read with the comma as a mark of thousands; a further 0 says that it is decimal."""
PLAIN_NUMBER = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?", re.ASCII)
BYTE_ORDER_MARK = "\ufeff"
"""Excel reads a CSV as UTF-8 only behind this mark."""


class CsvStyle(StrEnum):
    COMMA = "comma"
    SEMICOLON = "semicolon"

    @property
    def delimiter(self) -> str:
        return ";" if self is CsvStyle.SEMICOLON else ","

    @property
    def words(self) -> str:
        """How a person recognises the style."""
        return {"comma": "Comma, and 1234.5", "semicolon": "Semicolon, and 1234,5"}[self.value]

    @property
    def noun(self) -> str:
        return {"comma": "CSV with commas", "semicolon": "CSV with semicolons"}[self.value]

    def number(self, text: str) -> str:
        """A number with a decimal point as this style writes it, without marks of thousands."""
        return semicolon_number(text) if self is CsvStyle.SEMICOLON else text

    def cell(self, text: str) -> str:
        """A text in this style if it is a number with a decimal point, else unchanged."""
        return self.number(text) if PLAIN_NUMBER.fullmatch(text) else text

    @property
    def other(self) -> CsvStyle:
        return CsvStyle.COMMA if self is CsvStyle.SEMICOLON else CsvStyle.SEMICOLON


def semicolon_number(text: str) -> str:
    own = text.replace(".", ",")
    return f"{own}0" if re.match(AMBIGUOUS, own) else own


StyleOfLanguage = Callable[[str], CsvStyle]
"""The usual style of a language, such as "de-CH"; commas for a language that is not known."""
