"""Reasons, values and money read as a person would say them, and nothing makes the wording fail."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer import Value
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.wording import money, number_words, percent, reason_phrase, value_words

SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, levels=("Month-to-month", "One year")),
        Column("tenure", ColumnKind.NUMERIC),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("SeniorCitizen", ColumnKind.BOOLEAN, levels=("0", "1")),
        Column("Flag", ColumnKind.BOOLEAN, levels=("N", "Y")),
        Column("Days on network", ColumnKind.NUMERIC),
    ),
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
)


@pytest.mark.parametrize(
    ("attribute", "value", "phrase"),
    [
        ("Contract", "Month-to-month", "Month-to-month contract"),
        ("Contract", "Two year", "Two-year contract"),
        ("Contract", "Prepaid", "Prepaid contract"),
        ("tenure", 3.0, "3 months with us"),
        ("tenure", 1.0, "First month"),
        ("Tenure in Months", 14.0, "14 months with us"),
        ("MonthlyCharges", 105.35, "$105.35 a month"),
        ("Monthly Charge", 80.0, "$80.00 a month"),
        ("TotalCharges", 323.25, "$323 paid so far"),
        ("TechSupport", "No", "No tech support"),
        ("TechSupport", "Yes", "Tech support"),
        ("OnlineSecurity", "No internet service", "No internet service"),
        ("InternetService", "Fiber optic", "Fibre internet"),
        ("InternetService", "DSL", "DSL internet"),
        ("InternetService", "No", "No internet"),
        ("PaymentMethod", "Electronic check", "Pays by electronic check"),
        ("PaymentMethod", "Bank transfer (automatic)", "Automatic bank transfer"),
        ("PaperlessBilling", "No", "Bills on paper"),
        ("SeniorCitizen", "1", "Senior citizen"),
        ("SeniorCitizen", 0.0, "Not a senior"),
        ("StreamingTV", "No", "No streaming TV"),
        ("Dependents", False, "No dependents"),
        ("gender", "Female", "Female customer"),
        ("CustServ Calls", 4.0, "4 service calls"),
        ("Number of Referrals", 0.0, "No referrals"),
        ("Number of Referrals", 2.0, "2 referrals"),
        ("Flag", "Y", "Flag"),
        ("TechSupport", None, "Tech support unknown"),
        ("TechSupport", "  ", "Tech support unknown"),
        ("tenure", math.nan, "Tenure unknown"),
        ("City", "Harare", "City: Harare"),
        ("City", "0", "City: 0"),
        ("Age", 67.0, "Age 67"),
        ("Total day minutes", 1265.125, "Total day minutes 1,265.12"),
        ("plan\r\nname", "a\tb", "Plan name: a b"),
    ],
)
def test_a_reason_is_a_phrase(attribute: str, value: Value, phrase: str) -> None:
    assert reason_phrase(Reason(attribute, value, 0.5), SCHEMA) == phrase


def test_a_phrase_speaks_the_installations_currency() -> None:
    reason = Reason("MonthlyCharges", 1200.5, 0.5)
    assert reason_phrase(reason, SCHEMA, currency="EUR") == "€1,200.50 a month"
    assert reason_phrase(reason, SCHEMA, currency="ZWG") == "ZWG 1,200.50 a month"


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("Contract", "One year", "One year"),
        ("tenure", 1.0, "1 month"),
        ("tenure", 24.0, "24 months"),
        ("MonthlyCharges", 105.35, "$105.35"),
        ("SeniorCitizen", "1", "Yes"),
        ("Partner", True, "Yes"),
        ("Contract", None, "unknown"),
        ("Age", 41.0, "41"),
    ],
)
def test_a_value_has_its_unit(attribute: str, value: Value, words: str) -> None:
    assert value_words(attribute, value, SCHEMA) == words


def test_money_has_a_sign_before_its_symbol_and_no_minus_zero() -> None:
    assert money(-3.0, "USD") == "−$3.00"
    assert money(-0.001, "USD") == "$0.00"
    assert money(1_234_567.0, "ZAR", decimals=0) == "R1,234,567"
    assert money(math.nan, "USD") == "unknown"


def test_numbers_and_percentages_have_no_needless_digits() -> None:
    assert [number_words(n) for n in (3.0, 0.5, 0.001234, 1e20, math.inf)] == ["3", "0.5", "0.0012", "1e+20", "unknown"]
    assert percent(0.26543) == "26.5%"


values = st.none() | st.booleans() | st.floats() | st.text()


@given(attribute=st.text(min_size=1), value=values, currency=st.sampled_from(("USD", "ZWG")))
def test_no_name_and_no_value_make_it_fail(attribute: str, value: Value, currency: str) -> None:
    schema = CustomerSchema((Column(attribute, ColumnKind.BOOLEAN),), tenure_column=attribute)
    for known in (SCHEMA, schema):
        phrase = reason_phrase(Reason(attribute, value, 1.0), known, currency=currency)
        assert phrase
        assert "\n" not in phrase
        assert value_words(attribute, value, known, currency=currency)
