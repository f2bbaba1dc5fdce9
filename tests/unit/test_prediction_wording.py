"""Reasons, values and money read as a person would say them, and nothing makes the wording fail."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit
from domain.wording import money, number_words, percent, range_end_words, reason_phrase, value_words, whole_money

USD = formats_of("USD")
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
    tenure_unit=TenureUnit.MONTHS,
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
    assert reason_phrase(Reason(attribute, value, 0.5), SCHEMA, USD) == phrase


def test_a_phrase_uses_the_currency_of_the_installation() -> None:
    reason = Reason("MonthlyCharges", 1200.5, 0.5)
    assert reason_phrase(reason, SCHEMA, formats_of("EUR")) == "€1,200.50 a month"
    assert reason_phrase(reason, SCHEMA, formats_of("ZWG")) == "ZWG\u00a01,200.50 a month"


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
    assert value_words(attribute, value, SCHEMA, USD) == words


@pytest.mark.parametrize(
    ("unit", "value", "phrase", "words"),
    [
        ("GB", 12.5, "Data used 12.5 GB", "12.5 GB"),
        ("minutes", 1.0, "Data used 1 minute", "1 minute"),
        ("Mbit/s", 1200.0, "Data used 1,200 Mbit/s", "1,200 Mbit/s"),
        ("calls", 3.0, "Data used 3 calls", "3 calls"),
        (None, 3.0, "Data used 3", "3"),
    ],
)
def test_a_number_is_shown_in_the_unit_of_the_training_file(
    unit: str | None, value: float, phrase: str, words: str
) -> None:
    schema = CustomerSchema(columns=(Column("DataUsed", ColumnKind.NUMERIC, unit=unit),))
    assert reason_phrase(Reason("DataUsed", value, 0.5), schema, USD) == phrase
    assert value_words("DataUsed", value, schema, USD) == words


def test_money_has_a_sign_before_its_symbol_and_no_minus_zero() -> None:
    assert money(-3.0, USD) == "−$3.00"
    assert money(-0.001, USD) == "$0.00"
    assert whole_money(1_234_567.0, formats_of("ZAR")) == "ZAR\u00a01,234,567"
    assert money(math.nan, USD) == "unknown"
    assert whole_money(math.inf, USD) == "unknown"


def test_numbers_and_percentages_have_no_needless_digits() -> None:
    written = [number_words(n, USD) for n in (3.0, 0.5, 0.001234, 1e20, math.inf)]
    assert written == [
        "3",
        "0.5",
        "0.0012",
        "1e+20",
        "unknown",
    ]
    assert percent(0.26543, USD) == "26.5%"


values = st.none() | st.booleans() | st.floats() | st.text()


@given(attribute=st.text(min_size=1), value=values, currency=st.sampled_from(("USD", "ZWG")))
def test_wording_accepts_any_name_and_value(attribute: str, value: Value, currency: str) -> None:
    schema = CustomerSchema((Column(attribute, ColumnKind.BOOLEAN),), tenure_column=attribute)
    for known in (SCHEMA, schema):
        phrase = reason_phrase(Reason(attribute, value, 1.0), known, formats_of(currency))
        assert phrase
        assert "\n" not in phrase
        assert value_words(attribute, value, known, formats_of(currency))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (12.0, "12"),
        (1030.25, "1,030.25"),
        (-0.5, "−0.5"),
        (0.0, "0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1234567.891, "1,234,567.891"),
        (1e15, "1e+15"),
        (float("nan"), "unknown"),
    ],
)
def test_an_end_of_a_range_keeps_six_decimals(end: float, words: str) -> None:
    assert range_end_words(end, USD) == words
