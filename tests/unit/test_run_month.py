"""The month that a prediction's customers are of."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.run import MonthSummary, Run
from domain.run_month import (
    MonthSource,
    may_choose_month,
    month_of_run,
    months_of,
    renamed,
    source_of_month,
    with_month,
)
from tests.builders import a_finished_run, a_run, a_summary

ROWS = (MonthSummary("2026-10", 60, 0.3, 9, None, None), MonthSummary("2026-09", 40, 0.3, 9, None, None))


def a_named_run(file_name: str, month: str = "") -> Run:
    return a_finished_run(file_name=file_name, month=month, summary=a_summary(months=()))


@pytest.mark.parametrize(
    ("run", "months", "source"),
    [
        (a_finished_run(summary=a_summary(months=ROWS), month="2026-01"), ("2026-09", "2026-10"), MonthSource.ROWS),
        (a_named_run("base_2026-12.csv", "2026-11"), ("2026-11",), MonthSource.PERSON),
        (a_named_run("customers_Nov2026.xlsx"), ("2026-11",), MonthSource.NAME),
        (a_named_run("export 202611.parquet"), ("2026-11",), MonthSource.NAME),
        (a_named_run("2026-10 and 2026-11.csv"), (), None),
        (a_named_run("march.csv"), (), None),
    ],
)
def test_rows_count_before_what_a_person_said_and_that_before_the_name(
    run: Run, months: tuple[str, ...], source: MonthSource | None
) -> None:
    assert (months_of(run), source_of_month(run)) == (months, source)
    assert month_of_run(run) == (months[-1] if months else None)


def test_a_person_says_the_month_and_takes_it_back() -> None:
    run = a_named_run("customers.csv")
    said = with_month(run, "2026-11")
    assert month_of_run(said) == "2026-11"
    assert month_of_run(with_month(said, "")) is None


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1", "1899-12", "2026-11-01"])
def test_only_a_month_is_taken(month: str) -> None:
    with pytest.raises(InvalidInput, match="is not a month such as 2026-11"):
        with_month(a_named_run("customers.csv"), month)


@pytest.mark.parametrize("run", [a_finished_run(summary=a_summary(months=ROWS)), a_run()])
def test_rows_with_months_and_unfinished_predictions_take_no_month(run: Run) -> None:
    assert not may_choose_month(run)
    with pytest.raises(InvalidInput):
        with_month(run, "2026-11")


def test_another_name_keeps_the_month_that_only_the_old_one_said() -> None:
    run = a_named_run("customers-2026-11.csv")
    assert month_of_run(renamed(run, "My list")) == "2026-11"
    assert month_of_run(renamed(run, "customers-2026-10.csv")) == "2026-10"
    assert month_of_run(renamed(with_month(run, "2026-09"), "customers-2026-10.csv")) == "2026-09"
    assert renamed(a_named_run("customers.csv"), "My list").month == ""
