"""How good the model is, as a printed report says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.reporting import charts
from application.ports.reports import ReportContent
from domain.evaluation import ConfusionMatrix, Metric
from domain.wording import percent

METRICS = (
    ("accuracy", "Accuracy", "Share of customers called rightly", percent),
    ("precision", "Precision", "Of those called likely leavers, share who left", percent),
    ("recall", "Recall", "Of those who left, share that was called", percent),
    ("f1", "F1", "Precision and recall in one figure", percent),
    ("auc", "AUC", "A leaver ranks above a stayer this often", lambda value: f"{value:.3f}"),
    ("lift_10", "Lift, top 10%", "Leavers among the riskiest tenth, against chance", lambda value: f"{value:.2f}×"),
    ("ece", "Calibration error", "How far probabilities lie from what happens", percent),
)


def quality(content: ReportContent) -> dict[str, Any]:
    evaluation, summary = content.model.evaluation, content.run.summary
    truth = summary.truth if summary else None
    return {
        "method": evaluation.method,
        "customers": f"{evaluation.customers:,}",
        "metrics": [
            _metric(evaluation.metrics[key], _here(content, key), label, hint, form)
            for key, label, hint, form in METRICS
            if key in evaluation.metrics
        ],
        "truth": f"{truth.customers:,}" if truth else None,
        "threshold": percent(evaluation.threshold),
        "confusion": _confusion(evaluation.confusion),
        "confusion_here": _confusion(content.outlook.confusion) if content.outlook.confusion else None,
        "rounds": charts.accuracy_by_round(evaluation.rounds) if _has_points(content) else None,
    }


def _has_points(content: ReportContent) -> bool:
    rounds = content.model.evaluation.rounds
    return rounds is not None and len(rounds.rounds) > 1 and len(rounds.validation_accuracy) == len(rounds.rounds)


def _here(content: ReportContent, key: str) -> float | None:
    """A figure against the file's own truth; what hangs on the threshold is taken at the report's."""
    matrix = content.outlook.confusion
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
        "true_positive": f"{matrix.true_positive:,}",
        "false_positive": f"{matrix.false_positive:,}",
        "false_negative": f"{matrix.false_negative:,}",
        "true_negative": f"{matrix.true_negative:,}",
        "right": f"{matrix.right:,}",
        "total": f"{matrix.total:,}",
        "share": percent(matrix.accuracy),
    }
