"""How values, reasons and money read in English: one wording for pages, exports and reports."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.customer import Value
from domain.likeness import normalise
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema, plain_words

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {"USD": "$", "EUR": "€", "GBP": "£", "ZAR": "R", "JPY": "¥", "INR": "₹", "NGN": "₦", "KES": "KSh\u00a0"}
)
"""Currencies with a sign that everybody reads; the others keep their code, as in "ZWG 12.00"."""

UNKNOWN = "unknown"
YES = frozenset({"yes", "y", "true", "t", "1"})
NO = frozenset({"no", "n", "false", "f", "0", "none"})

TENURE = frozenset({"tenure", "tenureinmonths", "tenuremonths", "monthsinservice", "subscriptionlength"})
MONTHLY_BILL = frozenset({"monthlycharges", "monthlycharge", "monthlyrevenue", "monthlybill", "monthlyfee", "arpu"})
PAID_SO_FAR = frozenset({"totalcharges", "totalcharge", "totalrevenue"})
INTERNET = frozenset({"internetservice", "internettype", "internet"})
CONTRACT = frozenset({"contract", "contracttype", "contractterm", "contractlength"})
PAYMENT = frozenset({"paymentmethod", "paymenttype", "payment"})
SERVICE_CALLS = frozenset({"custservcalls", "customerservicecalls", "numbercustomerservicecalls", "customercarecalls"})
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
        "internetservice": ("Internet", "No internet"),
        "internettype": ("Internet", "No internet"),
        "internet": ("Internet", "No internet"),
        "contract": ("Under contract", "No contract"),
    }
)
"""Yes/no columns whose plain label would not read as a reason."""


def money(amount: float, currency: str, *, decimals: int = 2) -> str:
    """An amount as people write it: "$1,234.50", "−$3.00", "ZWG 12.00". Not a number reads "unknown"."""
    if not math.isfinite(amount):
        return UNKNOWN
    text = f"{abs(amount):,.{decimals}f}"
    minus = "−" if amount < 0 and any(digit in text for digit in "123456789") else ""
    return f"{minus}{SYMBOLS.get(currency, currency + ' ')}{text}"


def percent(fraction: float, *, decimals: int = 1) -> str:
    """A fraction as percent: 0.265 → "26.5%"."""
    return f"{100.0 * fraction:z,.{decimals}f}%" if math.isfinite(fraction) else UNKNOWN


def number_words(number: float) -> str:
    """A number without needless digits: 3.0 → "3", 1234.5 → "1,234.5"."""
    if not math.isfinite(number):
        return UNKNOWN
    if number == int(number):
        return f"{int(number):,}" if abs(number) < 1e15 else f"{number:.3g}"
    if abs(number) < 0.01:
        return f"{number:.2g}"
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def value_words(attribute: str, value: Value, schema: CustomerSchema, *, currency: str = "USD") -> str:
    """A value with its unit: "Month-to-month", "$105.35", "3 months", "Yes", "unknown"."""
    if _is_missing(value):
        return UNKNOWN
    yes = _yes_or_no(value, _column(attribute, schema))
    if yes is not None:
        return "Yes" if yes else "No"
    if isinstance(value, str):
        return _one_line(value)
    number = float(value or 0.0)
    kind = _number_kind(attribute, schema)
    if kind == "bill" or kind == "paid":
        return money(number, currency)
    return _counted(number, _tenure_unit(attribute)) if kind == "tenure" else number_words(number)


def reason_phrase(reason: Reason, schema: CustomerSchema, *, currency: str = "USD") -> str:
    """A reason as a person would say it: "Month-to-month contract", "3 months with us", "No tech support".

    Never raises: an attribute or a value it does not know reads "Label: level", "Label 12.5" or "Label unknown".
    """
    name, value = reason.attribute, reason.value
    label = _label(name)
    if _is_missing(value):
        return f"{label} {UNKNOWN}"
    yes = _yes_or_no(value, _column(name, schema))
    if yes is not None:
        return _yes_no_phrase(name, label, yes=yes)
    if isinstance(value, str):
        return _level_phrase(name, label, _one_line(value))
    return _number_phrase(name, label, float(value or 0.0), schema, currency)


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
    return f"Automatic {_small(automatic[1])}" if automatic else f"Pays by {_small(level)}"


LEVEL_PHRASES: tuple[tuple[frozenset[str], Callable[[str], str]], ...] = (
    (CONTRACT, _contract_phrase),
    (INTERNET, _internet_phrase),
    (PAYMENT, _payment_phrase),
    (frozenset({"gender", "sex"}), lambda level: f"{_capital(level)} customer"),
)


def _number_phrase(name: str, label: str, number: float, schema: CustomerSchema, currency: str) -> str:
    kind = _number_kind(name, schema)
    if kind == "tenure":
        unit = _tenure_unit(name)
        return f"First {unit}" if 0 <= number <= 1 else f"{_counted(number, unit)} with us"
    if kind == "bill":
        return f"{money(number, currency)} a month"
    if kind == "paid":
        return f"{money(number, currency, decimals=0)} paid so far"
    if normalise(name) in SERVICE_CALLS:
        return _counted(number, "service call")
    counted = re.fullmatch(r"(?:number|num|no|count)(?: of)? (.{3,})", label, flags=re.IGNORECASE)
    if counted:
        return f"{_none_or(number)} {_small(counted[1])}"
    return f"{label} {number_words(number)}"


def _yes_no_phrase(name: str, label: str, *, yes: bool) -> str:
    known = YES_AND_NO.get(normalise(name))
    if known:
        return known[0] if yes else known[1]
    return label if yes else f"No {_small(label)}"


def _number_kind(name: str, schema: CustomerSchema) -> str:
    """Whether a number is a tenure, a monthly bill or what was paid so far, by role first and then by name."""
    key = normalise(name)
    if name == schema.tenure_column or key in TENURE:
        return "tenure"
    if name == schema.revenue_column or key in MONTHLY_BILL:
        return "bill"
    return "paid" if key in PAID_SO_FAR else ""


def _tenure_unit(name: str) -> str:
    words = plain_words(name).casefold().split()
    return next((unit for unit in ("day", "week", "year") if unit in words or f"{unit}s" in words), "month")


def _counted(number: float, unit: str) -> str:
    return f"{_none_or(number)} {unit}{'' if number == 1 else 's'}"


def _none_or(number: float) -> str:
    return "No" if number == 0 else number_words(number)


def _yes_or_no(value: Value, column: Column | None) -> bool | None:
    """What a yes/no value says, None for any other. Bare 0 and 1 count only where the column is known as yes/no."""
    if isinstance(value, bool):
        return value
    boolean = column is not None and column.kind is ColumnKind.BOOLEAN
    if isinstance(value, float | int):
        return bool(value) if boolean and value in (0, 1) else None
    said = normalise(value or "")
    if not boolean and said in ("0", "1", "t", "f", "none"):
        return None
    return True if said in YES else False if said in NO else None


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


def _small(text: str) -> str:
    """The text inside a sentence: a first letter that is no acronym's or initial's becomes small."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]
