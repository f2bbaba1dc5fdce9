"""How expected churn moves over months or predictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.run import MonthSummary, RunId
from domain.trend import MIN_NOTABLE_CHANGE, MIN_SHOWN_CHANGE, direction, is_overdue, trend_of
from tests.builders import a_finished_run, a_run, a_summary, at


def month(name: str, expected: float, customers: int = 400) -> MonthSummary:
    return MonthSummary(name, customers, expected, 10, 500.0, None)


def test_the_latest_prediction_of_a_month_counts_in_the_order_of_months() -> None:
    runs = [
        a_finished_run(id=RunId("b"), created_at=at(minutes=2), summary=a_summary(months=(month("2026-10", 0.3),))),
        a_finished_run(id=RunId("a"), created_at=at(minutes=1), summary=a_summary(months=(month("2026-10", 0.2),))),
        a_finished_run(id=RunId("c"), created_at=at(minutes=3), summary=a_summary(months=(month("2026-09", 0.1),))),
    ]

    assert [(point.label, point.expected) for point in trend_of(runs)] == [("2026-09", 0.1), ("2026-10", 0.3)]


def test_without_months_each_prediction_is_a_point_and_unfinished_ones_are_none() -> None:
    runs = [
        a_finished_run(id=RunId("b"), created_at=at(minutes=2), summary=a_summary(months=(), truth=None)),
        a_finished_run(id=RunId("a"), created_at=at(minutes=1), summary=a_summary(months=())),
        a_run(id=RunId("c")),
    ]
    points = trend_of(runs)

    assert [point.at for point in points] == [at(minutes=1), at(minutes=2)]
    assert points[0].observed is not None
    assert points[1].observed is None


@pytest.mark.parametrize(
    ("expected", "customers", "low", "high"),
    [(0.25, 400, 0.210079, 0.294677), (0.0, 20, 0.0, 0.161125), (1.0, 20, 0.838875, 1.0)],
)
def test_a_points_interval_is_wilsons_and_never_empty(expected: float, customers: int, low: float, high: float) -> None:
    run = a_finished_run(summary=a_summary(months=(month("2026-10", expected, customers),)))
    point = trend_of([run])[0]

    assert (point.low, point.high) == pytest.approx((low, high), abs=2e-6)


@pytest.mark.parametrize(
    ("change", "least", "expected"),
    [
        (0.0049, MIN_NOTABLE_CHANGE, 0),
        (0.005, MIN_NOTABLE_CHANGE, 1),
        (-0.005, MIN_NOTABLE_CHANGE, -1),
        (-0.00049, MIN_SHOWN_CHANGE, 0),
        (0.0005, MIN_SHOWN_CHANGE, 1),
        (-0.0005, MIN_SHOWN_CHANGE, -1),
    ],
)
def test_a_small_change_has_no_direction(change: float, least: float, expected: int) -> None:
    assert direction(change, least=least) == expected


def test_a_new_month_is_due_after_35_days() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    assert not is_overdue(now - timedelta(days=35), now)
    assert is_overdue(now - timedelta(days=35, seconds=1), now)
