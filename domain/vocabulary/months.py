"""Snapshot-month columns, and months as "YYYY-MM"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.vocabulary.columns import words_of
from domain.vocabulary.spelling import normalise

SNAPSHOT_MONTH_NAMES = frozenset({"snapshotmonth", "reportmonth", "reportingmonth", "yearmonth", "billingmonth"})
"""Normalised names that mean a snapshot month for any content of the column."""

MONTH_ABBREVIATIONS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME_WORD = re.compile(r"\b(month|snapshot|period|date|asof|as of|yearmonth|yyyymm)\b")
_PERIOD_WORD = re.compile(r"\b(quarter|qtr|year|month|week|wk|period|wave|cycle|snapshot|date)\b")
_SNAPSHOT = re.compile(
    r"(the )?(month|date|period|year ?month|month ?year|month (id|key)|yyyymm|snapshot)"
    r"|.*\b(snapshot|report|reporting|observation|reference|data|extract|extraction|cut ?off|as ?of|calendar|fiscal"
    r"|billing|statement)\b.*"
)
_OWN_EVENT = re.compile(
    r"\b(start|sign|join|activ|birth|contract|last|latest|first|pay|end|expir|due|churn|cancel|deactiv|terminat|left"
    r"|exit|renew|install|purchase|recharge|top ?up|call|visit|login|complain|regist|open|clos|creat|updat|since|next"
    r"|upgrade|port)"
)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2})?(?:[t ].*)?", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})(?:\d{2})?", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[t ].*)?", re.ASCII)
_SHORT = re.compile(r"([a-z]{3})[-' ](\d{2})", re.ASCII)
_NAMED = re.compile(r"(?:\d{1,2}[-/. ])?([a-z]{3})[a-z]*[-/., ]+(\d{4})|(\d{4})[-/. ]([a-z]{3})[a-z]*", re.ASCII)


def mentions_time(name: str) -> bool:
    """Whether a column of this name may hold months or dates."""
    return _TIME_WORD.search(words_of(name)) is not None or normalise(name).endswith("month")


def mentions_period(name: str) -> bool:
    """Whether the name is that of a month, a quarter, a year or another period."""
    return _PERIOD_WORD.search(words_of(name)) is not None


def names_snapshot_month(name: str) -> bool:
    """Whether the name says when a row was taken, and not when the customer did something."""
    words = words_of(name)
    known = normalise(name) in SNAPSHOT_MONTH_NAMES or _SNAPSHOT.fullmatch(words) is not None
    return known and _OWN_EVENT.search(words) is None


def is_snapshot_month(name: str, cells: Iterable[str]) -> bool:
    """Whether a column holds the snapshot month: by a sure name, or by its name and its first cells, all months."""
    if normalise(name) in SNAPSHOT_MONTH_NAMES:
        return True
    if not (mentions_time(name) and names_snapshot_month(name)):
        return False
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(month_of(cell) is not None for cell in filled)


def before_the_year(text: str) -> tuple[int, int] | None:
    """The two numbers before the year in "11/30/2026"; None for a text with a point between them, and for any other.

    With points, the day comes first.
    """
    text = text.strip().casefold()
    match = None if "." in text[:5] else _YEAR_LAST.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def month_of(text: str, *, month_first: bool | None = False) -> str | None:
    """ "2026-11-01", "202611", "11/2026", "01.11.2026", "Nov 2026", "Nov-26" → "2026-11"; None for anything else.

    Of two numbers before the year, the one that can be no month is the day; if both can, `month_first` says which comes
    first, or None that it is not known, so that the month is not either.
    """
    text = text.strip().casefold()
    if match := _YEAR_FIRST.fullmatch(text) or _RUN_TOGETHER.fullmatch(text):
        return _written(match[1], int(match[2]))
    if match := _MONTH_YEAR.fullmatch(text):
        return _written(match[2], int(match[1]))
    if match := _YEAR_LAST.fullmatch(text):
        return _of_pair(match[3], int(match[1]), int(match[2]), month_first=False if "." in text[:5] else month_first)
    if match := _NAMED.fullmatch(text):
        year, name = match[2] or match[3], match[1] or match[4]
        known = name in MONTH_ABBREVIATIONS
        return _written(year, MONTH_ABBREVIATIONS.index(name) + 1) if known else None
    if (match := _SHORT.fullmatch(text)) and match[1] in MONTH_ABBREVIATIONS:
        return _written(f"20{match[2]}", MONTH_ABBREVIATIONS.index(match[1]) + 1)
    return None


def _of_pair(year: str, first: int, second: int, *, month_first: bool | None) -> str | None:
    if month_first is None and first != second and max(first, second) <= 12:
        return None
    return _written(year, first if second > 12 or (month_first and first <= 12) else second)


def _written(year: str, month: int) -> str | None:
    return f"{year}-{month:02d}" if 1 <= month <= 12 else None
