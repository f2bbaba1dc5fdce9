"""The charts of a model's page: what charts.js draws, and the finding of each in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

from domain.evaluation import CalibrationBin, Curve, Evaluation, RoundCurves
from domain.model import ModelVersion
from entrypoints.web.axes import kept, round_axis, round_step
from entrypoints.web.formats import currency_sign, money, percent

SHARES = {"linear": True, "xMin": 0, "xMax": 100, "xStep": 25, "xUnit": "%", "yMin": 0, "yMax": 100, "yStep": 25}
DRIVERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's specification and its finding: what a person should see in it."""

    id: str
    spec: dict[str, Any]
    finding: str


def charts_of(model: ModelVersion) -> dict[str, Chart | None]:
    """Every chart of a version's page, by name; None where the model has no such thing."""
    evaluation = model.evaluation
    rounds = evaluation.rounds
    return {
        "accuracy": accuracy(rounds) if rounds else None,
        "log_loss": log_loss(rounds) if rounds else None,
        "roc": roc(evaluation),
        "precision_recall": precision_recall(evaluation),
        "calibration": calibration(evaluation.calibration),
        "lift": lift(evaluation.gain),
        "gain": gain(evaluation.gain),
        "profit": profit(model),
        "drivers": drivers(model),
    }


def accuracy(rounds: RoundCurves) -> Chart:
    at = _chosen(rounds)
    final, training = rounds.validation_accuracy[at], rounds.training_accuracy[at]
    stops = "" if rounds.chosen_round is None else f"; the model stops at round {rounds.chosen_round:,}"
    finding = f"Validation accuracy reaches {percent(final)} where training accuracy is {percent(training)}{stops}"
    spec = _by_round(rounds, rounds.training_accuracy, rounds.validation_accuracy, scale=100.0)
    if rounds.validation_accuracy_low:
        picked = _picked(rounds)
        validation = spec["series"][1]
        validation["lo"] = [round(rounds.validation_accuracy_low[i] * 100, 2) for i in picked]
        validation["hi"] = [round(rounds.validation_accuracy_high[i] * 100, 2) for i in picked]
    spec |= {"unit": "%", "decimals": 1, **_span(spec["series"])}
    return Chart("accuracy-chart", spec, finding)


def log_loss(rounds: RoundCurves) -> Chart:
    best = min(range(len(rounds.rounds)), key=lambda i: rounds.validation_log_loss[i])
    finding = f"Validation log-loss is lowest, {rounds.validation_log_loss[best]:.3f}, at round {rounds.rounds[best]:,}"
    spec = _by_round(rounds, rounds.training_log_loss, rounds.validation_log_loss, scale=1.0)
    spec |= {"unit": "", "decimals": 3, **_span(spec["series"])}
    return Chart("log-loss-chart", spec, finding)


def _by_round(
    rounds: RoundCurves, training: Sequence[float], validation: Sequence[float], *, scale: float
) -> dict[str, Any]:
    picked = _picked(rounds)
    step = max(1, round_step(max(rounds.rounds), 6))
    last = step * ceil(max(rounds.rounds) / step)
    lines = [
        {
            "name": name,
            "color": colour,
            "label": name,
            "data": [[rounds.rounds[i], round(values[i] * scale, 4)] for i in picked],
        }
        for name, colour, values in (("Training", "c-3", training), ("Validation", "c-1", validation))
    ]
    spec: dict[str, Any] = {
        "kind": "xy",
        "linear": True,
        "xMin": 0,
        "xMax": last,
        "xStep": step,
        "xName": "Boosting round",
        "tipTitle": "Round {x}",
        "cross": True,
        "series": lines,
    }
    if rounds.chosen_round is not None:
        side = "left" if rounds.chosen_round > last / 2 else "right"
        spec["rules"] = [{"at": rounds.chosen_round, "label": f"Stops at round {rounds.chosen_round:,}", "side": side}]
    return spec


def _picked(rounds: RoundCurves) -> list[int]:
    return kept(rounds.rounds, 140)


def _chosen(rounds: RoundCurves) -> int:
    """Position of the round that the model stops at, or of the last."""
    if rounds.chosen_round is None:
        return len(rounds.rounds) - 1
    return min(range(len(rounds.rounds)), key=lambda i: abs(rounds.rounds[i] - (rounds.chosen_round or 0)))


