"""Charts of gradings: what was expected against what happened, and a model's quality by its age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.best_before import BestBefore
from domain.grading import GradedFigures, Grading, newest_per_month
from entrypoints.web.charts import quality
from entrypoints.web.charts.axes import round_axis
from entrypoints.web.charts.curves import reference_line
from entrypoints.web.charts.specification import XY, BarSet, Chart, Line
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import decimal, month, number, percent

MONTHS_CHART, AGE_CHART = "graded-months", "quality-by-age"
MAX_MONTHS = 36
HEADROOM = 1.0
"""Percentage points above and below the values of a chart."""


@dataclass(frozen=True, slots=True)
class GradedCharts:
    """The charts of one grading; `by_age` is about all months of its model, if it has several."""

    calibration: Chart
    lift: Chart | None
    by_age: Chart | None = None


def charts_of(figures: GradedFigures, prefix: str, by_age: Chart | None = None) -> GradedCharts:
    """`prefix` makes the ids of the charts unique on a page."""
    return GradedCharts(calibration_of(figures, f"{prefix}-calibration"), lift_of(figures, f"{prefix}-lift"), by_age)


def expected_and_observed(gradings: Sequence[Grading]) -> Chart | None:
    """The expected share of leavers with its interval, and the observed one, by month; None for fewer than two."""
    months = newest_per_month(gradings)[-MAX_MONTHS:]
    if len(months) < 2:
        return None
    figures = [own.figures for own in months]
    low = [_share(own, own.expected.low) for own in figures]
    high = [_share(own, own.expected.high) for own in figures]
    expected = [_share(own, own.expected.value) for own in figures]
    observed = [_share(own, own.left) for own in figures]
    known = [value for value in (*low, *high, *expected, *observed) if value is not None]
    inside = sum(own.is_as_expected for own in figures)
    spec = XY(
        unit="%",
        decimals=1,
        labels=[month(own.month) for own in months],
        months=True,
        cross=True,
        name="Month",
        y=round_axis(max(0.0, min(known) - HEADROOM), min(100.0, max(known) + HEADROOM)),
        series=[
            Line(name="Expected", data=expected, lo=low, hi=high, color="c-1", dots=True),
            Line(name="Left", data=observed, color="ink-2", dots=True, dots_only=True),
        ],
    )
    finding = f"In {number(inside)} of {number(len(months))} months the number of leavers was inside the interval"
    return Chart(MONTHS_CHART, spec, finding)


def _share(figures: GradedFigures, leavers: float | None) -> float | None:
    return None if leavers is None else in_percent(leavers / figures.customers)


def auc_by_age(own: BestBefore, held_out: float) -> Chart | None:
    """The AUC of each graded month with its interval, next to that of held-out customers; None for fewer than two."""
    months = [one for one in own.months if one.quality.auc is not None]
    if len(months) < 2:
        return None
    aucs = [one.quality.auc for one in months if one.quality.auc is not None]
    values = [auc.value for auc in aucs]
    known = [end for auc in aucs for end in (auc.low, auc.high) if end is not None]
    spec = XY(
        decimals=3,
        labels=[month(one.month) for one in months],
        titles=[f"{month(one.month)}, {one.model_age} months old" for one in months],
        months=True,
        cross=True,
        name="Month",
        y=round_axis(max(0.0, min(*known, *values, held_out) - 0.01), min(1.0, max(*known, *values, held_out) + 0.01)),
        series=[
            Line(
                name="AUC",
                data=[round(value, 4) for value in values],
                lo=[auc.low for auc in aucs],
                hi=[auc.high for auc in aucs],
                color="c-1",
                dots=True,
                label=decimal(values[-1], 3),
            ),
            reference_line("Not learned from", [round(held_out, 4)] * len(months)),
        ],
    )
    finding = (
        f"The AUC was {decimal(values[0], 3)} in {month(months[0].month)} and is {decimal(values[-1], 3)} in "
        f"{month(months[-1].month)}, against {decimal(held_out, 3)} on customers it did not learn from"
    )
    return Chart(AGE_CHART, spec, finding)


def calibration_of(figures: GradedFigures, chart_id: str) -> Chart:
    """Predicted and observed churn of ten groups of graded customers."""
    return replace(quality.calibration(figures.calibration), id=chart_id)


def lift_of(figures: GradedFigures, chart_id: str) -> Chart | None:
    """Lift of each tenth of graded customers; None if nobody left."""
    if not figures.left or figures.top_share is None:
        return None
    lifts = [figures.lift(tenth) for tenth in figures.tenths]
    bars = BarSet(
        name="Lift",
        data=[round(value, 3) for value in lifts],
        colors=["c-leave" if value > 1 else "c-stay" for value in lifts],
    )
    spec = XY(
        unit="×",
        labels=[str(tenth) for tenth in range(1, len(lifts) + 1)],
        x_name="Tenths of customers, riskiest first",
        y=round_axis(0.0, max(1.0, *lifts), steps=4),
        bar_width=0.78,
        tip_title="Tenth {x}",
        series=[bars, reference_line("Average", [1] * len(lifts))],
    )
    riskiest = number(lifts[0], 1)
    finding = (
        f"Customers in the riskiest tenth left {riskiest} times as often as the average; they were "
        f"{percent(figures.top_share)} of the leavers"
    )
    return Chart(chart_id, spec, finding)
