"""What the pages show about gradings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from application.use_cases.grading.read_gradings import GradingView, ListedGrading
from domain.best_before import BestBefore, best_before_words
from domain.formats import Formats
from domain.grading import Grading, newest_per_month
from domain.grading_words import (
    GradedLine,
    age_words,
    answer_sentences,
    auc_words,
    expected_words,
    figure_lines,
    how_words,
    model_words,
    treated_words,
)
from domain.model import ModelVersion
from domain.snapshot_month import in_words
from entrypoints.web.charts.gradings import GradedCharts, auc_by_age, charts_of, expected_and_observed

LATEST = 6
"""Months in the dashboard's table."""


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A graded month in a table. `inside` says in words whether the number of leavers was as expected."""

    grading: Grading
    month: str
    age: str
    expected: str
    customers: str
    left: str
    inside: str
    auc: str
    lift: str
    file_name: str = ""
    by_file: str = ""


@dataclass(frozen=True, slots=True)
class GradedPage:
    """A grading as a page shows it."""

    listed: ListedGrading
    answer: tuple[str, ...]
    how: tuple[str, ...]
    treated: tuple[str, ...]
    model: str
    lines: tuple[GradedLine, ...]
    charts: GradedCharts


@dataclass(frozen=True, slots=True)
class RealMonths:
    """A model's quality on months whose truth is known. The charts of calibration and lift are of the newest month."""

    best: BestBefore
    advice: str
    rows: tuple[MonthRow, ...]
    newest: str = ""
    charts: GradedCharts | None = None


def graded_page(listed: ListedGrading, formats: Formats) -> GradedPage:
    grading = listed.grading
    return GradedPage(
        listed,
        answer_sentences(grading, formats),
        how_words(grading, listed.by, formats),
        treated_words(grading, formats),
        model_words(grading),
        figure_lines(grading.figures, grading.threshold, formats),
        charts_of(grading.figures, "graded"),
    )


def panel(view: GradingView, formats: Formats) -> dict[str, Any]:
    """The panel of a result page."""
    listed = view.listed
    return {"grading": view, "graded": graded_page(listed, formats) if listed else None, "month_words": in_words}


def months(found: Sequence[ListedGrading], formats: Formats) -> dict[str, Any]:
    """The chart of expected and observed leavers by month, and its table with the newest month first."""
    by_grading = {own.grading.id: own for own in found}
    shown = newest_per_month([own.grading for own in found])
    rows = [_row(grading, formats, by_grading[grading.id]) for grading in reversed(shown)]
    return {"graded_months": rows, "graded_chart": expected_and_observed(shown)}


def latest(found: Sequence[ListedGrading], formats: Formats) -> dict[str, Any]:
    """The latest grading on the dashboard: that of the newest month."""
    if not found:
        return {"latest_grading": None}
    shown = months(found, formats)["graded_months"][:LATEST]
    newest = next(own for own in found if own.grading.id == shown[0].grading.id)
    return {"latest_grading": graded_page(newest, formats), "graded_months": shown}


def real_months(model: ModelVersion, best: BestBefore, formats: Formats) -> RealMonths:
    """The panel of a model's page."""
    rows = tuple(_row(own, formats) for own in reversed(best.months))
    advice = best_before_words(best, formats)
    if not best.months:
        return RealMonths(best, advice, rows)
    newest = best.months[-1]
    return RealMonths(
        best,
        advice,
        rows,
        in_words(newest.month),
        charts_of(newest.quality, "real", auc_by_age(best, model.evaluation.metrics["auc"].value)),
    )


def _row(grading: Grading, formats: Formats, listed: ListedGrading | None = None) -> MonthRow:
    figures = grading.figures
    return MonthRow(
        grading,
        in_words(grading.month),
        age_words(grading.model_age),
        expected_words(figures, formats),
        formats.number(figures.customers),
        formats.number(figures.left),
        "Inside" if figures.is_as_expected else "Outside",
        auc_words(grading.quality, formats),
        f"{formats.number(grading.quality.lift_10, decimals=2)}×",
        listed.run.file_name if listed else "",
        grading.source.file_name if listed else "",
    )