def _span(series: Sequence[dict[str, Any]]) -> dict[str, float]:
    """An axis around the lines, with room above them for the words at the rule."""
    values = [point[1] for line in series for point in line["data"]]
    values += [value for line in series for side in ("lo", "hi") for value in line.get(side, ())]
    low, high = min(values), max(values)
    return round_axis(low, high + (high - low) * 0.12)


def roc(evaluation: Evaluation) -> Chart:
    auc = evaluation.metrics["auc"].value
    data = _points(evaluation.roc)
    spec = {
        "kind": "xy",
        "unit": "%",
        **SHARES,
        "tipTitle": "{x}% of stayers alarmed",
        "xName": "False alarms among those who stay",
        "series": [
            {
                "name": "Leavers found",
                "data": data,
                "color": "c-1",
                "fill": True,
                "label": f"AUC {auc:.3f}",
                "labelAt": _near(data, 20.0),
                "labelDy": 26,
            },
            _reference("Chance", [[0, 0], [100, 100]]),
        ],
    }
    found = percent(_at(evaluation.roc, 0.2), 0)
    return Chart(
        "roc-chart",
        spec,
        f"ROC curve with an AUC of {auc:.3f}: with a fifth of stayers alarmed, it finds {found} of leavers",
    )


def precision_recall(evaluation: Evaluation) -> Chart:
    value = evaluation.metrics["average_precision"].value
    base = evaluation.base_rate * 100
    data = _points(evaluation.precision_recall)
    spec = {
        "kind": "xy",
        "unit": "%",
        **SHARES,
        "tipTitle": "Recall {x}%",
        "xName": "Recall: leavers found",
        "series": [
            {
                "name": "Precision",
                "data": data,
                "color": "c-1",
                "label": f"AP {value:.3f}",
                "labelAt": _near(data, 60.0),
                "labelDy": -14,
            },
            _reference("Base rate", [[0, round(base, 2)], [100, round(base, 2)]]),
        ],
    }
    finding = (
        f"Precision by recall, average precision {value:.3f} against a base rate of {percent(evaluation.base_rate)}"
    )
    return Chart("precision-recall-chart", spec, finding)


def calibration(bins: Sequence[CalibrationBin]) -> Chart:
    inside = sum(b.low <= b.predicted <= b.high for b in bins)
    series: dict[str, Any] = {
        "name": "Left",
        "data": [[_share(b.predicted), _share(b.observed)] for b in bins],
        "lo": [_share(b.low) for b in bins],
        "hi": [_share(b.high) for b in bins],
        "color": "c-1",
        "dots": True,
    }
    spec = {
        "kind": "xy",
        "unit": "%",
        **SHARES,
        "tipTitle": "Predicted {x}%",
        "xName": "Predicted risk",
        "series": [_reference("Perfect", [[0, 0], [100, 100]]), series],
    }
    finding = (
        f"Predicted and observed churn agree within the 95% interval in {inside} of {len(bins)} groups of customers"
    )
    return Chart("calibration-chart", spec, finding)


def lift(curve: Curve) -> Chart:
    """By tenths, each alone: how much of the leavers the gain curve adds there."""
    reached = [_at(curve, tenth / 10) for tenth in range(11)]
    tenths = [max(0.0, (after - before) * 10) for before, after in pairwise(reached)]
    spec = {
        "kind": "xy",
        "unit": "×",
        "labels": [str(tenth) for tenth in range(1, 11)],
        **round_axis(0.0, max(1.0, *tenths), steps=4),
        "barWidth": 0.78,
        "tipTitle": "Tenth {x}",
        "xName": "Tenths of customers, riskiest first",
        "series": [
            {
                "name": "Lift",
                "type": "bar",
                "data": [round(value, 3) for value in tenths],
                "colors": ["c-leave" if value > 1 else "c-stay" for value in tenths],
            },
            {**_reference("Average", []), "data": [1] * 10},
        ],
    }
    finding = (
        f"Churn is {tenths[0]:.1f} times the average in the riskiest tenth and {tenths[-1]:.2f} times in the safest"
    )
    return Chart("lift-chart", spec, finding)


