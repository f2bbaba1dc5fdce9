"""A reason in the words of a list, where customers have to be distinguished."""

from __future__ import annotations

from domain.formats import Formats
from domain.prediction import Reason
from domain.schema import ColumnKind, CustomerSchema
from domain.wording import number_words, reason_phrase

MANY_TIMES = 2.0
"""A number is compared with the typical one from this multiple of it on."""


def list_phrase(reason: Reason, schema: CustomerSchema, formats: Formats) -> str:
    """The reason's phrase, and how a large number compares: "$141.00 a month, twice the typical"."""
    phrase, times = reason_phrase(reason, schema, formats), times_typical(reason, schema)
    if times is None:
        return phrase
    rounded = round(times, 1 if times < 10 else 0)
    multiple = "twice" if rounded == MANY_TIMES else f"{number_words(rounded, formats)} times"
    return f"{phrase}, {multiple} the typical"


def times_typical(reason: Reason, schema: CustomerSchema) -> float | None:
    """How many times the typical number this one is; None where that says nothing: below twice, tenure, dates."""
    column = next((own for own in schema.columns if own.name == reason.attribute), None)
    if column is None or column.kind is not ColumnKind.NUMERIC or not column.typical or column.history is not None:
        return None
    if isinstance(reason.value, str | bool) or reason.value is None or schema.is_tenure(reason.attribute):
        return None
    typical, value = float(column.typical), float(reason.value)
    if not typical > 0 or not value / typical >= MANY_TIMES or value == float("inf"):
        return None
    return value / typical
