"""Training, scoring, wording and erasing understand the same names and values."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.levels import LevelCaster
from adapters.ml.detection.column_roles import find_roles
from adapters.ml.detection.labelled_file import detect
from application.use_cases.privacy.customer_data import CUSTOMER_ID_NAMES as ERASED_BY
from domain.header_matching import match_header, with_month_of
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training import TrainingRequest
from domain.vocabulary import columns, values
from domain.vocabulary.tenure import TenureUnit, unit_in_name
from domain.wording import reason_phrase, value_words
from tests.unit.ml.files import a_table, customers, text_columns

USD = formats_of("USD")
IDS_OF_SCORING_ALONE = [
    "customerno",
    "custno",
    "customercode",
    "clientnumber",
    "accountno",
    "account",
    "acctno",
    "contractid",
    "subscriber",
]
"""Names that only scoring knew before there was one list."""
IDS_OF_TRAINING_ALONE = ["customernumber", "memberid", "mobilenumber", "contractnumber", "simid", "imsi"]
NO_CUSTOMER_IDS = [
    "phone",
    "email",
    "uuid",
    "guid",
    "customername",
    "surname",
    "lastname",
    "firstname",
    "name",
    "rownumber",
    "rowid",
    "row",
    "index",
    "no",
    "number",
]
TENURES_OF_TRAINING_ALONE = [
    "monthstenure",
    "customertenure",
    "accountlength",
    "accountage",
    "monthsonbook",
    "monthswithcompany",
    "monthsactive",
    "monthsasacustomer",
    "lengthofservice",
    "contractage",
    "months",
]
KEPT = ("customerID", "MonthlyCharges", "Churn")
WITHOUT_TENURE = {name: cells for name, cells in customers(60).items() if name in KEPT}
TENURE = customers(60)["tenure"]
NUMBER = Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=80.0, importance=1.0)
SCHEMA = CustomerSchema((NUMBER,), id_column="Unique reference")


def ids_of_training(name: str, *, beside: dict[str, object] | None = None) -> list[str]:
    rows = 100
    table = (beside or {}) | {name: [f"A{row}" for row in range(rows)], "plan": ["one", "two"] * (rows // 2)}
    return [
        column.name
        for column in find_roles(text_columns(a_table(table)), TrainingRequest(), np.arange(rows) % 3 == 0).ids
    ]


def suggested_by_scoring(name: str) -> list[str]:
    sample = [[f"A{row}", str(row)] for row in range(20)]
    match = match_header(SCHEMA, [name, "tenure"], sample=sample)
    return [own.header for own in match.suggestions if own.column == "Unique reference"]


@pytest.mark.parametrize("name", [*columns.CUSTOMER_ID_NAMES, *IDS_OF_SCORING_ALONE, *IDS_OF_TRAINING_ALONE])
def test_training_scoring_and_erasing_recognise_the_same_customer_ids(name: str) -> None:
    assert ids_of_training(name) == [name]
    assert suggested_by_scoring(name) == [name]
    assert name in ERASED_BY


@pytest.mark.parametrize("name", NO_CUSTOMER_IDS)
def test_a_row_number_is_never_taken_for_the_customer_id(name: str) -> None:
    numbered = {"custno": [f"B{row}" for row in range(100)]}
    assert ids_of_training(name, beside=numbered) == ["custno", name]
    assert suggested_by_scoring(name) == []
    assert name not in ERASED_BY


def test_a_customer_id_is_preferred_to_an_earlier_row_number() -> None:
    rows = {"rownumber": range(100), "clientnumber": [f"K{row}" for row in range(100)]}
    assert ids_of_training("row", beside=dict(rows))[0] == "clientnumber"


def learned(name: str) -> CustomerSchema:
    """Roles that training gives a tenure under another name, beside a bill."""
    detected = detect(a_table(WITHOUT_TENURE | {name: TENURE}), TrainingRequest())
    return CustomerSchema((), tenure_column=detected.tenure_column, revenue_column=detected.revenue_column)


def without_roles(name: str) -> CustomerSchema:
    return CustomerSchema((Column(name, ColumnKind.NUMERIC),))


@pytest.mark.parametrize("name", [*columns.TENURE_NAMES, *TENURES_OF_TRAINING_ALONE, "subscriptionlength"])
def test_training_and_wording_recognise_the_same_tenure_columns(name: str) -> None:
    assert learned(name).tenure_column == name
    unit = unit_in_name(name)
    with_unit = f"14 {unit.value} with us"
    with_none = f"{without_roles(name).columns[0].label} 14"
    expected = with_none if unit is TenureUnit.UNKNOWN else with_unit
    assert reason_phrase(Reason(name, 14.0, 0.5), without_roles(name), USD) == expected
    assert name != "monthsonbook" or expected == "14 months with us"
    assert name != "tenure" or expected == "Tenure 14"


@pytest.mark.parametrize("name", ["customer_age", "age"])
def test_an_age_is_not_a_tenure(name: str) -> None:
    assert learned(name).tenure_column is None
    assert value_words(name, 43.0, without_roles(name), USD) == "43"


@pytest.mark.parametrize("name", columns.MONTHLY_REVENUE_NAMES)
def test_training_and_wording_recognise_the_same_monthly_bills(name: str) -> None:
    file = customers(120)
    file[name] = file.pop("MonthlyCharges")
    assert detect(a_table(file), TrainingRequest()).revenue_column == name
    assert reason_phrase(Reason(name, 70.0, 0.5), without_roles(name), USD) == "$70.00 a month"


@pytest.mark.parametrize("name", ["snapshot_month", "Month", "report_date", "Billing period", "yyyymm"])
def test_training_and_scoring_recognise_the_same_snapshot_months(name: str) -> None:
    cells = ["2026-01", "2026-02"]
    rows = {"customerid": [f"A{row // 2}" for row in range(100)], name: cells * 50, "tenure": range(100)}
    month = find_roles(text_columns(a_table(rows)), TrainingRequest(), np.arange(100) % 3 == 0).month
    assert month is not None
    assert month.name == name
    assert with_month_of(SCHEMA, [name], [[cell] for cell in cells]).month_column == name


@pytest.mark.parametrize("name", ["last_bill_date", "contract_end_month", "join month", "plan"])
def test_a_customers_own_date_is_not_a_snapshot_month(name: str) -> None:
    assert with_month_of(SCHEMA, [name], [["2026-01"], ["2026-02"]]).month_column is None


def test_a_column_called_month_that_holds_none_is_not_the_snapshot_month() -> None:
    assert with_month_of(SCHEMA, ["Month"], [["2026-01"], ["12 of 24"]]).month_column is None
    assert with_month_of(SCHEMA, ["Month"], [[""], [" "]]).month_column is None


@pytest.mark.parametrize(("no", "yes"), values.YES_NO_PAIRS)
def test_yes_and_no_are_the_same_for_training_scoring_and_wording(no: str, yes: str) -> None:
    file = WITHOUT_TENURE | {"flag": [yes, no, no] * 20}
    flag = next(own for own in detect(a_table(file), TrainingRequest()).attributes if own.name == "flag")
    assert (flag.kind, flag.levels) == (ColumnKind.BOOLEAN, (no, yes))
    column = Column("flag", ColumnKind.BOOLEAN, levels=("No", "Yes"))
    assert LevelCaster(column).cast(text_array([no, yes])).to_pylist() == ["No", "Yes"]
    schema = CustomerSchema((Column("flag", ColumnKind.BOOLEAN, levels=(no, yes)),))
    assert (value_words("flag", no, schema, USD), value_words("flag", yes, schema, USD)) == ("No", "Yes")


@pytest.mark.parametrize("word", ["SIM", "on", "t", "1", "none"])
def test_ambiguous_words_are_kept_in_other_columns(word: str) -> None:
    assert value_words("Device", word, without_roles("Device"), USD) == word


def text_array(texts: list[str]) -> object:
    import pyarrow as pa

    return pa.array(texts)
