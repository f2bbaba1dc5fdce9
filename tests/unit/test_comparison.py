"""Which of two predictions is the earlier, which values mean the same to both, and when a customer counts as moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.comparison import MAX_COMPARED_CUSTOMERS, comparable_columns, comparison_order, has_risen
from domain.run import MonthSummary, Run
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit
from tests.builders import a_finished_run, a_summary, at


def test_a_customer_moves_when_risk_changes_by_five_points() -> None:
    assert [has_risen(change) for change in (0.0, 0.0499, 0.05, 0.2, -0.2)] == [False, False, True, True, False]


def test_two_hundred_thousand_customers_of_each_prediction_are_compared() -> None:
    assert MAX_COMPARED_CUSTOMERS == 200_000


def a_run_of(*months: str, minutes: int) -> Run:
    own = tuple(MonthSummary(month, 1, 0.1, 0, None, None) for month in months)
    return a_finished_run(summary=replace(a_summary(), months=own), created_at=at(minutes=minutes))


def test_predictions_are_ordered_by_their_latest_month_and_then_by_time() -> None:
    runs = [
        a_run_of("2026-10", "2026-11", minutes=0),
        a_run_of("2026-10", minutes=5),
        a_run_of(minutes=9),
        a_run_of("2026-10", minutes=1),
    ]
    ordered = sorted(runs, key=comparison_order)
    assert ordered == [runs[2], runs[3], runs[1], runs[0]]


def of(column: Column) -> CustomerSchema:
    return CustomerSchema((column,))


NUMBER = Column("usage", ColumnKind.NUMERIC, minimum=0.0, maximum=500.0)
LEVELS = Column("usage", ColumnKind.CATEGORICAL, ("low", "high"))


@pytest.mark.parametrize(
    ("old", "new", "comparable"),
    [
        (NUMBER, replace(NUMBER, maximum=90.0), True),
        (LEVELS, Column("usage", ColumnKind.BOOLEAN, ("No", "Yes")), True),
        (NUMBER, LEVELS, False),
        (NUMBER, Column("usage", ColumnKind.DATE), False),
        (NUMBER, Column("Usage", ColumnKind.NUMERIC), False),
        (replace(NUMBER, unit="GB"), replace(NUMBER, unit="GB"), True),
        (replace(NUMBER, unit="GB"), replace(NUMBER, unit="MB"), False),
        (replace(NUMBER, unit="GB"), NUMBER, False),
        (replace(NUMBER, maximum=1.0), replace(NUMBER, percent_signs=True), False),
    ],
)
def test_values_are_comparable_if_both_models_know_them_in_one_form(old: Column, new: Column, comparable: bool) -> None:
    assert comparable_columns(of(old), of(new)) == ((new.name,) if comparable else ())


def test_a_tenure_in_another_unit_is_not_comparable() -> None:
    columns = (Column("tenure", ColumnKind.NUMERIC), LEVELS)
    months, years = (
        CustomerSchema(columns, tenure_column="tenure", tenure_unit=unit)
        for unit in (TenureUnit.MONTHS, TenureUnit.YEARS)
    )
    assert comparable_columns(months, months) == ("tenure", "usage")
    assert comparable_columns(months, years) == ("usage",)


def test_comparable_columns_are_in_the_order_of_the_later_model() -> None:
    old = CustomerSchema((NUMBER, Column("Contract", ColumnKind.CATEGORICAL)))
    new = CustomerSchema((Column("Contract", ColumnKind.CATEGORICAL), Column("Visits", ColumnKind.NUMERIC), NUMBER))
    assert comparable_columns(old, new) == ("Contract", "usage")
