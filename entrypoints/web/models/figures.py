"""The figures of a model's quality in plain words: what each is, which way is good, how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.evaluation import Metric
from domain.model import ModelVersion
from entrypoints.web.formats import NOTHING, decimal, money2, number, percent


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure's key in an evaluation. `form` is share, score, times or money."""

    key: str
    label: str
    hint: str
    form: str = "score"
    higher_is_better: bool | None = True


KINDS = (
    FigureKind(
        "auc",
        "AUC",
        "How often a customer who left is ranked above one who stayed. 0.5 is a coin toss, 1 is perfect.",
    ),
    FigureKind(
        "accuracy",
        "Accuracy",
        "Share of customers whose label is right. Compare it with calling everybody “staying”.",
        "share",
    ),
    FigureKind(
        "precision",
        "Precision",
        "Of those called likely to leave, the share that did. Higher means fewer false alarms.",
        "share",
    ),
    FigureKind("recall", "Recall", "Of those who left, the share that was called. Higher means fewer missed.", "share"),
    FigureKind("f1", "F1", "Balance of precision and recall, their harmonic mean. 1 is best."),
    FigureKind(
        "lift_10",
        "Lift, top 10%",
        "Churn rate in the riskiest tenth of customers against the average. 1× would be no better than chance.",
        "times",
    ),
    FigureKind(
        "log_loss",
        "Log-loss",
        "How far the probabilities are from what happened; confident mistakes cost most. Lower is better.",
        "score",
        False,
    ),
    FigureKind("brier", "Brier score", "Mean squared error of the probabilities. Lower is better.", "score", False),
    FigureKind(
        "average_precision",
        "Average precision",
        "Precision over all levels of recall. Compare it with the base rate; 1 is perfect.",
    ),
    FigureKind(
        "brier_skill",
        "Brier skill",
        "Improvement of the Brier score over giving everybody the base rate. 0% is none, 100% perfect.",
        "share",
    ),
    FigureKind(
        "ece",
        "Calibration error",
        "Average gap between predicted and observed churn over ten equal groups. Lower is better.",
        "share",
        False,
    ),
    FigureKind(
        "empc",
        "Profit per customer",
        "Expected maximum profit of a campaign per customer in the base (EMPC), at the published standard costs; "
        "made for comparing models.",
        "money",
    ),
    FigureKind("empc_share", "Share to contact", "The share of customers to contact for that profit.", "share", None),
)
SHOWN = KINDS[:8]
"""Those on top of a model's page; all of them stand in its table of figures."""


@dataclass(frozen=True, slots=True)
class Figure:
    kind: FigureKind
    value: str
    interval: str


def shown(kind: FigureKind, value: float | None) -> str:
    """A value as people read it."""
    if value is None or value != value:
        return NOTHING
    written = {"share": percent, "times": lambda v: f"{v:.2f}×", "money": money2}.get(kind.form, decimal)
    return str(written(value))


def interval(kind: FigureKind, metric: Metric) -> str:
    """A 95 % interval, its unit once: "0.838–0.857", "79.1–80.9%"."""
    if metric.low is None or metric.high is None:
        return "too few to say"
    low, high = shown(kind, metric.low), shown(kind, metric.high)
    return f"{low.rstrip('%×')}–{high}"


def figure(kind: FigureKind, metrics: Mapping[str, Metric] | None) -> Figure:
    metric = (metrics or {}).get(kind.key)
    if metric is None:
        return Figure(kind, NOTHING, "")
    return Figure(kind, shown(kind, metric.value), interval(kind, metric))


def on_top(model: ModelVersion) -> list[Figure]:
    return [figure(kind, model.evaluation.metrics) for kind in SHOWN]


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of the model, of its logistic baseline and on the last month; "–" where there is none."""

    own: Figure
    baseline: Figure
    later: Figure
    better: str


def compared(model: ModelVersion) -> list[ComparedFigure]:
    evaluation = model.evaluation
    found = []
    for kind in KINDS:
        if kind.key in evaluation.metrics:
            own, baseline = evaluation.metrics[kind.key], (evaluation.baseline or {}).get(kind.key)
            found.append(
                ComparedFigure(
                    figure(kind, evaluation.metrics),
                    figure(kind, evaluation.baseline),
                    figure(kind, evaluation.out_of_time),
                    _verdict(kind, own, baseline),
                )
            )
    return found


def _verdict(kind: FigureKind, own: Metric, baseline: Metric | None) -> str:
    """Whether the model beats the baseline in this figure, in words; a baseline inside the interval is a draw."""
    if baseline is None or kind.higher_is_better is None:
        return ""
    if own.low is not None and own.high is not None and own.low <= baseline.value <= own.high:
        return "within its interval"
    return "better" if (own.value > baseline.value) == kind.higher_is_better else "worse"


def build_words(model: ModelVersion) -> str:
    """How a version is built, in a few words: "Depth 3, 233 rounds"."""
    parameters = model.parameters
    depth = next((parameters[key] for key in ("max_depth", "depth") if key in parameters), None)
    rounds = next((parameters[key] for key in ("rounds", "num_boost_round", "n_estimators") if key in parameters), None)
    curves = model.evaluation.rounds
    if rounds is None and curves is not None and curves.chosen_round is not None:
        rounds = number(curves.chosen_round)
    words = [f"depth {depth}" if depth else "", f"{rounds} rounds" if rounds else ""]
    found = ", ".join(word for word in words if word)
    return found[:1].upper() + found[1:]


def algorithm_words(model: ModelVersion) -> str:
    return {"xgboost": "XGBoost", "logistic": "Logistic regression"}[model.algorithm.value]
