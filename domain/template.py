"""A file's template: the columns of a model with three customers made up from what is typical."""

from __future__ import annotations

from domain.likeness import normalise
from domain.schema import Column, ColumnKind, CustomerSchema

TOTALS = frozenset({"totalcharges", "totalcharge", "totalrevenue"})
"""Normalised names of what a customer has paid so far: tenure times the monthly bill."""
STEPS = (0.0, -0.6, 0.5)
"""How far the three customers lie from the typical number towards the trained minimum (below 0) or maximum."""


def template_header(schema: CustomerSchema) -> list[str]:
    return [schema.id_column or "customer_id", *schema.names]


def template_rows(schema: CustomerSchema) -> list[list[str]]:
    """The typical customer, a newer one who pays less, and a longer-standing one who pays more."""
    return [[f"EXAMPLE-{place + 1}", *_customer(schema, place)] for place in range(len(STEPS))]


def _customer(schema: CustomerSchema, place: int) -> list[str]:
    numbers = {
        column.name: _number(column, STEPS[place]) for column in schema.columns if column.kind is ColumnKind.NUMERIC
    }
    tenure, bill = numbers.get(schema.tenure_column or ""), numbers.get(schema.revenue_column or "")
    for name in numbers:
        if normalise(name) in TOTALS and tenure is not None and bill is not None:
            numbers[name] = _within(schema.column(name), round(tenure * bill, 2))
    return [
        f"{numbers[column.name]:.10g}" if column.name in numbers else _level(column, place) for column in schema.columns
    ]


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
    """The typical level; for the third customer the next commonest, which shows that there is a choice.

    Not a level that says that a whole service is not there: such levels go together over several columns ("No internet
    service"), which an example must not tear apart.
    """
    usual = [level for level in column.levels if "service" not in level.casefold()] or list(column.levels)
    typical = column.typical if column.typical in usual else next(iter(usual), "")
    others = [level for level in usual if level != typical]
    return others[0] if place == 2 and others and column.kind is ColumnKind.CATEGORICAL else typical or ""
