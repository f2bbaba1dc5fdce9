"""Typed cells as the text that a CSV file would hold: without a mark that can be misread, dates as ISO dates."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from math import isfinite, isnan

MAX_SERIAL = 2_958_466
"""The first serial number after 31 December 9999."""
FALSE_LEAP_DAY = 60
"""The serial number of 29 February 1900, which Excel has and the calendar has not."""
EXACT_INTEGERS = 10**15
"""Excel keeps 15 digits. Larger numbers are left as they are written."""
SECONDS = 86_400
_THOUSANDTHS = re.compile(r"-?\d{1,3}\.\d{3}")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)


class NumberFormat(Enum):
    """How a workbook shows a number, as far as it matters for its meaning."""

    PLAIN = "plain"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"


BUILT_IN = {
    **dict.fromkeys((9, 10), NumberFormat.PERCENT),
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)), NumberFormat.DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 46, 47), NumberFormat.TIME),
}
"""ECMA-376 part 1, 18.8.30, with the formats of Asian languages."""


def format_of_code(code: str) -> NumberFormat:
    """The meaning of a format code such as "dd/mm/yyyy", "[h]:mm" or "0.0%"."""
    plain = _QUOTED.sub("", code.partition(";")[0]).lower()
    if plain in ("general", "@", ""):
        return NumberFormat.PLAIN
    without_general = plain.replace("general", "").replace("am/pm", "h").replace("a/p", "h")
    if re.search(r"[yd]|mmm|^m+$|[geb]{1,4}[年/.]", without_general):
        return NumberFormat.DATE
    if re.search(r"[hs]", without_general):
        return NumberFormat.TIME
    return NumberFormat.PERCENT if "%" in plain else NumberFormat.PLAIN


def number_text(written: str, how: NumberFormat = NumberFormat.PLAIN, *, from_1904: bool = False) -> str:
    """The number that a workbook writes, such as "29.850000000000001", as people know it: "29.85".

    Whole numbers are kept digit by digit. What is no number is returned as it is.
    """
    if how is NumberFormat.PLAIN and written.isdigit():
        return written
    try:
        value = float(written)
    except ValueError:
        return written
    if not isfinite(value):
        return "" if isnan(value) else written  # too large: counted as what is no number, as in a CSV file
    if how is NumberFormat.PLAIN:
        return plain_number(value, written)
    if how is NumberFormat.PERCENT:
        return percent(value)
    return moment(value, from_1904=from_1904, only_time=how is NumberFormat.TIME) or plain_number(value, written)


def plain_number(value: float, written: str | None = None) -> str:
    """The shortest decimal number that gives this value. A point is never followed by exactly three digits only."""
    if value.is_integer():
        exact = abs(value) < EXACT_INTEGERS
        return str(int(value)) if exact else (written or repr(value))
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f") if abs(value) > 1e-12 else text
    return f"{text}0" if _THOUSANDTHS.fullmatch(text) else text


def percent(value: float) -> str:
    """0.265 as "26.5%"."""
    try:
        hundredfold = Decimal(repr(value)) * 100
    except InvalidOperation:
        return plain_number(value)
    return f"{plain_number(float(hundredfold))}%"


def moment(serial: float, *, from_1904: bool, only_time: bool) -> str | None:
    """A serial number as "2026-11-30", "2026-11-30 14:05:00" or, of a format of hours, "14:05:00".

    None if there is no such day.
    """
    if only_time and 0 <= serial < 1_000 and (serial < 1 or not from_1904):
        return duration(timedelta(seconds=round(serial * SECONDS)))
    day = day_of_serial(int(serial // 1), from_1904=from_1904) if 0 <= serial < MAX_SERIAL else None
    if day is None:
        return None
    seconds = round(serial % 1 * SECONDS)
    return moment_text(datetime.combine(day, time()) + timedelta(seconds=seconds))


def day_of_serial(serial: int, *, from_1904: bool) -> date | None:
    """None for 0 and for 29 February 1900, which are no days."""
    if from_1904:
        return date(1904, 1, 1) + timedelta(days=serial)
    if serial in (0, FALSE_LEAP_DAY):
        return None
    return date(1899, 12, 31 if serial < FALSE_LEAP_DAY else 30) + timedelta(days=serial)


def moment_text(value: datetime) -> str:
    """Without the time where it is midnight, and without fractions of a second."""
    if value.microsecond >= 500_000:
        value += timedelta(seconds=1)
    value = value.replace(microsecond=0)
    return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")


def duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def cell_text(value: object) -> str:
    """A value of a library for workbooks as text."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return plain_number(value) if isfinite(value) else ""
    if isinstance(value, datetime):
        return moment_text(value.replace(tzinfo=None))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    return str(value)
