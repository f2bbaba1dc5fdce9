"""How expected churn moves over the months of one base."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.run import MonthSummary, Run, RunId
from domain.trend import LeftOut, Trend, is_overdue, left_out_words, observed_words, trend_of, trend_words
from tests.builders import a_finished_run, a_run, a_summary, at

USD = formats_of("USD")


def month(name: str, expected: float, customers: int = 400, observed: float | None = None) -> MonthSummary:
    return MonthSummary(name, customers, expected, 10, 500.0, observed)


def a_month_run(name: str, *months: MonthSummary, minutes: int = 0, **given: Any) -> Run:
    """A run whose rows say these months."""
    summary = a_summary(months=months, **given.pop("summary", {}))
    return a_finished_run(id=RunId(name), file_sha256=name, created_at=at(minutes=minutes), summary=summary, **given)


def a_named_run(name: str, file_name: str, *, minutes: int = 0, scored: int = 400, **given: Any) -> Run:
    """A run whose rows say no month."""
    summary = {"rows": scored, "scored": scored, "rejected": 0, "truth": None, **given.pop("summary", {})}
    return a_month_run(name, minutes=minutes, file_name=file_name, summary=summary, **given)


def all_of_400(before: RunId, after: RunId) -> int:
    return 400


def months_of(trend: Trend) -> list[tuple[str, float]]:
    return [(point.month, point.expected) for point in trend.points]


def reasons_of(trend: Trend) -> list[tuple[str, LeftOut]]:
    return [(own.run_id, own.reason) for own in trend.left_out]


def test_the_newest_prediction_of_a_month_counts_in_the_order_of_months() -> None:
    runs = [
        a_month_run("b", month("2026-10", 0.3), minutes=2),
        a_month_run("a", month("2026-10", 0.2), minutes=1),
        a_month_run("c", month("2026-09", 0.1), minutes=3),
    ]
    trend = trend_of(runs, all_of_400)

    assert months_of(trend) == [("2026-09", 0.1), ("2026-10", 0.3)]
    assert reasons_of(trend) == [("a", LeftOut.NEWER)]


def test_a_month_is_in_the_rows_or_said_by_a_person_or_in_the_name() -> None:
    runs = [
        a_named_run("name", "customers_Nov2026.xlsx", minutes=1),
        a_named_run("person", "customers.csv", month="2026-10", minutes=2),
        a_month_run("rows", month("2026-09", 0.1), minutes=3),
        a_named_run("nothing", "customers.csv", minutes=4),
        a_run(id=RunId("unfinished"), file_name="customers_Dec2026.csv"),
    ]
    trend = trend_of(runs, all_of_400)

    assert [(point.month, point.run_id) for point in trend.points] == [
        ("2026-09", "rows"),
        ("2026-10", "person"),
        ("2026-11", "name"),
    ]
    assert reasons_of(trend) == [("nothing", LeftOut.NO_MONTH)]
    assert [own.run_id for own in trend.without_month] == ["nothing"]


def test_what_a_person_says_counts_more_than_the_name() -> None:
    trend = trend_of([a_named_run("a", "export_2026-12.csv", month="2026-11")], all_of_400)
    assert [point.month for point in trend.points] == ["2026-11"]


@pytest.mark.parametrize(("customers", "points"), [(29, 0), (30, 1)])
def test_a_month_needs_30_customers(customers: int, points: int) -> None:
    runs = [a_named_run("a", "customers-2026-11.csv", scored=customers)]
    trend = trend_of(runs, all_of_400)

    assert len(trend.points) == points
    assert reasons_of(trend) == ([] if points else [("a", LeftOut.FEW)])


@pytest.mark.parametrize(
    ("shared", "customers", "is_point"),
    [(240, 400, True), (239, 400, False), (400, 700, False), (400, 660, True), (None, 5000, True)],
    ids=["60% are there", "fewer are there", "a part of another list", "a base that grew", "results were deleted"],
)
def test_both_files_have_to_be_mostly_of_the_same_customers(shared: int | None, customers: int, is_point: bool) -> None:
    asked = []
    runs = [
        a_month_run("october", month("2026-10", 0.2), minutes=1),
        a_month_run("november", month("2026-11", 0.3, customers), minutes=2),
    ]

    def count(before: RunId, after: RunId) -> int | None:
        asked.append((before, after))
        return shared

    trend = trend_of(runs, count)

    assert asked == [("october", "november")]
    assert [point.run_id for point in trend.points] == (["october", "november"] if is_point else ["november"])
    assert reasons_of(trend) == ([] if is_point else [("october", LeftOut.OTHER_BASE)])


def test_the_base_is_that_of_the_chosen_prediction() -> None:
    runs = [
        a_month_run("prepaid", month("2026-11", 0.2), minutes=2),
        a_month_run("contract", month("2026-11", 0.1), minutes=1),
        a_month_run("contract before", month("2026-10", 0.15), minutes=0),
    ]

    def count(before: RunId, after: RunId) -> int:
        return 400 if "contract" in before and "contract" in after else 0

    newest, chosen = trend_of(runs, count), trend_of(runs, count, chosen=RunId("contract"))

    assert [point.run_id for point in newest.points] == ["prepaid"]
    assert [point.run_id for point in chosen.points] == ["contract before", "contract"]


def test_the_same_file_is_the_same_base_without_looking() -> None:
    runs = [a_month_run("a", month("2026-10", 0.2)), a_month_run("b", month("2026-10", 0.2), minutes=1)]
    same = [a_finished_run(id=run.id, created_at=run.created_at, summary=run.summary) for run in runs]
    trend = trend_of(same, lambda before, after: pytest.fail("nothing has to be counted"))
    assert reasons_of(trend) == [("a", LeftOut.NEWER)]


def test_a_file_without_ids_is_compared_with_no_other() -> None:
    numbered = {"id_header": ""}
    runs = [
        a_month_run("october", month("2026-10", 0.2), minutes=1),
        a_month_run("numbered", month("2026-11", 0.3), minutes=2, summary=numbered),
    ]
    assert reasons_of(trend_of(runs, all_of_400)) == [("october", LeftOut.OTHER_BASE)]
    assert reasons_of(trend_of(runs, all_of_400, chosen=RunId("october"))) == [("numbered", LeftOut.NO_IDS)]


def test_charts_keep_a_place_for_each_month_up_to_three_years() -> None:
    runs = [
        a_month_run("old", month("2023-11", 0.4), minutes=0),
        a_month_run("first", month("2023-12", 0.4), minutes=1),
        a_month_run("last", month("2026-11", 0.2), minutes=2),
    ]
    trend = trend_of(runs, all_of_400)

    assert (len(trend.months), trend.months[0][0], trend.months[-1][0]) == (36, "2023-12", "2026-11")
    assert [point.run_id for point in trend.shown] == ["first", "last"]
    assert trend.is_line
    gap = trend_of([a_month_run("a", month("2026-08", 0.4)), a_month_run("b", month("2026-11", 0.2))], all_of_400)
    assert [(name, point and point.run_id) for name, point in gap.months] == [
        ("2026-08", "a"),
        ("2026-09", None),
        ("2026-10", None),
        ("2026-11", "b"),
    ]


def test_the_newest_month_is_compared_with_the_one_before_it() -> None:
    runs = [a_month_run("a", month("2026-10", 0.2)), a_month_run("b", month("2026-11", 0.3), minutes=1)]
    trend = trend_of(runs, all_of_400)
    before = trend.before(RunId("b"))

    assert before is not None
    assert before.month == "2026-10"
    assert trend.before(RunId("a")) is None
    assert trend_of(runs[:1], all_of_400).before(RunId("a")) is None


def test_what_is_left_out_is_said_with_its_reasons() -> None:
    runs = [
        a_named_run("a", "customers.csv", minutes=1),
        a_named_run("b", "copy.csv", minutes=2),
        a_named_run("c", "customers-2026-11.csv", scored=6, minutes=3),
    ]
    assert left_out_words(trend_of(runs, all_of_400), USD) == (
        "3 predictions are left out: no month (2), fewer than 30 customers (1)."
    )
    assert left_out_words(trend_of(runs[:1], all_of_400, older=1200), USD) == (
        "1 prediction is left out: no month (1). 1,200 older predictions are not looked at."
    )
    assert left_out_words(Trend(), USD) == ""


def test_the_trend_is_said_in_one_sentence() -> None:
    rates = {"2026-08": 0.25, "2026-09": 0.31, "2026-10": 0.27}
    runs = [a_month_run(name, month(name, rate)) for name, rate in rates.items()]
    assert trend_words(trend_of(runs, all_of_400), USD) == (
        "Expected churn rose from 25.0% in Aug 2026 and is 27.0% in Oct 2026; it was highest in Sep 2026 with 31.0%"
    )
    assert trend_words(trend_of(runs[:1], all_of_400), USD) == ""


@pytest.mark.parametrize(
    ("after", "moved"), [(0.2549, "stayed near"), (0.256, "rose from"), (0.2451, "stayed near"), (0.244, "fell from")]
)
def test_half_a_point_moves_by_chance_alone(after: float, moved: str) -> None:
    runs = [a_month_run("a", month("2026-10", 0.25)), a_month_run("b", month("2026-11", after))]
    assert trend_words(trend_of(runs, all_of_400), USD).startswith(f"Expected churn {moved} 25.0% in Oct 2026")


def test_observed_churn_outside_of_the_interval_is_said() -> None:
    inside = [a_month_run("a", month("2026-10", 0.25, observed=0.26)), a_month_run("b", month("2026-11", 0.25))]
    outside = [
        *inside,
        a_month_run("c", month("2026-09", 0.25, observed=0.3)),
        a_month_run("d", month("2026-08", 0.25, observed=0.2)),
    ]

    assert observed_words(trend_of(inside, all_of_400), USD) == (
        "Observed churn lay inside the 95% interval in 1 of 1 month."
    )
    assert observed_words(trend_of(outside, all_of_400), USD) == (
        "Observed churn lay outside the 95% interval in 2 of 3 months (above it in 1, below it in 1); by chance alone "
        "it does in about 1 of 20."
    )
    assert observed_words(trend_of(inside[1:], all_of_400), USD) == ""


@pytest.mark.parametrize(
    ("expected", "customers", "low", "high"),
    [(0.25, 400, 0.210079, 0.294677), (0.0, 30, 0.0, 0.113513), (1.0, 30, 0.886487, 1.0)],
)
def test_a_points_interval_is_wilsons_and_never_empty(expected: float, customers: int, low: float, high: float) -> None:
    point = trend_of([a_month_run("a", month("2026-10", expected, customers))], all_of_400).points[0]
    assert (point.low, point.high) == pytest.approx((low, high), abs=2e-6)


def test_a_new_month_is_due_after_35_days() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    assert not is_overdue(now - timedelta(days=35), now)
    assert is_overdue(now - timedelta(days=35, seconds=1), now)
