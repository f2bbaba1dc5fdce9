"""95 % intervals of rates and means, against published and hand-calculated values."""

from __future__ import annotations

import pytest

from application.use_cases.insights.segments import segments_of
from domain.evaluation import ConfusionMatrix, label_figures
from domain.intervals import auc_interval, auc_variance, beyond_chance, mean_interval, rate_interval
from domain.trend import trend_of
from tests.builders import a_finished_run, a_summary
from tests.unit.use_cases.test_insights import group


@pytest.mark.parametrize(
    ("rate", "of", "low", "high"),
    [
        (81 / 263, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17, 1998, table I, method 3
        (15 / 148, 148, 0.0624, 0.1605),
        (0 / 20, 20, 0.0000, 0.1611),
        (1 / 29, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_rate_is_the_wilson_interval(rate: float, of: int, low: float, high: float) -> None:
    assert rate_interval(rate, of) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_rate_narrows_with_more_customers_and_stays_within_bounds() -> None:
    few, many = rate_interval(0.5, 50), rate_interval(0.5, 5000)

    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert rate_interval(0.0, 50)[0] == 0.0
    assert rate_interval(1.0, 50)[1] == 1.0
    assert rate_interval(0.5, 0) == (0.0, 1.0)
    assert rate_interval(1.0, 1) == pytest.approx((0.2065, 1.0), abs=5e-5)


def test_the_interval_of_a_mean_reaches_1_96_standard_errors() -> None:
    assert mean_interval(0.4, 2.0, 100) == pytest.approx((0.4 - 0.3919928, 0.4 + 0.3919928))


def test_dashboard_insights_and_evaluation_use_the_same_interval() -> None:
    run = a_finished_run(summary=a_summary(rows=150, scored=148, mean_probability=15 / 148, months=()), month="2026-10")
    point = trend_of([run], lambda before, after: None).points[0]
    segment = segments_of("Contract", [group("Monthly", 148, 15 / 148)], 0.05)[0]
    precision = label_figures(ConfusionMatrix(15, 133, 0, 0))["precision"]

    assert (point.low, point.high) == (segment.low, segment.high) == (precision.low, precision.high)
    assert (point.low, point.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)


@pytest.mark.parametrize(
    ("estimate", "left"), [(0.0, 0.0), (0.19, 0.0), (-0.19, 0.0), (0.4, 0.303964), (-0.4, -0.303964), (2.0, 1.980793)]
)
def test_an_estimate_is_shrunk_by_what_chance_explains(estimate: float, left: float) -> None:
    assert beyond_chance(estimate, 0.1) == pytest.approx(left, abs=1e-6)


def test_the_interval_of_an_auc_is_that_of_hanley_and_mcneil() -> None:
    # AUC 0.8, 50 and 100: Q1 = 2/3, Q2 = 1.28/1.8; (0.16 + 49 · 0.026667 + 99 · 0.071111) / 5,000
    assert auc_variance(0.8, 50, 100) == pytest.approx(0.001701333)
    assert auc_interval(0.8, 50, 100) == pytest.approx((0.7191564, 0.8808436))
    assert auc_interval(1.0, 5, 5) == (1.0, 1.0)
    assert auc_interval(0.99, 2, 2)[1] == 1.0
