"""Recognises columns that name people: names, phone numbers and email addresses. None of them is ever learned from."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.ml.detection.column_roles import holds_dates
from adapters.ml.detection.text_columns import TextColumn
from domain.vocabulary.customers import may_name_person, names_mail, names_person, names_phone, names_place
from domain.vocabulary.measures import is_measure

GLANCE = 2000
"""Distinct values that are looked at."""
MANY_NAMES = 0.3
"""Distinct values, as a share of the filled cells, from which texts like names are those of people, not of places."""
MIN_DISTINCT = 20
MOSTLY = 0.9

_PHONE = re.compile(r"\+?[\d\s()./-]{6,22}")
_WRITTEN_PHONE = re.compile(r"(\+|00|0[1-9]|\(0?\d+\))[\d\s()./-]{6,20}")
_PREFIXES = 30
_TIMESTAMP = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{4,6}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NAME = re.compile(r"[^\W\d_]{1,20}\.?(['’ -]+[^\W\d_]{1,20}\.?){0,4}|[^\W\d_]+, [^\W\d_]+\.?( [^\W\d_]+\.?)?")


def names_people(column: TextColumn) -> bool:
    """Whether a column holds names, phone numbers or email addresses, by its name and its content."""
    if len(column.values) <= 2:
        return False
    if names_person(column.name):
        return not column.is_numeric
    if names_phone(column.name) and _share(column, _could_be_phone) >= MOSTLY:
        return True
    if names_mail(column.name) or _share(column, lambda value: _MAIL.fullmatch(value) is not None) >= MOSTLY:
        return _share(column, lambda value: "@" in value) >= 0.5
    return not holds_dates(column) and (_holds_phones(column) or _holds_names(column))


def _share(column: TextColumn, fits: Callable[[str], bool]) -> float:
    values = column.values[:GLANCE]
    return sum(map(fits, values)) / len(values) if values else 0.0


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _could_be_phone(value: str) -> bool:
    return _PHONE.fullmatch(value) is not None and 7 <= len(_digits(value)) <= 15


def _holds_phones(column: TextColumn) -> bool:
    """Numbers as phones are written, or long whole numbers of one length that begin alike."""
    if len(column.values) <= MIN_DISTINCT or is_measure(column.name):
        return False
    if _share(column, lambda value: _could_be_phone(value) and _WRITTEN_PHONE.fullmatch(value) is not None) >= MOSTLY:
        return _share(column, lambda value: "." in value and value.count(".") == 1 and value[0] in "0+") < 0.5
    values = [
        value for value in column.values[:GLANCE] if value.isascii() and value.isdigit() and 10 <= len(value) <= 15
    ]
    if len(values) < MOSTLY * len(column.values[:GLANCE]) or all(map(_TIMESTAMP.fullmatch, values)):
        return False
    lengths = {len(value) for value in values}
    return len(lengths) <= 2 and len({value[:3] for value in values}) <= min(_PREFIXES, len(values) // 3)


def _holds_names(column: TextColumn) -> bool:
    """Words without digits that differ from customer to customer more than names of places do."""
    if column.is_numeric or len(column.values) <= MIN_DISTINCT or names_place(column.name):
        return False
    enough = len(column.values) >= MANY_NAMES * column.filled or may_name_person(column.name)
    if not enough or _share(column, lambda value: _NAME.fullmatch(value) is not None) < MOSTLY:
        return False
    return _share(column, lambda value: value[:1].isupper() or not value.isascii()) >= MOSTLY
