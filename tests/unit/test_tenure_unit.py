"""The unit of tenure: by name, by values, and in words."""

from __future__ import annotations

from math import isnan

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.columns import is_tenure
from domain.vocabulary.tenure import TenureUnit, unit_in_name, unit_of_ratio
from domain.wording import reason_phrase, value_words


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("tenure_months", TenureUnit.MONTHS),
        ("Tenure in Months", TenureUnit.MONTHS),
        ("Months_on_book", TenureUnit.MONTHS),
        ("tenureDays", TenureUnit.DAYS),
        ("Account Length (days)", TenureUnit.DAYS),
        ("tenure_in_years", TenureUnit.YEARS),
        ("years with company", TenureUnit.YEARS),
        ("tenure weeks", TenureUnit.WEEKS),
        ("antiguedad_meses", TenureUnit.MONTHS),
        ("Vertragsdauer Monate", TenureUnit.MONTHS),
        ("Kundendauer Jahre", TenureUnit.YEARS),
        ("anciennete_jours", TenureUnit.DAYS),
        ("tenure", TenureUnit.UNKNOWN),
        ("Tenure", TenureUnit.UNKNOWN),
        ("Account Length", TenureUnit.UNKNOWN),
        ("length_of_service", TenureUnit.UNKNOWN),
        ("AccountAge", TenureUnit.UNKNOWN),
        ("account_age", TenureUnit.UNKNOWN),
        ("ContractAge", TenureUnit.UNKNOWN),
        ("Subscription Age", TenureUnit.UNKNOWN),
        ("Account Age (Tage)", TenureUnit.DAYS),
        ("Customer tenure in month", TenureUnit.MONTHS),
        ("Ancienneté", TenureUnit.UNKNOWN),
        ("Antigüedad (años)", TenureUnit.YEARS),
        ("staz_miesiace", TenureUnit.MONTHS),
        ("Стаж (мес)", TenureUnit.MONTHS),
        ("tempo_como_cliente_meses", TenureUnit.MONTHS),
        ("abonelik_süresi_ay", TenureUnit.MONTHS),
        ("Lama_Berlangganan_Bulan", TenureUnit.MONTHS),
        ("契約月数", TenureUnit.MONTHS),
        ("가입기간_개월", TenureUnit.MONTHS),
        ("가입경과월", TenureUnit.MONTHS),
        ("网龄(天)", TenureUnit.DAYS),
    ],
)
def test_the_name_of_a_tenure_says_its_unit_or_none(name: str, unit: TenureUnit) -> None:
    assert is_tenure(name)
    assert unit_in_name(name) is unit


@pytest.mark.parametrize("name", ["age", "Customer Age", "months_inactive", "voltage", "stage", "days_since_last_call"])
def test_other_lengths_and_ages_are_no_tenure(name: str) -> None:
    assert not is_tenure(name)


@pytest.mark.parametrize(
    ("ratio", "unit"),
    [
        (0.74, TenureUnit.UNKNOWN),
        (0.75, TenureUnit.MONTHS),
        (1.25, TenureUnit.MONTHS),
        (1.26, TenureUnit.UNKNOWN),
        (9.0, TenureUnit.YEARS),
        (12.1, TenureUnit.YEARS),
        (15.1, TenureUnit.UNKNOWN),
        (0.033, TenureUnit.DAYS),
        (0.24, TenureUnit.WEEKS),
        (0.1, TenureUnit.UNKNOWN),
        (float("nan"), TenureUnit.UNKNOWN),
    ],
)
def test_months_per_unit_decide_about_the_unit(ratio: float, unit: TenureUnit) -> None:
    assert unit_of_ratio(ratio) is unit


def schema_of(name: str, unit: TenureUnit | None, *others: Column, revenue: str | None = None) -> CustomerSchema:
    columns = (Column(name, ColumnKind.NUMERIC), *others)
    return CustomerSchema(columns, tenure_column=name, tenure_unit=unit, revenue_column=revenue)


@pytest.mark.parametrize(
    ("name", "unit", "number", "phrase", "value"),
    [
        ("tenure", TenureUnit.MONTHS, 1.0, "First month", "1 month"),
        ("tenure", TenureUnit.MONTHS, 196.0, "196 months with us", "196 months"),
        ("Account Length", TenureUnit.DAYS, 196.0, "196 days with us", "196 days"),
        ("Tenure", TenureUnit.YEARS, 1.0, "First year", "1 year"),
        ("Tenure", TenureUnit.YEARS, 3.0, "3 years with us", "3 years"),
        ("tenure", TenureUnit.WEEKS, 12.0, "12 weeks with us", "12 weeks"),
        ("Tenure", TenureUnit.UNKNOWN, 1.0, "Tenure 1", "1"),
        ("Tenure", TenureUnit.UNKNOWN, 0.0, "Tenure 0", "0"),
        ("Account Length", TenureUnit.UNKNOWN, 196.0, "Account length 196", "196"),
        ("length_of_service", TenureUnit.UNKNOWN, 7.5, "Length of service 7.5", "7.5"),
    ],
)
def test_words_have_a_unit_only_where_one_is_known(
    name: str, unit: TenureUnit, number: float, phrase: str, value: str
) -> None:
    schema, formats = schema_of(name, unit), formats_of("USD")
    assert reason_phrase(Reason(name, number, 0.3), schema, formats) == phrase
    assert value_words(name, number, schema, formats) == value


def test_versions_without_a_stored_unit_keep_months_where_bill_and_total_are_monthly() -> None:
    total, bill = Column("TotalCharges", ColumnKind.NUMERIC), Column("MonthlyCharges", ColumnKind.NUMERIC)
    assert schema_of("tenure", None, bill, total, revenue="MonthlyCharges").unit_of("tenure") is TenureUnit.MONTHS
    assert schema_of("Tenure", None).unit_of("Tenure") is TenureUnit.UNKNOWN
    assert schema_of("tenure_days", None).unit_of("tenure_days") is TenureUnit.DAYS


def test_numbers_that_are_no_tenure_are_not_converted() -> None:
    schema = schema_of("tenure", TenureUnit.YEARS, Column("Age", ColumnKind.NUMERIC))
    assert (schema.months_each("tenure"), schema.months_each("Age")) == (12.0, 1.0)
    assert isnan(schema_of("tenure", TenureUnit.UNKNOWN).months_each("tenure"))
