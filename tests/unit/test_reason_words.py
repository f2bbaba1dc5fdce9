"""A reason in the words of a list."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.prediction import Reason
from domain.reason_words import list_phrase
from domain.schema import Column, ColumnKind
from tests.builders import a_schema

SCHEMA = a_schema(
    columns=(
        Column("tenure", ColumnKind.NUMERIC, typical="29"),
        Column("MonthlyCharges", ColumnKind.NUMERIC, typical="70"),
        Column("TotalCharges", ColumnKind.NUMERIC, typical="1000"),
        Column("Tickets", ColumnKind.NUMERIC, typical="0"),
        Column("Complaint count", ColumnKind.NUMERIC, typical="2"),
        Column("Joined", ColumnKind.DATE, typical="100"),
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month",), typical="Month-to-month"),
        Column("Age", ColumnKind.NUMERIC),
    ),
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
)


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("MonthlyCharges", 139.0, "$139.00 a month"),
        ("MonthlyCharges", 140.0, "$140.00 a month, twice the typical"),
        ("MonthlyCharges", 174.0, "$174.00 a month, 2.5 times the typical"),
        ("MonthlyCharges", 143.0, "$143.00 a month, twice the typical"),
        ("TotalCharges", 4600.0, "$4,600 paid so far, 4.6 times the typical"),
        ("Tickets", 9.0, "Tickets 9"),
        ("Complaint count", 25.0, "Complaint count 25, 12 times the typical"),
        ("Complaint count", None, "Complaint count unknown"),
        ("Complaint count", float("inf"), "Complaint count unknown"),
        ("Joined", 400.0, "Joined 400 days ago"),
        ("Contract", "Month-to-month", "Month-to-month contract"),
        ("tenure", 60.0, "60 months with us"),
        ("Age", 90.0, "Age 90"),
        ("Elsewhere", 90.0, "Elsewhere 90"),
    ],
)
def test_a_large_number_is_compared_with_the_typical_one(attribute: str, value: Value, words: str) -> None:
    assert list_phrase(Reason(attribute, value, 0.1), SCHEMA, formats_of("USD")) == words
