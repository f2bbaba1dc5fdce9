"""Words for the differences between versions, and the columns that conditions may name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from domain.playbook import Action, Channel, Comparison, Condition
from domain.playbook_versions import ActionChange
from domain.schema import CustomerSchema
from entrypoints.web import formats

LABELS = {
    "name": "Name",
    "message": "What to say",
    "answers": "Reasons answered",
    "requires": "Conditions",
    "offer_fixed": "Fixed cost of the offer",
    "offer_share": "Share of the bill",
    "offer_months": "Months of the share",
    "contact_cost": "Cost of a contact",
    "save_rate": "Save rate",
    "save_rate_measured": "Save rate measured",
    "save_rate_weight": "Would-be leavers that the save rate rests on",
    "channel": "Channel",
    "measured_in": "Measured in",
    "valid_from": "First day",
    "valid_until": "Last day",
    "pause_days": "Pause in days",
    "switched_on": "Switched on",
    "confirmed": "Confirmed",
}
TESTS = {
    Comparison.IS: "is one of",
    Comparison.IS_NOT: "is none of",
    Comparison.AT_LEAST: "is at least",
    Comparison.AT_MOST: "is at most",
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A changed action: what happened, its name, and the label and both values of each property that differs."""

    kind: str
    name: str
    properties: tuple[tuple[str, str, str], ...]


def change_rows(changes: tuple[ActionChange, ...]) -> list[ChangeRow]:
    return [
        ChangeRow(
            change.kind.value,
            change.action.name,
            tuple(
                (LABELS[own.name], _words(own.name, own.before), _words(own.name, own.after)) for own in change.fields
            ),
        )
        for change in changes
    ]


def attribute_choices(schema: CustomerSchema | None) -> list[str]:
    """Names that a condition may use: those of the champion's attributes, and "*" for any."""
    return ["*", *(schema.names if schema else ())]


def condition_words(condition: Condition) -> str:
    """ "tenure is at least 12", "Contract is one of Month-to-month", "any reason"."""
    names = " or ".join(condition.attributes) if condition.attributes != ("*",) else "any column"
    if condition.test is Comparison.ANY:
        return names
    value = ", ".join(condition.levels) if condition.limit is None else formats.input_number(condition.limit)
    return f"{names} {TESTS[condition.test]} {value}"


def _words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("save_rate", "offer_share") and isinstance(value, float):
        return formats.percent(value)
    if name in ("offer_fixed", "contact_cost") and isinstance(value, float):
        return formats.exact_money(value)
    if isinstance(value, tuple):
        return "; ".join(condition_words(own) for own in value if isinstance(own, Condition)) or "none"
    if isinstance(value, Channel):
        return value.words
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if value not in (None, "") else "none"


def offer_words(action: Action) -> str:
    """What the offer costs: "$15.00", "10% of the bill for 12 months", both, or "nothing"."""
    parts = [formats.exact_money(action.offer_fixed)] if action.offer_fixed else []
    if action.offer_share * action.offer_months:
        months = formats.plural(round(action.offer_months), "month")
        parts.append(f"{formats.percent(action.offer_share, 0)} of the bill for {months}")
    return " and ".join(parts) or "nothing"
