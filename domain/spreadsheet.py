"""Escapes text in exported tables that a spreadsheet program could interpret as a formula.

Every exported table of any format goes through `spreadsheet_safe`.
"""

from __future__ import annotations

import re
import unicodedata

FORMULA_SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")
"""Also the full-width and small forms, which some spreadsheet programs fold before they look."""
CONTROL_STARTS = frozenset("\t\r\n")
"""A text that begins with one of these can end up in the next cell, or be trimmed to a formula."""
INVISIBLE = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
"""Unicode categories of invisible characters: controls, zero-width characters and spaces."""
NUMBER = re.compile(r"[+-]?\d[\d.,]*([eE][+-]?\d+)?")


def is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in INVISIBLE


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet could interpret the text as a formula. A plain number is not a formula."""
    first = text[:1]
    if not first or first.isalnum():
        return False  # nearly always: a short cut
    if first in CONTROL_STARTS:
        return True
    visible = next((character for character in text if not is_invisible(character)), "")
    return visible in FORMULA_SIGNS and not NUMBER.fullmatch(text)


def spreadsheet_safe(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet could interpret it as a formula."""
    return "'" + text if starts_a_formula(text) else text
