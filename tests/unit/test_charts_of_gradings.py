"""The charts of gradings: expected against observed leavers, and a model's quality by its age."""

from __future__ import annotations

import pytest

from domain.best_before import best_before
from domain.evaluation import Metric
from domain.grading import Grading, GradingId, GradingSource, Tenth
from domain.snapshot_month import month_at, place_of
from entrypoints.web.charts.gradings import auc_by_age, charts_of, expected_and_observed
from entrypoints.web.charts.specification import XY, Line, as_json
from tests.builders.gradings import a_grading, graded_figures

pytestmark = pytest.mark.usefixtures("page_formats")


def graded(month: str, left: int, auc: float) -> Grading:
    figures = graded_figures(
        customers=1_000, left=left, expected=Metric(100.0, 80.0, 125.0), auc=Metric(auc, auc - 0.02, auc + 0.02)
    )
    source = GradingSource("later.csv", "0" * 64, month_at(place_of(month) + 1))
    return a_grading(id=GradingId(month), month=month, figures=figures, source=source, untreated=None)


MONTHS = [graded("2026-10", 130, 0.81), graded("2026-09", 90, 0.84)]


def test_expected_and_observed_shares_are_drawn_by_month() -> None:
    chart = expected_and_observed(MONTHS)
    assert chart is not None
    assert chart.finding == "In 1 of 2 months the number of leavers was inside the interval"
    assert isinstance(chart.spec, XY)
    expected, left = (as_json(own) for own in chart.spec.series)
    assert chart.spec.labels == ["Sep 2026", "Oct 2026"]
    assert (expected["data"], expected["lo"], expected["hi"]) == ([10.0, 10.0], [8.0, 8.0], [12.5, 12.5])
    assert (left["data"], left["dotsOnly"]) == ([9.0, 13.0], True)
    assert (chart.spec.y.min, chart.spec.y.max) == (6, 14)
    assert expected_and_observed(MONTHS[:1]) is None


def test_the_auc_is_drawn_by_month_next_to_that_of_held_out_customers() -> None:
    chart = auc_by_age(best_before(MONTHS, Metric(0.85)), 0.85)
    assert chart is not None
    assert isinstance(chart.spec, XY)
    auc, held_out = chart.spec.series
    assert (auc.data, held_out.data) == ([0.84, 0.81], [0.85, 0.85])
    assert isinstance(auc, Line)
    assert auc.label == "0.810"
    assert (
        chart.finding
        == "The AUC was 0.840 in Sep 2026 and is 0.810 in Oct 2026, against 0.850 on customers it did not learn from"
    )
    assert auc_by_age(best_before(MONTHS[:1], Metric(0.85)), 0.85) is None


def test_lift_is_drawn_by_tenth_unless_nobody_left() -> None:
    figures = graded_figures(
        customers=200, left=20, tenths=(Tenth(20, 12, 9.0), *(Tenth(20, 1, 1.0),) * 8, Tenth(20, 0, 0.5))
    )
    charts = charts_of(figures, "own")
    assert charts.lift is not None
    assert isinstance(charts.lift.spec, XY)
    assert charts.lift.spec.series[0].data == [6.0, *[0.5] * 8, 0.0]
    assert (charts.lift.id, charts.calibration.id) == ("own-lift", "own-calibration")
    assert charts.lift.finding.endswith("6.0 times as often as the average; they were 60.0% of the leavers")
    assert charts_of(graded_figures(left=0), "own").lift is None