def gain(curve: Curve) -> Chart:
    spec = {
        "kind": "xy",
        "unit": "%",
        **SHARES,
        "tipTitle": "Riskiest {x}%",
        "xName": "Share of customers contacted",
        "series": [
            {"name": "Leavers reached", "data": _points(curve), "color": "c-1", "fill": True},
            _reference("Chance", [[0, 0], [100, 100]]),
        ],
    }
    return Chart("gain-chart", spec, f"The riskiest fifth of customers holds {percent(_at(curve, 0.2), 0)} of leavers")


def profit(model: ModelVersion) -> Chart:
    """Profit by threshold in the installation's currency, with the threshold in use."""
    curve = model.evaluation.profit
    order = sorted(range(len(curve.x)), key=lambda i: curve.x[i])
    points = [[_share(curve.x[i]), round(curve.y[i], 2)] for i in order]
    data = [points[i] for i in kept(points)]
    values = [value for _, value in data] or [0.0]
    chosen = [o.profit for o in model.evaluation.thresholds if o.strategy == model.threshold_strategy]
    in_use = chosen[0] if chosen else _at(curve, model.threshold)
    sign = currency_sign()
    spec: dict[str, Any] = {
        "kind": "xy",
        "unit": sign,
        "decimals": 0,
        "linear": True,
        "xMin": 0,
        "xMax": 100,
        "xStep": 10,
        "xUnit": "%",
        "tipTitle": "Threshold {x}%",
        "xName": "Threshold",
        "cross": True,
        **round_axis(min(0.0, *values), max(0.0, *values), steps=4),
        "rules": [
            {
                "at": _share(model.threshold),
                "label": f"In use {percent(model.threshold)}, {money(in_use)}",
                "side": "right" if model.threshold < 0.6 else "left",
            }
        ],
        "series": [{"name": "Profit", "data": data, "color": "c-1", "fill": True}],
    }
    if spec["yStep"] >= 1000 and not sign[:1].isalpha():
        spec["yUnit"] = f"{sign}k"
    best = max(data, key=lambda point: point[1], default=[0.0, 0.0])
    finding = (
        f"Expected profit is highest, {money(best[1])}, at a threshold of {best[0]:.1f}%; "
        f"in use are {percent(model.threshold)} with {money(in_use)}"
    )
    return Chart("profit-chart", spec, finding)


def drivers(model: ModelVersion) -> Chart:
    columns = sorted(model.schema.columns, key=lambda column: -column.importance)
    shown = columns[:DRIVERS_SHOWN]
    most = max((column.importance for column in shown), default=0.0) or 1.0
    spec = {
        "kind": "bars",
        "name": "Attribute",
        "value": "Share of all influence",
        "max": most,
        "items": [[column.label, column.importance, percent(column.importance)] for column in shown],
    }
    strongest = (
        f"{shown[0].label} carries {percent(shown[0].importance)} of what the model knows" if shown else "No drivers"
    )
    return Chart("drivers-chart", spec, strongest)


def _reference(name: str, data: list[list[float]]) -> dict[str, Any]:
    return {"name": name, "data": data, "silent": True, "dash": True, "thin": True, "color": "ink-3"}


def _share(value: float) -> float:
    return round(value * 100, 2)


def _points(curve: Curve) -> list[list[float]]:
    """A curve of shares as percent, thinned, in order of x."""
    order = sorted(range(len(curve.x)), key=lambda i: curve.x[i])
    points = [[_share(curve.x[i]), _share(curve.y[i])] for i in order]
    return [points[i] for i in kept(points)]


def _near(data: Sequence[Sequence[float]], x: float) -> int:
    return min(range(len(data)), key=lambda i: abs(data[i][0] - x), default=0)


def _at(curve: Curve, x: float) -> float:
    """The curve's height at x, in a straight line between its points."""
    points = sorted(zip(curve.x, curve.y, strict=True))
    if not points:
        return 0.0
    before = [point for point in points if point[0] <= x] or [points[0]]
    after = [point for point in points if point[0] >= x] or [points[-1]]
    (left, low), (right, high) = before[-1], after[0]
    return low if right == left else low + (high - low) * (x - left) / (right - left)
