"""A model's quality metrics for pages: name, explanation, direction and format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.evaluation import Metric
from domain.model import Algorithm, ModelVersion
from entrypoints.web.formats import NOTHING, decimal, exact_money, number, percent, scoring_cost


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A metric. `key` is its name in an evaluation; `form` is share, score, times or money."""

    key: str
    label: str
    hint: str
    form: str = "score"
    higher_is_better: bool | None = True

    @property
    def plain(self) -> bool:
        """Whether it can be said in a sentence that a retention team understands."""
        return self.key in ("auc", "accuracy", "precision", "recall", "f1", "lift_10")


KINDS = (
    FigureKind(
        "auc",
        "AUC",
        "How often a customer who left is ranked above one who stayed. 0.5 is a coin toss, 1 is perfect.",
    ),
    FigureKind(
        "accuracy",
        "Accuracy",
        "Share of customers whose label is right. Compare it with labelling everyone “staying”.",
        "share",
    ),
    FigureKind(
        "precision",
        "Precision",
        "The share of customers labelled likely to leave who left. Higher means fewer false alarms.",
        "share",
    ),
    FigureKind(
        "recall", "Recall", "The share of leavers labelled likely to leave. Higher means fewer missed.", "share"
    ),
    FigureKind("f1", "F1", "Balance of precision and recall, their harmonic mean. 1 is best."),
    FigureKind(
        "lift_10",
        "Lift, top 10%",
        "Churn rate in the riskiest tenth of customers against the average. 1× is no better than chance.",
        "times",
    ),
    FigureKind(
        "log_loss",
        "Log-loss",
        "How far the probabilities are from the outcomes; confident mistakes count most. Lower is better.",
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
        "Improvement of the Brier score over predicting the base rate. 0% is none, 100% is perfect.",
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
SHOWN = tuple(kind for kind in KINDS if kind.plain)
"""Metrics at the top of a model's page; its fold for analysts lists all of them."""


@dataclass(frozen=True, slots=True)
class Figure:
    kind: FigureKind
    value: str
    interval: str


def shown(kind: FigureKind, value: float | None) -> str:
    """The formatted value."""
    if value is None or value != value:
        return NOTHING
    written = {"share": percent, "times": lambda v: f"{decimal(v, 2)}×", "money": exact_money}.get(kind.form, decimal)
    return str(written(value))


def interval(kind: FigureKind, metric: Metric) -> str:
    """The 95% interval with one unit: "0.838–0.857", "79.1–80.9%"."""
    if metric.low is None or metric.high is None:
        return "too few customers"
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
    """One metric of the model and of its logistic baseline, and of the other test; "–" if there is none.

    The other test is random folds if the model was tested forward in time. For versions of earlier releases it is the
    last month.
    """

    own: Figure
    baseline: Figure
    other: Figure
    better: str


def compared(model: ModelVersion) -> list[ComparedFigure]:
    evaluation = model.evaluation
    other = evaluation.random_folds.metrics if evaluation.random_folds else evaluation.out_of_time
    rows = []
    for kind in KINDS:
        if kind.key in evaluation.metrics:
            own, baseline = evaluation.metrics[kind.key], (evaluation.baseline or {}).get(kind.key)
            rows.append(
                ComparedFigure(
                    figure(kind, evaluation.metrics),
                    figure(kind, evaluation.baseline),
                    figure(kind, other),
                    _verdict(kind, own, baseline),
                )
            )
    return rows


def other_test(model: ModelVersion) -> str:
    """The heading of the other test's figures; "" without one."""
    if model.evaluation.random_folds:
        return "Random folds"
    return "Last month" if model.evaluation.out_of_time else ""


def _verdict(kind: FigureKind, own: Metric, baseline: Metric | None) -> str:
    """Whether the model beats the baseline in this metric; a baseline inside the interval counts as equal."""
    if baseline is None or kind.higher_is_better is None:
        return ""
    if own.low is not None and own.high is not None and own.low <= baseline.value <= own.high:
        return "within its interval"
    return "better" if (own.value > baseline.value) == kind.higher_is_better else "worse"


def build_words(model: ModelVersion) -> str:
    """A short description of the model: "Depth 3, 233 rounds", "3 kinds of trees blended"."""
    parameters = model.parameters
    if "members" in parameters:
        return f"{parameters['members']} kinds of trees blended"
    depth = next((parameters[key] for key in ("max_depth", "depth") if key in parameters), None)
    rounds = next((parameters[key] for key in ("rounds", "num_boost_round", "n_estimators") if key in parameters), None)
    curves = model.evaluation.rounds
    if rounds is None and curves is not None and curves.chosen_round is not None:
        rounds = number(curves.chosen_round)
    words = [f"depth {depth}" if depth else "", f"{rounds} rounds" if rounds else ""]
    description = ", ".join(word for word in words if word)
    return description[:1].upper() + description[1:]


def algorithm_words(model: ModelVersion) -> str:
    """The kind of model. Versions of earlier releases do not name the library of their trees, which was XGBoost."""
    if model.algorithm is not Algorithm.XGBOOST:
        return model.algorithm.words
    return "Boosted trees" if "members" in model.parameters else model.parameters.get("library", "XGBoost")


def scoring_words(model: ModelVersion) -> str:
    """What scoring costs; "–" for versions of earlier releases, which did not store it."""
    cost = model.parameters.get("microseconds_per_customer")
    return NOTHING if cost is None else scoring_cost(float(cost))
