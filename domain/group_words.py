"""A group of customers by one attribute in words, the same on pages and in reports."""

from __future__ import annotations

from domain.formats import Formats
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.wording import reason_phrase


def words_of_group(
    attribute: str, label: str, schema: CustomerSchema, formats: Formats, *, missing: bool = False
) -> str:
    """ "Month-to-month contract", "0–6 months with us", "Tech support unknown"."""
    column = next((column for column in schema.columns if column.name == attribute), None)
    name = column.label if column else attribute
    if missing or not label:
        return f"{name} unknown"
    if column is not None and column.kind.is_number:
        return _bin_words(name, attribute, label, schema, formats)
    return reason_phrase(Reason(attribute, label, 1.0), schema, formats)


def _bin_words(name: str, attribute: str, bin_label: str, schema: CustomerSchema, formats: Formats) -> str:
    """A bin with its unit, if the attribute's role has one."""
    if attribute in schema.date_forms:
        return f"{name} {bin_label} days ago"
    unit = schema.known_unit(attribute)
    if unit:
        return f"{bin_label} {unit.value} with us"
    if attribute == schema.revenue_column and bin_label[:1].isdigit():
        return f"{formats.before_amount}{bin_label} a month"
    return f"{name} {bin_label}"
