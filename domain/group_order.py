"""The order of an attribute's values in charts: contracts by their length, others as they come, the largest first."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12, "eighteen": 18}
_MONTHS_IN = {"day": 1 / 30, "week": 7 / 30, "month": 1, "quarter": 3, "year": 12}
_LENGTH = re.compile(rf"\b(\d+|{'|'.join(_NUMBERS)})[\s_-]*({'|'.join(_MONTHS_IN)})s?\b", re.IGNORECASE)
_EACH = re.compile(
    r"\b(month[\s_-]*to[\s_-]*month|monthly|quarterly|yearly|annual(?:ly)?|weekly|daily)\b", re.IGNORECASE
)
_EACH_MONTHS = {"m": 1, "q": 3, "y": 12, "a": 12, "w": 7 / 30, "d": 1 / 30}
_REST = float("inf")


def months_of_label(label: str) -> float | None:
    """The months that a value such as "Month-to-month", "Two year" or "24 months" says; None if it says none."""
    found = _LENGTH.search(label)
    if found:
        number = found[1].lower()
        return (_NUMBERS.get(number) or float(number)) * _MONTHS_IN[found[2].lower()]
    each = _EACH.search(label)
    return _EACH_MONTHS[each[1][0].lower()] if each else None


def places_in_order(labels: Sequence[str], rest: Sequence[bool]) -> tuple[int, ...]:
    """The places of labels in the order in which they are shown: by length if each of two or more says one.

    `rest` marks values that say nothing, such as missing ones; they stay last.
    """
    lengths = [_REST if other else months_of_label(label) for label, other in zip(labels, rest, strict=True)]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths) or len(set(known) - {_REST}) < 2:
        return tuple(range(len(labels)))
    return tuple(sorted(range(len(labels)), key=lambda place: known[place]))
