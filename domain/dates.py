"""Dates in customer files: how they are written, and their age in days at the file's reference date.

Training and scoring use the same functions, so the same date has the same age in any spelling. Days are counted from
1970-01-01.
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from domain.errors import DatesUnclear
from domain.question import Choice, Question, Subject
from domain.vocabulary.dates import month_number, names_date, names_future
from domain.vocabulary.months import before_the_year
from domain.vocabulary.text_marks import in_plain_characters, without_text_marks


class DateForm(StrEnum):
    """How a column writes its dates. The texts with a separator also include names of months."""

    YEAR_FIRST = "year-first"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    UNCLEAR = "unclear"
    DIGITS = "yyyymmdd"
    SECONDS = "epoch-seconds"
    MILLISECONDS = "epoch-milliseconds"
    MICROSECONDS = "epoch-microseconds"
    NANOSECONDS = "epoch-nanoseconds"
    SERIAL = "excel-serial"

    @property
    def is_number(self) -> bool:
        return self in _A_DAY or self is DateForm.DIGITS


DAY, MONTH = DateForm.DAY_FIRST, DateForm.MONTH_FIRST
_A_DAY: dict[DateForm, float] = {
    DateForm.SERIAL: 1.0,
    DateForm.SECONDS: 86_400.0,
    DateForm.MILLISECONDS: 86_400e3,
    DateForm.MICROSECONDS: 86_400e6,
    DateForm.NANOSECONDS: 86_400e9,
}
"""The unit of a day in forms that count."""
_ZERO = date(1970, 1, 1).toordinal()
_SERIAL_ZERO = date(1970, 1, 1).toordinal() - date(1899, 12, 30).toordinal()
FIRST_DAY = date(1901, 1, 1).toordinal() - _ZERO
LAST_DAY = date(2089, 12, 31).toordinal() - _ZERO
"""Dates before 1901 and after 2089 are placeholders, such as 1900-01-01 and 9999-12-31. So is 1970-01-01."""
_NUMBERS_FROM = {form: date(1971, 1, 1).toordinal() - _ZERO for form in _A_DAY} | {
    DateForm.SERIAL: date(1940, 1, 1).toordinal() - _ZERO
}
"""The first day that a plain number can mean. Smaller numbers are too often something else."""
_NUMBERS_TO = date(2060, 1, 1).toordinal() - _ZERO
CENTURY_FROM = 50
"""Two-digit years from here are in the last century."""
MIN_READABLE = 0.95
"""Share of cells that must be dates of one form."""
MIN_DISTINCT = 3
MIN_WITHOUT_NAME = 20
"""Distinct numbers from which the values alone can show that they are dates."""
GLANCE = 200
"""Distinct texts that are tried first, so that a column without dates is found quickly."""
MAX_STRAY = 0.01
"""Share of the dates after a gap of more than a year that are errors of typing and not the newest date."""
GAP = 366

_TIME = r"(?:(?:t|,|\s)+\d{1,2}\s?[:.h]\s?\d{2}.*|t\d{4,6}.*)?"
_SEPARATOR = r"\s?[-/. ]\s?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})(?:{_SEPARATOR})(\d{{1,2}})(?:(?:{_SEPARATOR})(\d{{1,2}}))?[.z]?{_TIME}", re.ASCII)
_YEAR_LAST = re.compile(
    rf"(?:[a-z]+\.?,?\s)?(\d{{1,2}})({_SEPARATOR})(\d{{1,2}})\2(\d{{4}}|\d{{2}})\.?{_TIME}", re.ASCII
)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_ORDINAL = r"(?:st|nd|rd|th|er|º|°|\.)?"
_OF = r"(?:\s?[-/.,']\s?|\s+(?:de|del|of)\s+|\s)?"
_DAY_NAMED = re.compile(
    rf"(?:[^\W\d_]+\.?,?\s)?(\d{{1,2}}){_ORDINAL}{_OF}([^\W\d_]+)\.?,?{_OF}(\d{{4}}|\d{{2}})\.?{_TIME}"
)
_MONTH_NAMED = re.compile(rf"(?:[^\W\d_]+\.?,?\s)?([^\W\d_]+)\.?[\s-](\d{{1,2}}){_ORDINAL},?[\s-]+(\d{{4}}){_TIME}")
_CTIME = re.compile(r"[^\W\d_]+ ([^\W\d_]+) +(\d{1,2}) \d\d:\d\d:\d\d (?:[a-z0-9+:]+ )?(\d{4})")
_YEAR_NAMED = re.compile(rf"(\d{{4}})[-/. ]([^\W\d_]+)\.?(?:[-/. ](\d{{1,2}}))?{_TIME}")
_ONLY_MONTH = re.compile(r"([^\W\d_]+)\.?(?:[-/., ']+|\sde\s)(\d{4}|\d{2})")
_CHINESE = str.maketrans({"年": "-", "月": "-", "日": "", "년": "-", "월": "-", "일": ""})
_DIGITS = re.compile(r"((?:19|20)\d{2}|0{4}|9{4})(\d{2})(\d{2})?(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?:[.,]0+)?", re.ASCII)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?:e\+?\d+)?", re.ASCII)
_ZEROS = re.compile(r"[0.,]+|[0/. -]+(?:[t ][0:.]+z?)?", re.ASCII)
_DAY_PART = re.compile(r"(\d{1,4}([-/.])\d{1,2}\2\d{1,4})[t ].*\d", re.ASCII)


def day_part(text: str) -> str:
    """A text without the time of day where it follows a numeric date; other texts as they are, in lower case.

    Marks of spreadsheet programs and invisible ones are removed, and digits of other scripts become 0 to 9.
    """
    text = in_plain_characters(without_text_marks(text)).casefold()
    if len(text) > 10 and (match := _DAY_PART.fullmatch(text)):
        return match[1]
    return text


def day_of(text: str, form: DateForm) -> int | None:
    """The day in a text, counted from 1970-01-01; None if it holds no date of this form, or a placeholder.

    The day is the one that is written: times and zones don't move it. Epochs are UTC.
    """
    day = _written_day(text.strip().casefold(), form)
    return day if day is not None and day != 0 and FIRST_DAY <= day <= LAST_DAY else None


def _written_day(text: str, form: DateForm) -> int | None:
    if form is DateForm.DIGITS:
        match = _DIGITS.fullmatch(text)
        return _day(int(match[1]), int(match[2]), int(match[3] or 1)) if match else None
    if form in _A_DAY:
        return _counted(_as_number(text), form) if _NUMBER.fullmatch(text) else None
    return _day_of_words(text if text.isascii() else text.translate(_CHINESE), form)


def _as_number(text: str) -> float:
    return float(text.replace(",", "."))


def _counted(number: float, form: DateForm) -> int | None:
    day = number // _A_DAY[form]
    if not abs(day) < 1e7:
        return None
    return int(day) - (_SERIAL_ZERO if form is DateForm.SERIAL else 0)


def _day_of_words(text: str, form: DateForm) -> int | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3] or 1))
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        return _day(year, first, second) if form is DateForm.MONTH_FIRST else _day(year, second, first)
    if match := _MONTH_YEAR.fullmatch(text):
        return _day(int(match[2]), int(match[1]), 1)
    return _day_with_name(text)


def _day_with_name(text: str) -> int | None:
    for pattern, year, month, day in (
        (_DAY_NAMED, 3, 2, 1),
        (_MONTH_NAMED, 3, 1, 2),
        (_CTIME, 3, 1, 2),
        (_YEAR_NAMED, 1, 2, 3),
        (_ONLY_MONTH, 2, 1, 0),
    ):
        match = pattern.fullmatch(text)
        number = month_number(match[month]) if match else None
        if match and number:
            return _day(_year(match[year]), number, int(match[day] or 1) if day else 1)
    return None


def _year(text: str) -> int:
    """A year of two digits is one of 1950 to 2049."""
    return int(text) if len(text) > 2 else int(text) + (1900 if int(text) >= CENTURY_FROM else 2000)


def _day(year: int, month: int, day: int) -> int | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day).toordinal() - _ZERO


def is_no_date(text: str) -> bool:
    """Whether it is a spelling for "no date" made of zeros: "0", "0000-00-00", "00/00/0000"."""
    return _ZEROS.fullmatch(text.strip().casefold()) is not None


def form_of(name: str, texts: Sequence[str], *, expected: bool = False) -> DateForm | None:
    """The form of a column's dates, from its name and its distinct texts; None if it holds no dates.

    `expected`: a model was trained on dates in this column, so that its name needs not say so again.
    UNCLEAR: every date can be read with the day or with the month first.
    """
    if _form_of_filled(name, _filled(texts[:GLANCE]), expected=expected) is None:
        return None
    parts = {day_part(text) for text in texts}
    filled = [part for part in parts if part and not is_no_date(part)]
    if not filled or len(texts) < (1 if expected else MIN_DISTINCT):
        return None
    return _form_of_filled(name, filled, expected=expected)


def _filled(texts: Sequence[str]) -> list[str]:
    return [part for part in map(day_part, texts) if part and not is_no_date(part)]


def _form_of_filled(name: str, filled: Sequence[str], *, expected: bool) -> DateForm | None:
    numbers = sum(_NUMBER.fullmatch(part) is not None for part in filled[:GLANCE])
    if not filled or numbers < MIN_READABLE * len(filled[:GLANCE]):
        return _form_of_texts(filled) if filled else None
    return _form_of_numbers(name, filled, expected=expected)


def _form_of_numbers(name: str, filled: Sequence[str], *, expected: bool) -> DateForm | None:
    named = expected or names_date(name)
    for form in (DateForm.DIGITS, *_A_DAY):
        plausible = (_plausible(part, form, named=named) for part in filled)
        if sum(plausible) >= MIN_READABLE * len(filled) if named else all(plausible):
            return form if named or _by_values_alone(filled, form) else None
    return None


def _plausible(part: str, form: DateForm, *, named: bool) -> bool:
    day = _written_day(part, form)
    if form is DateForm.DIGITS:
        digits = re.split("[.,]", part)[0]
        return (day is not None or digits.startswith("9999")) and (len(digits) > 6 or named)
    return day is not None and _NUMBERS_FROM[form] <= day <= _NUMBERS_TO


def _by_values_alone(filled: Sequence[str], form: DateForm) -> bool:
    """Whether numbers are dates although the name does not say so: many valid days, or midnights of an epoch."""
    if len(filled) < MIN_WITHOUT_NAME or form is DateForm.SERIAL:
        return False
    return form is DateForm.DIGITS or all(_as_number(part) % _A_DAY[form] == 0.0 for part in filled)


def _form_of_texts(filled: Sequence[str]) -> DateForm | None:
    orders = {form: _readable(filled, form) for form in (DateForm.DAY_FIRST, DateForm.MONTH_FIRST)}
    best = max(orders, key=lambda form: orders[form])
    if orders[best] < MIN_READABLE * len(filled):
        return None
    numeric = [match for match in map(_YEAR_LAST.fullmatch, filled) if match]
    if not numeric:
        return DateForm.YEAR_FIRST
    if orders[DateForm.DAY_FIRST] != orders[DateForm.MONTH_FIRST]:
        return best
    return _order_of([(int(match[1]), int(match[3])) for match in numeric], numeric[0][2].strip())


def _order_of(pairs: Sequence[tuple[int, int]], separator: str) -> DateForm:
    """The order where both are possible. Points are written day first. The months of firsts of months differ."""
    if separator == ".":
        return DateForm.DAY_FIRST
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    if firsts == {1} and len(seconds) >= 4:
        return DateForm.DAY_FIRST
    if seconds == {1} and len(firsts) >= 4:
        return DateForm.MONTH_FIRST
    return DateForm.DAY_FIRST if all(first == second for first, second in pairs) else DateForm.UNCLEAR


def _readable(parts: Sequence[str], form: DateForm) -> int:
    return sum(_day_of_words(part if part.isascii() else part.translate(_CHINESE), form) is not None for part in parts)


def month_order(texts: Iterable[str]) -> DateForm | None:
    """The order in a column of snapshot months that are written as days; None where it makes no difference.

    A number above 12 is a day. Otherwise snapshots of the first of each month show it: the number that is always 1 is
    the day if the other one varies.
    """
    pairs = {pair for pair in map(before_the_year, texts) if pair is not None}
    if all(first == second for first, second in pairs):
        return None
    day_first, month_first = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if not day_first and not month_first and len(pairs) > 1:
        day_first, month_first = {first for first, _ in pairs} == {1}, {second for _, second in pairs} == {1}
    if day_first == month_first:
        return DateForm.UNCLEAR
    return DateForm.DAY_FIRST if day_first else DateForm.MONTH_FIRST


def is_month_first(order: DateForm | None) -> bool | None:
    """Whether the month comes first; None if it is unclear."""
    return None if order is DateForm.UNCLEAR else order is DateForm.MONTH_FIRST


def settled(
    forms: Mapping[str, DateForm],
    *,
    chosen: DateForm | None,
    decimal: str,
    trained: Mapping[str, DateForm] = MappingProxyType({}),
) -> dict[str, DateForm]:
    """The forms with unclear ones decided: as a person chose, or as other columns of the file.

    A decimal comma is hardly written in month-first countries, but programs set the two apart. It decides only for a
    column that the training file, as `trained` says, wrote with the day first. Other columns without any evidence stay
    UNCLEAR: another program may have written the training file.
    """
    clear = {form for form in forms.values() if form in (DAY, MONTH)}
    by_file = next(iter(clear)) if len(clear) == 1 else None
    return {
        name: form
        if form is not DateForm.UNCLEAR
        else chosen or by_file or (DAY if decimal == "," and trained.get(name) is DAY else form)
        for name, form in forms.items()
    }


def note_on_order(column: str) -> str:
    """What to tell about a column of dates whose order the training file decided."""
    return (
        f"No date in “{column}” shows whether the day or the month comes first. It is read with the day first, as the "
        "training file wrote it; this file has decimal commas. If that is wrong, choose “Dates are written” or use "
        "--dates month-first."
    )


def order_question(column: str, texts: Iterable[str]) -> DatesUnclear:
    """The question whether the day or the month comes first in a column, from its texts."""
    numeric = (part for part in map(day_part, texts) if _YEAR_LAST.fullmatch(part) and not is_no_date(part))
    example = next((part for part in numeric if _in_order(part, DAY) != _in_order(part, MONTH)), "")
    days = {form: _in_order(example, form) for form in (DAY, MONTH)}
    choices = [
        Choice(form.value, f"{words}{f': {example} is {days[form]}' if example else ''}")
        for form, words in ((DAY, "Day first"), (MONTH, "Month first"))
    ]
    shown = f", for example “{example}”" if example else ""
    return DatesUnclear(
        Question(
            Subject.DATE_ORDER,
            f"The dates in “{column[:60]}” can be read with the day or the month first{shown}. Choose which it is.",
            tuple(choices),
            column,
        )
    )


def _in_order(text: str, form: DateForm) -> str:
    """The date in words, such as "3 April 2026"; empty without one."""
    day = day_of(text, form)
    if day is None:
        return ""
    calendar_day = date.fromordinal(day + _ZERO)
    return f"{calendar_day.day} {month_name[calendar_day.month]} {calendar_day.year}"


def reference_day(days: Mapping[str, Mapping[int, int]]) -> int | None:
    """The newest day of a file, to which ages are counted, from the rows per day of each of its date columns.

    Columns named after something to come, such as a contract's end, don't count. Neither do a few dates that are more
    than a year after all others. None without any date.
    """
    counts: dict[int, int] = {}
    for name, rows_of in days.items():
        if not names_future(name):
            for day, rows in rows_of.items():
                counts[day] = counts.get(day, 0) + rows
    ordered, stray = sorted(counts, reverse=True), 0
    newest = ordered[0] if ordered else None
    for newer, older in pairwise(ordered):
        stray += counts[newer]
        if stray > MAX_STRAY * sum(counts.values()):
            break
        if newer - older > GAP:
            newest = older
    return newest


def month_end(month: str) -> int | None:
    """The last day of a month "YYYY-MM"; None for a blank."""
    if not month:
        return None
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1]).toordinal() - _ZERO


def iso_day(day: int) -> str:
    """ "2026-11-29"."""
    return date.fromordinal(day + _ZERO).isoformat()


def day_from_iso(text: str) -> int:
    """The day of an ISO date. Raises ValueError."""
    return date.fromisoformat(text).toordinal() - _ZERO
