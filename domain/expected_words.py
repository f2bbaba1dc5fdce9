"""Words for the quality to be expected of a run, always marked as an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.evaluation import LABEL_FIGURES, ConfusionMatrix, Metric
from domain.expected_quality import ExpectedQuality
from domain.formats import Formats
from domain.run import TruthMetrics

LIMITS = (
    "An estimate from the probabilities alone, without knowing who leaves: it cannot see a change in how attributes "
    "relate to leaving (concept drift), nor a wrongly calibrated model."
)
FIGURES = (
    ("churn_rate", "Churn"),
    ("auc", "AUC"),
    ("accuracy", "Accuracy"),
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("f1", "F1"),
    ("lift_10", "Lift, top 10%"),
)
PERCENTAGES = ("churn_rate", "accuracy", "precision", "recall")


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """A figure as it is shown: its label, the estimate, its 95% interval, and what was observed, if it is known."""

    label: str
    estimate: str
    interval: str
    observed: str | None = None


def expected_lines(
    expected: ExpectedQuality, observed: Mapping[str, float | None], formats: Formats
) -> tuple[ExpectedLine, ...]:
    """The shown figures that are estimated. `observed` has the same keys; it is empty while the truth is unknown."""
    return tuple(
        ExpectedLine(
            label,
            figure_words(name, metric.value, formats),
            interval_words(name, metric, formats),
            None if (seen := observed.get(name)) is None else figure_words(name, seen, formats),
        )
        for name, label in FIGURES
        if (metric := expected.metrics.get(name)) is not None
    )


def figure_words(name: str, value: float, formats: Formats) -> str:
    if name in PERCENTAGES:
        return formats.percent(value)
    return f"{formats.number(value, decimals=2)}×" if name == "lift_10" else formats.number(value, decimals=3)


def interval_words(name: str, metric: Metric, formats: Formats) -> str:
    if metric.low is None or metric.high is None:
        return "–"
    return f"{figure_words(name, metric.low, formats)} to {figure_words(name, metric.high, formats)}"


def observed_figures(truth: TruthMetrics | None, confusion: ConfusionMatrix | None = None) -> dict[str, float | None]:
    """What happened, by the keys of the estimate. The label figures are those of `confusion`, if it is given."""
    if truth is None:
        return {}
    labels = confusion or truth.confusion
    return {
        "churn_rate": truth.churned / truth.customers,
        "auc": truth.auc,
        "lift_10": truth.lift_10,
        "log_loss": truth.log_loss,
        "brier": truth.brier,
        **{name: getattr(labels, name) for name in LABEL_FIGURES},
    }


def estimate_sentence(expected: ExpectedQuality, formats: Formats) -> str:
    """The estimated churn, and the AUC where it is estimated, with their 95% intervals."""
    rate, auc = expected.metrics["churn_rate"], expected.metrics.get("auc")
    leave = f"{figure_words('churn_rate', rate.value, formats)} leave"
    sentence = f"Estimate: {leave} (95% interval {interval_words('churn_rate', rate, formats)})"
    if auc is None:
        return f"{sentence}."
    return f"{sentence}; AUC {figure_words('auc', auc.value, formats)} ({interval_words('auc', auc, formats)})."


def estimate_note(expected: ExpectedQuality, truth: TruthMetrics | None, formats: Formats) -> str:
    """What the estimate cannot see, and of how many customers the truth is known where it is not all."""
    if truth is None or truth.customers == expected.customers:
        return LIMITS
    known, all_customers = formats.number(truth.customers), formats.number(expected.customers)
    return f"{LIMITS} It is about all {all_customers} customers; the outcome is known of {known}."
