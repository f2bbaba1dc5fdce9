"""The unit of tenure in labelled files, by name, by values and as requested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.training.learning_data import learning_data
from domain.errors import InvalidInput
from domain.training import TrainingRequest
from domain.vocabulary.tenure import TenureUnit
from tests.unit.ml.files import a_table, customers, ibm_telco


def unit_of(columns: Any, **request: Any) -> TenureUnit | None:
    return detect(a_table(columns), TrainingRequest(**request)).recognised().tenure_unit


def with_total(factor: float, *, noise: float = 0.05, bill: str = "MonthlyCharges", total: str = "TotalCharges") -> Any:
    """Customers who paid `factor` × tenure × monthly bill in total."""
    columns = customers(400)
    paid = factor * columns["tenure"] * columns["MonthlyCharges"]
    columns[total] = (paid * np.random.default_rng(1).uniform(1 - noise, 1 + noise, 400)).round(2)
    columns[bill] = columns.pop("MonthlyCharges")
    return columns


@pytest.mark.parametrize(
    ("columns", "unit"),
    [
        (with_total(1.0), TenureUnit.MONTHS),
        (with_total(1.0, bill="monthly_fee", total="total_revenue"), TenureUnit.MONTHS),
        (with_total(12.0), TenureUnit.YEARS),
        (with_total(12 / 365.25), TenureUnit.DAYS),
        (with_total(84 / 365.25), TenureUnit.WEEKS),
        (with_total(3.0), TenureUnit.UNKNOWN),
        (with_total(1.0, noise=0.9), TenureUnit.UNKNOWN),
        (with_total(1.0, total="spent"), TenureUnit.UNKNOWN),
        (customers(400), TenureUnit.UNKNOWN),
    ],
)
def test_the_total_paid_shows_the_unit_of_tenure(columns: Any, unit: TenureUnit) -> None:
    assert unit_of(columns) is unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("tenure_days", TenureUnit.DAYS),
        ("Tenure (years)", TenureUnit.YEARS),
        ("Months on book", TenureUnit.MONTHS),
        ("years_with_company", TenureUnit.YEARS),
        ("Antiguedad meses", TenureUnit.MONTHS),
        ("Vertragsdauer", TenureUnit.UNKNOWN),
        ("Account Length", TenureUnit.UNKNOWN),
    ],
)
def test_the_name_shows_the_unit_of_tenure(name: str, unit: TenureUnit) -> None:
    columns = customers(400)
    columns[name] = columns.pop("tenure")
    assert unit_of(columns) is unit


def test_a_person_sets_the_unit_and_the_schema_keeps_it() -> None:
    detected = detect(a_table(customers(400)), TrainingRequest(tenure_unit=TenureUnit.YEARS))
    schema = learning_data(detected).schema
    assert (schema.tenure_column, schema.tenure_unit) == ("tenure", TenureUnit.YEARS)
    assert schema.months_each("tenure") == 12.0


def test_a_unit_for_a_file_without_tenure_is_an_error() -> None:
    columns = customers(400)
    del columns["tenure"]
    with pytest.raises(InvalidInput, match="no column that is known as a tenure"):
        unit_of(columns, tenure_unit=TenureUnit.DAYS)


def test_ibm_counts_tenure_in_months() -> None:
    assert unit_of(ibm_telco()) is TenureUnit.MONTHS
