"""Gradings as a table for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.csv_text import Cell
from domain.evaluation import Metric
from domain.grading import TENTHS, GradedFigures, Grading

_FIGURES = (
    "customers",
    "expected",
    "expected_low",
    "expected_high",
    "left",
    "auc",
    "auc_low",
    "auc_high",
    "average_precision",
    "log_loss",
    "brier",
    "threshold",
    "precision",
    "recall",
    "true_positives",
    "false_positives",
    "false_negatives",
    "true_negatives",
    *(f"lift_tenth_{place}" for place in range(1, TENTHS + 1)),
)
HEADER = (
    "grading",
    "run",
    "file",
    "month",
    "horizon_months",
    "model",
    "algorithm",
    "model_age_months",
    *_FIGURES,
    "new_customers",
    "rows_left_out",
    "contacted",
    "expected_without_contacted",
    "left_without_contacted",
    "auc_without_contacted",
    "graded_by_file",
    "graded_by_sha256",
    "graded_by_month",
    "graded_by_run",
    "left_means",
    "by",
    "automatic",
    "at",
)


def grading_rows(gradings: Iterable[tuple[Grading, str, str]]) -> Iterator[tuple[Cell, ...]]:
    """One line for each grading, with the name of its run's file and of the person. Numbers have full precision."""
    for own, file_name, by in gradings:
        yield tuple(grading_cells(own, file_name, by).values())


def grading_cells(own: Grading, file_name: str, by: str) -> dict[str, Cell]:
    """The cells of a grading by the names of their columns."""
    source, others = own.source, own.untreated
    cells: tuple[Cell, ...] = (
        own.id,
        own.run_id,
        file_name,
        own.month,
        own.horizon,
        own.model_version,
        own.algorithm.value,
        own.model_age,
        *_figures(own.figures, own.threshold),
        own.new,
        own.left_out,
        own.treated,
        others.expected.value if others else None,
        others.left if others else None,
        _value(others.auc) if others else None,
        source.file_name,
        source.sha256,
        source.month,
        source.run_id or "",
        own.truth,
        by,
        "Yes" if own.automatic else "No",
        own.at.isoformat(timespec="seconds"),
    )
    return dict(zip(HEADER, cells, strict=True))


def _figures(figures: GradedFigures, threshold: float) -> tuple[Cell, ...]:
    expected, auc, matrix = figures.expected, figures.auc, figures.confusion
    lifts = [figures.lift(tenth) for tenth in figures.tenths]
    return (
        figures.customers,
        *(expected.value, expected.low, expected.high),
        figures.left,
        *(_value(auc), auc.low if auc else None, auc.high if auc else None),
        figures.average_precision,
        figures.log_loss,
        figures.brier,
        threshold,
        *(matrix.precision, matrix.recall),
        *(matrix.true_positive, matrix.false_positive, matrix.false_negative, matrix.true_negative),
        *lifts,
        *(None for _ in range(TENTHS - len(lifts))),
    )


def _value(metric: Metric | None) -> float | None:
    return metric.value if metric else None
