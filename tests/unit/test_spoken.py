"""What may be said aloud to a customer about why the company calls."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.spoken import may_be_said, spoken_reason, spoken_reasons
from domain.vocabulary.tenure import TenureUnit

SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("TotalCharges", ColumnKind.NUMERIC),
        Column("TechSupport", ColumnKind.BOOLEAN, levels=("No", "Yes")),
        Column("ContractEnds", ColumnKind.DATE),
        Column("DataGB", ColumnKind.NUMERIC, unit="GB"),
    ),
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
    tenure_unit=TenureUnit.MONTHS,
)
USD = formats_of("USD")


def said(attribute: str, value: Value) -> str:
    return spoken_reason(Reason(attribute, value, 0.5), SCHEMA, USD)


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("Contract", "Month-to-month", "has a month-to-month contract"),
        ("Contract", "One year", "has a one-year contract"),
        ("Contract", "Annual", "has an annual contract"),
        ("tenure", 3.0, "has been with us for 3 months"),
        ("tenure", 1.0, "is in the first month with us"),
        ("MonthlyCharges", 105.35, "pays $105.35 a month"),
        ("TotalCharges", 3000.0, "has paid $3,000 so far"),
        ("TechSupport", "No", "has no tech support"),
        ("TechSupport", True, "has tech support"),
        ("InternetService", "Fiber optic", "has fibre internet"),
        ("OnlineBackup", "No internet service", "has no internet service"),
        ("PaymentMethod", "Electronic check", "pays by electronic check"),
        ("PaymentMethod", "Bank transfer (automatic)", "pays by automatic bank transfer"),
        ("PaperlessBilling", "No", "gets bills on paper"),
        ("Complains", "Yes", "has complained"),
        ("CustServCalls", 4.0, "made 4 service calls"),
        ("CustServCalls", 0.0, "made no service calls"),
        ("Plan", "Gold", "plan: Gold"),
        ("DataGB", 12.5, "data GB 12.5 GB"),
    ],
)
def test_a_reason_is_said_as_a_plain_fact(attribute: str, value: Value, words: str) -> None:
    assert said(attribute, value) == words


@pytest.mark.parametrize(
    "attribute", ["gender", "SeniorCitizen", "Partner", "Dependents", "Age", "ChurnScore", "Churn Risk", "CLTV"]
)
def test_nothing_about_the_person_or_about_leaving_is_said(attribute: str) -> None:
    assert not may_be_said(attribute)
    assert said(attribute, "Yes") == said(attribute, 71.0) == ""


def test_what_is_not_known_is_not_said() -> None:
    assert said("Contract", None) == said("tenure", float("nan")) == said("Contract", " ") == ""


def test_the_strongest_three_that_may_be_said_are_said() -> None:
    reasons = (
        Reason("MonthlyCharges", 90.0, 0.2),
        Reason("gender", "Female", 0.9),
        Reason("Contract", "Month-to-month", 0.8),
        Reason("tenure", 2.0, -0.4),
        Reason("TechSupport", "No", 0.3),
        Reason("PaymentMethod", "Electronic check", 0.1),
    )
    assert spoken_reasons(reasons, SCHEMA, USD) == (
        "has a month-to-month contract",
        "has no tech support",
        "pays $90.00 a month",
    )
