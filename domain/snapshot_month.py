"""The month that a file shows, and whether the files of a base follow each other without a gap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import PurePath

from domain.errors import FileRefused
from domain.presence import MAX_MONTHS
from domain.question import MAX_CHOICES, Choice, Question, Subject
from domain.vocabulary.dates import month_number

_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_MONTH_FIRST = re.compile(r"(?<!\d)(?:(?:0[1-9]|[12]\d|3[01])[-_. ])?(0?[1-9]|1[0-2])[-_. ]((?:19|20)\d{2})(?!\d)")
_WORD_YEAR = re.compile(r"([^\W\d_]{3,})[-_. ]*((?:19|20)\d{2}|\d{2})(?!\d)")
_YEAR_WORD = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_. ]*([^\W\d_]{3,})")


def month_in_name(file_name: str) -> str | None:
    """The month in a file's name: "base_2026-05.csv" → "2026-05"; None if it names none, or several."""
    stem = PurePath(file_name).name.partition(".csv")[0]
    months = dict.fromkeys(_months_in(stem))
    return next(iter(months)) if len(months) == 1 else None


def _months_in(stem: str) -> Iterator[str]:
    numeric = [*((own[1], int(own[2])) for own in _YEAR_FIRST.finditer(stem))]
    numeric = numeric or [(own[2], int(own[1])) for own in _MONTH_FIRST.finditer(stem)]
    words = [(own[2], month_number(own[1])) for own in _WORD_YEAR.finditer(stem)]
    words += [(own[1], month_number(own[2])) for own in _YEAR_WORD.finditer(stem)]
    for year, month in (*numeric, *((year, number) for year, number in words if number is not None)):
        yield month_at(12 * (int(year) if len(year) > 2 else 2000 + int(year)) + month - 1)


def place_of(month: str) -> int:
    """Months since year 0, so that following months have following numbers; 0 for "", a file without months."""
    return 12 * int(month[:4]) + int(month[5:7]) - 1 if month else 0


def month_at(place: int) -> str:
    """The month of such a number, as "YYYY-MM"; "" for 0."""
    return date(place // 12, place % 12 + 1, 1).isoformat()[:7] if place else ""


def in_words(month: str) -> str:
    """ "2026-05" → "May 2026"."""
    return f"{_NAMES[int(month[5:7]) - 1]} {month[:4]}" if month else "the file"


def in_short(month: str) -> str:
    """ "2026-05" → "May 2026", "2026-09" → "Sep 2026"."""
    return f"{_NAMES[int(month[5:7]) - 1][:3]} {month[:4]}"


def recent_months(latest: str) -> tuple[Choice, ...]:
    """The months that a person can choose from, the newest first."""
    last = place_of(latest)
    return tuple(Choice(month_at(place), in_words(month_at(place))) for place in range(last, last - MAX_CHOICES, -1))


def month_question(file_name: str, *, latest: str) -> Question:
    """Which month a file shows, where neither a column nor its name says so. The newest choice is `latest`."""
    return Question(
        Subject.MONTH,
        f"Which month does {file_name[:60]} show? It has no column with the month, and its name does not say it.",
        recent_months(latest),
        file_name,
    )


def must_follow_each_other(files: Mapping[str, Sequence[str]]) -> None:
    """Raises FileRefused for a month that is in two files, for a gap between months, and for too many months.

    `files` are the names of the files that contain each month.
    """
    for month, names in sorted(files.items()):
        if len(names) > 1:
            raise FileRefused(
                f"{in_words(month)} is in {len(names)} files: {', '.join(name[:60] for name in names[:3])}.",
                advice="Leave out all but one of them, or correct the month of a file.",
            )
    for earlier, later in pairwise(sorted(files)):
        missing = place_of(later) - place_of(earlier) - 1
        if missing:
            gap = in_words(month_at(place_of(earlier) + 1))
            more = f" and {missing - 1} more" if missing > 1 else ""
            raise FileRefused(
                f"There is no file of {gap}{more} between {in_words(earlier)} and {in_words(later)}.",
                advice="Add what is missing, or use only files of months that follow each other.",
            )
    if len(files) > MAX_MONTHS:
        raise FileRefused(
            f"The files contain {len(files)} months; at most {MAX_MONTHS} can be used.",
            advice="Leave out the oldest files.",
        )
