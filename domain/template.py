"""A template file: the columns of a model with three example customers made from typical values."""

from __future__ import annotations

from domain.dates import day_from_iso, iso_day
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.columns import is_paid_so_far

STEPS = (0.0, -0.6, 0.5)
"""How far the three customers lie from the typical number towards the trained minimum (below 0) or maximum."""

ANY_DAY = "2026-01-01"
"""The day that ages are counted to where a version has none."""


def template_header(schema: CustomerSchema) -> list[str]:
    return [schema.id_column or "customer_id", *(column.name for column in schema.file_columns)]


def template_rows(schema: CustomerSchema) -> list[list[str]]:
    """The typical customer, a newer one who pays less, and a longer-standing one who pays more."""
    return [[f"EXAMPLE-{place + 1}", *_customer(schema, place)] for place in range(len(STEPS))]


def _customer(schema: CustomerSchema, place: int) -> list[str]:
    numbers = {column.name: _number(column, STEPS[place]) for column in schema.file_columns if column.kind.is_number}
    tenure, bill = numbers.get(schema.tenure_column or ""), numbers.get(schema.revenue_column or "")
    for name in numbers:
        if is_paid_so_far(name) and tenure is not None and bill is not None:
            numbers[name] = _within(schema.column(name), round(tenure * bill, 2))
    return [
        _level(column, place)
        if column.name not in numbers
        else _date(schema, numbers[column.name])
        if column.kind is ColumnKind.DATE
        else f"{numbers[column.name]:.10g}"
        for column in schema.file_columns
    ]


def _date(schema: CustomerSchema, age: float) -> str:
    """The date of this age at the reference date of the training file."""
    return iso_day(day_from_iso(schema.reference_date or ANY_DAY) - int(age))


def _number(column: Column, step: float) -> float:
    """Between the typical value and the end of the trained range; whole where all of these are."""
    low = column.minimum if column.minimum is not None else 0.0
    high = column.maximum if column.maximum is not None else low + 100.0
    try:
        typical = float(column.typical) if column.typical is not None else (low + high) / 2
    except ValueError:
        typical = (low + high) / 2
    number = typical + step * ((high - typical) if step > 0 else (typical - low))
    whole = all(value == int(value) for value in (low, high, typical))
    return _within(column, float(round(number)) if whole else round(number, 2))


def _within(column: Column, number: float) -> float:
    low = column.minimum if column.minimum is not None else number
    high = column.maximum if column.maximum is not None else number
    return min(max(number, low), high)


def _level(column: Column, place: int) -> str:
    """The typical level; for the third customer the second most frequent one, to show that values differ.

    Levels for a missing service ("No internet service") are not used: they occur together in several columns, and an
    example with only one of them would be inconsistent.
    """
    usual = [level for level in column.levels if "service" not in level.casefold()] or list(column.levels)
    typical = column.typical if column.typical in usual else next(iter(usual), "")
    others = [level for level in usual if level != typical]
    return others[0] if place == 2 and others and column.kind is ColumnKind.CATEGORICAL else typical or ""
