"""English wording of values, reasons and amounts, used by pages, exports and reports."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.customer import Value
from domain.formats import Formats
from domain.history_kind import MONTHS_BACK, HistoryKind, HistoryOf
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.units import one_of
from domain.vocabulary.columns import (
    CONTRACT_NAMES,
    GENDER_NAMES,
    INTERNET_NAMES,
    PAYMENT_NAMES,
    SERVICE_CALL_NAMES,
    is_monthly_revenue,
    is_paid_so_far,
)
from domain.vocabulary.dates import ending_of, event_of
from domain.vocabulary.spelling import normalise, plain_words
from domain.vocabulary.values import yes_or_no

UNKNOWN = "unknown"
FIBRE = frozenset({"fiberoptic", "fibreoptic", "fiber", "fibre", "ftth"})
CONTRACTS: Mapping[str, str] = MappingProxyType(
    {
        "monthtomonth": "Month-to-month contract",
        "monthly": "Month-to-month contract",
        "oneyear": "One-year contract",
        "1year": "One-year contract",
        "twoyear": "Two-year contract",
        "2year": "Two-year contract",
    }
)
YES_AND_NO: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "seniorcitizen": ("Senior citizen", "Not a senior"),
        "senior": ("Senior citizen", "Not a senior"),
        "partner": ("Has a partner", "No partner"),
        "married": ("Married", "Not married"),
        "dependents": ("Has dependents", "No dependents"),
        "complains": ("Has complained", "Has not complained"),
        "complaint": ("Has complained", "Has not complained"),
        "paperlessbilling": ("Paperless billing", "Bills on paper"),
        "multiplelines": ("Multiple lines", "A single line"),
    }
    | dict.fromkeys(INTERNET_NAMES, ("Internet", "No internet"))
    | dict.fromkeys(CONTRACT_NAMES, ("Under contract", "No contract"))
)
"""Yes/no columns whose plain label would not read as a reason."""


def money(amount: float, formats: Formats) -> str:
    """An amount as people write it: "$1,234.50", "−$3.00", "ZWG 12.00". Not a number reads "unknown"."""
    return formats.money(amount) if math.isfinite(amount) else UNKNOWN


def whole_money(amount: float, formats: Formats) -> str:
    """An amount without decimals: "$1,235". Not a number reads "unknown"."""
    return formats.whole_money(amount) if math.isfinite(amount) else UNKNOWN


def percent(fraction: float, formats: Formats, *, decimals: int = 1) -> str:
    """A fraction as percent: 0.265 → "26.5%". Not a number reads "unknown"."""
    return formats.percent(fraction, decimals=decimals) if math.isfinite(fraction) else UNKNOWN


def number_words(number: float, formats: Formats) -> str:
    """A number without needless digits: 3.0 → "3", 1234.5 → "1,234.5". Not a number reads "unknown"."""
    if not math.isfinite(number):
        return UNKNOWN
    if number == int(number):
        return formats.number(number) if abs(number) < 1e15 else formats.significant(number, 3)
    if abs(number) < 0.01:
        return formats.significant(number, 2)
    return formats.number(number, decimals=2, min_decimals=0)


def range_end_words(end: float, formats: Formats) -> str:
    """An end of a range of numbers with at most six decimals, or six digits where it is very small or large.

    12.0 → "12", 1030.25 → "1,030.25". Not a number reads "unknown".
    """
    if not math.isfinite(end):
        return UNKNOWN
    if end and not 1e-4 <= abs(end) < 1e15:
        return formats.significant(end, 6)
    return formats.number(end, decimals=6, min_decimals=0)


def value_words(attribute: str, value: Value, schema: CustomerSchema, formats: Formats) -> str:
    """A value with its unit: "Month-to-month", "$105.35", "3 months", "Yes", "unknown"."""
    if _is_missing(value):
        return UNKNOWN
    yes = _yes_or_no(value, _column(attribute, schema))
    if yes is not None:
        return "Yes" if yes else "No"
    if isinstance(value, str):
        return _one_line(value)
    number = float(value or 0.0)
    history = _history(attribute, schema)
    if history is not None:
        return history_value(history, number, schema, formats)
    if _is_date(attribute, schema):
        return _age_words(number, formats)
    kind = _number_kind(attribute, schema)
    if kind == "bill" or kind == "paid":
        return money(number, formats)
    unit = schema.unit_of(attribute).singular if kind == "tenure" else ""
    return _counted(number, unit, formats) if unit else _measure(attribute, number, schema, formats)


def known_words(attribute: str, value: Value, schema: CustomerSchema, formats: Formats) -> str | None:
    """A value as `value_words` writes it; None for a missing value and a number that is not finite."""
    if _is_missing(value) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value_words(attribute, value, schema, formats)


def reason_phrase(reason: Reason, schema: CustomerSchema, formats: Formats) -> str:
    """A reason as a person would say it: "Month-to-month contract", "3 months with us", "No tech support".

    Never raises: an attribute or a value it does not know reads "Label: level", "Label 12.5" or "Label unknown".
    """
    name, value = reason.attribute, reason.value
    column, label = _column(name, schema), _label(name)
    if column is not None and column.history is not None:
        return history_phrase(column.history, value, schema, formats)
    if _is_missing(value):
        return f"{label} {UNKNOWN}"
    yes = _yes_or_no(value, column)
    if yes is not None:
        return _yes_no_phrase(name, label, yes=yes)
    if isinstance(value, str):
        return _level_phrase(name, label, _one_line(value))
    return _number_phrase(name, label, float(value or 0.0), schema, formats)


def history_phrase(own: HistoryOf, value: Value, schema: CustomerSchema, formats: Formats) -> str:
    """ "Monthly bill up $15.00 since last month", "Contract changed since last month", "New this month"."""
    if own.kind is HistoryKind.SEEN:
        if _is_missing(value):
            return f"First month {UNKNOWN}"
        months = float(value or 0.0)
        return "New this month" if months == 0 else f"First seen {history_value(own, months, schema, formats)} ago"
    bill = _number_kind(own.source, schema) == "bill"
    source = "Monthly bill" if bill else _label(own.source)
    if _is_missing(value):
        return f"Earlier {inside_sentence(source)} {UNKNOWN}"
    if own.kind is HistoryKind.CHANGED:
        return f"{source} {'changed' if yes_or_no(str(value), boolean=True) else 'unchanged'} since last month"
    since = "since last month" if own.kind is HistoryKind.CHANGE else "over three months"
    return f"{source} {history_value(own, float(value or 0.0), schema, formats)} {since}"


def history_value(own: HistoryOf, number: float, schema: CustomerSchema, formats: Formats) -> str:
    """ "up $15.00", "down 3 GB", "unchanged"; "2 months", "3 months or more" since first seen."""
    if own.kind is HistoryKind.SEEN:
        return f"{_counted(number, 'month', formats)}{' or more' if number >= MONTHS_BACK else ''}"
    if not math.isfinite(number):
        return UNKNOWN
    if number == 0:
        return "unchanged"
    return f"{'up' if number > 0 else 'down'} {value_words(own.source, abs(number), schema, formats)}"


def _level_phrase(name: str, label: str, level: str) -> str:
    key, said = normalise(name), normalise(level)
    if said in ("nointernetservice", "nophoneservice"):
        return _capital(level)
    for names, phrase in LEVEL_PHRASES:
        if key in names:
            return phrase(level)
    return f"{label}: {level}"


def _contract_phrase(level: str) -> str:
    known = CONTRACTS.get(normalise(level))
    return known or (_capital(level) if "contract" in level.casefold() else f"{_capital(level)} contract")


def _internet_phrase(level: str) -> str:
    return "Fibre internet" if normalise(level) in FIBRE else f"{_capital(level)} internet"


def _payment_phrase(level: str) -> str:
    """ "Bank transfer (automatic)" → "Automatic bank transfer"."""
    automatic = re.fullmatch(r"(.+?)\s*\(automatic\)", level, flags=re.IGNORECASE)
    return f"Automatic {inside_sentence(automatic[1])}" if automatic else f"Pays by {inside_sentence(level)}"


LEVEL_PHRASES: tuple[tuple[frozenset[str], Callable[[str], str]], ...] = (
    (CONTRACT_NAMES, _contract_phrase),
    (INTERNET_NAMES, _internet_phrase),
    (PAYMENT_NAMES, _payment_phrase),
    (GENDER_NAMES, lambda level: f"{_capital(level)} customer"),
)


def _date_phrase(label: str, age: float, formats: Formats) -> str:
    """ "Joined 412 days ago", "Contract ends in 45 days", "Contract ended 3 days ago", "Last payment today"."""
    ending = ending_of(label)
    if ending is None:
        return f"{event_of(label)} {_age_words(age, formats)}"
    return f"{ending} {'ended' if age > 0 else 'ends'} {_age_words(age, formats)}"


def _age_words(age: float, formats: Formats) -> str:
    """A number of days before the reference date, in words: "412 days ago", "today", "in 45 days"."""
    if age == 0:
        return "today"
    days = f"{number_words(abs(age), formats)} day{'' if abs(age) == 1 else 's'}"
    return f"{days} ago" if age > 0 else f"in {days}"


def _number_phrase(name: str, label: str, number: float, schema: CustomerSchema, formats: Formats) -> str:
    if _is_date(name, schema):
        return _date_phrase(label, number, formats)
    kind = _number_kind(name, schema)
    unit = schema.unit_of(name).singular if kind == "tenure" else ""
    if unit:
        return f"First {unit}" if 0 <= number <= 1 else f"{_counted(number, unit, formats)} with us"
    if kind == "bill":
        return f"{money(number, formats)} a month"
    if kind == "paid":
        return f"{whole_money(number, formats)} paid so far"
    if normalise(name) in SERVICE_CALL_NAMES:
        return _counted(number, "service call", formats)
    counted = re.fullmatch(r"(?:number|num|no|count)(?: of)? (.{3,})", label, flags=re.IGNORECASE)
    if counted:
        return f"{_none_or(number, formats)} {inside_sentence(counted[1])}"
    return f"{label} {_measure(name, number, schema, formats)}"


def _yes_no_phrase(name: str, label: str, *, yes: bool) -> str:
    known = YES_AND_NO.get(normalise(name))
    if known:
        return known[0] if yes else known[1]
    return label if yes else f"No {inside_sentence(label)}"


def _number_kind(name: str, schema: CustomerSchema) -> str:
    """Whether a number is a tenure, a monthly bill or what was paid so far, by role first and then by name."""
    if schema.is_tenure(name):
        return "tenure"
    if name == schema.revenue_column or is_monthly_revenue(name):
        return "bill"
    return "paid" if is_paid_so_far(name) else ""


def _counted(number: float, unit: str, formats: Formats) -> str:
    return f"{_none_or(number, formats)} {unit}{'' if number == 1 else 's'}"


def _measure(name: str, number: float, schema: CustomerSchema, formats: Formats) -> str:
    """A number with the unit that the training file wrote next to it: "12.5 GB", "1 minute"."""
    column = _column(name, schema)
    if column is None or column.unit is None:
        return number_words(number, formats)
    return f"{number_words(number, formats)} {one_of(column.unit) if number == 1 else column.unit}"


def _none_or(number: float, formats: Formats) -> str:
    return "No" if number == 0 else number_words(number, formats)


def _yes_or_no(value: Value, column: Column | None) -> bool | None:
    """What a yes/no value says, None for any other. Bare 0 and 1 count only where the column is known as yes/no."""
    if isinstance(value, bool):
        return value
    boolean = column is not None and column.kind is ColumnKind.BOOLEAN
    if isinstance(value, float | int):
        return bool(value) if boolean and value in (0, 1) else None
    return yes_or_no(value or "", boolean=boolean)


def _is_date(name: str, schema: CustomerSchema) -> bool:
    column = _column(name, schema)
    return column is not None and column.kind is ColumnKind.DATE


def _history(name: str, schema: CustomerSchema) -> HistoryOf | None:
    column = _column(name, schema)
    return None if column is None else column.history


def _column(name: str, schema: CustomerSchema) -> Column | None:
    return next((column for column in schema.columns if column.name == name), None)


def _is_missing(value: Value) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _label(name: str) -> str:
    return _one_line(plain_words(name)) or "Value"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def inside_sentence(text: str) -> str:
    """The text inside a sentence: a first letter that is no acronym's or initial's becomes small."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]
