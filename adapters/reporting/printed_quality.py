"""The quality section of a printed report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.formatting.babel_formats import formats_without_currency
from adapters.reporting import chart_pictures
from adapters.reporting.printed_table import PrintedColumn
from adapters.reporting.text_fit import count, decimal, percent, times
from application.ports.reports import ReportContent
from domain.accuracy import accuracy_sentence
from domain.evaluation import ConfusionMatrix, Metric, RoundCurves
from domain.expected_quality import ExpectedQuality
from domain.expected_words import estimate_note, estimate_sentence
from domain.run import TruthMetrics
from domain.training_overlap import overlap_note

METRICS = (
    ("accuracy", "Accuracy", "Share of correct predictions", percent),
    ("precision", "Precision", "Share of likely leavers who left", percent),
    ("recall", "Recall", "Share of leavers predicted as likely to leave", percent),
    ("f1", "F1", "Precision and recall in one figure", lambda value: decimal(value, 3)),
    ("auc", "AUC", "A leaver ranks above a stayer this often", lambda value: decimal(value, 3)),
    ("lift_10", "Lift, top 10%", "Leavers among the riskiest tenth, compared with chance", times),
    ("ece", "Calibration error", "How far probabilities are from observed rates", percent),
)


def quality(content: ReportContent) -> dict[str, Any]:
    evaluation, summary = content.model.evaluation, content.run.summary
    overlap = summary.overlap if summary else None
    truth = summary.truth if summary and overlap is None else None
    here = content.at_threshold.confusion if overlap is None else None
    expected = content.at_threshold.expected(evaluation) if overlap is None else None
    return {
        "note": overlap_note(overlap, formats_without_currency()) if overlap else "",
        "help": f"On {count(evaluation.customers)} customers it did not learn from. {evaluation.method}",
        "estimate": _estimate_words(expected, truth) if expected else "",
        "columns": _columns(judged_here=truth is not None, estimated=expected is not None),
        "metrics": [
            _metric(evaluation.metrics[key], _here(content, key), label, hint, form)
            | {"expected": _interval_of(expected, key, form)}
            for key, label, hint, form in METRICS
            if key in evaluation.metrics
        ],
        "accuracy": accuracy_sentence(evaluation.confusion, formats_without_currency()),
        "threshold": percent(evaluation.threshold),
        "confusion": _confusion(evaluation.confusion),
        "confusion_here": _confusion(here) if here else None,
        "rounds": chart_pictures.accuracy_by_round(rounds) if (rounds := _drawable(evaluation.rounds)) else None,
    }


def _columns(*, judged_here: bool, estimated: bool) -> list[PrintedColumn]:
    columns = [
        PrintedColumn("Figure", 15, "label"),
        PrintedColumn("What it says", 58 - 11 * judged_here - 24 * estimated, "hint", emphasis="quiet"),
        PrintedColumn("Value", 10, "value", numeric=True, emphasis="strong"),
        PrintedColumn("95% interval", 17, "interval", numeric=True, emphasis="quiet"),
    ]
    if estimated:
        columns.append(PrintedColumn("Estimated for this file", 24, "expected", numeric=True, emphasis="quiet"))
    if judged_here:
        columns.append(PrintedColumn("In this file", 11, "here", numeric=True, emphasis="strong"))
    return columns


def _estimate_words(expected: ExpectedQuality, truth: TruthMetrics | None) -> str:
    formats = formats_without_currency()
    return f"{estimate_sentence(expected, formats)} {estimate_note(expected, truth, formats)}"


def _interval_of(expected: ExpectedQuality | None, key: str, form: Callable[[float], str]) -> str:
    metric = expected.metrics.get(key) if expected else None
    if metric is None or metric.low is None or metric.high is None:
        return "–"
    return f"{form(metric.value)} ({form(metric.low)} to {form(metric.high)})"


def _drawable(rounds: RoundCurves | None) -> RoundCurves | None:
    """The curves, if they have at least two points and a validation accuracy for each; otherwise None."""
    if rounds is None or len(rounds.rounds) < 2 or len(rounds.validation_accuracy) != len(rounds.rounds):
        return None
    return rounds


def _here(content: ReportContent, key: str) -> float | None:
    """A figure for the outcomes in the file. Figures that depend on a threshold use the report's."""
    if content.run.summary and content.run.summary.overlap:
        return None
    matrix = content.at_threshold.confusion
    if matrix and key in ("accuracy", "precision", "recall", "f1"):
        return float(getattr(matrix, key))
    truth = content.run.summary.truth if content.run.summary else None
    return getattr(truth, key, None)


def _metric(metric: Metric, here: float | None, label: str, hint: str, form: Callable[[float], str]) -> dict[str, str]:
    interval = "–" if metric.low is None or metric.high is None else f"{form(metric.low)} to {form(metric.high)}"
    return {
        "label": label,
        "hint": hint,
        "value": form(metric.value),
        "interval": interval,
        "here": "–" if here is None else form(here),
    }


def _confusion(matrix: ConfusionMatrix) -> dict[str, str]:
    return {
        "true_positive": count(matrix.true_positive),
        "false_positive": count(matrix.false_positive),
        "false_negative": count(matrix.false_negative),
        "true_negative": count(matrix.true_negative),
        "right": count(matrix.right),
        "total": count(matrix.total),
        "share": percent(matrix.accuracy),
    }
