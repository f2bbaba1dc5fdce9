"""The charts of a model's page about its quality, each with its finding in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.evaluation import CalibrationBin, Curve, Evaluation
from domain.model import ModelVersion
from entrypoints.web.charts.axes import SHARES, SHARES_ACROSS, round_axis
from entrypoints.web.charts.curves import points_of, position_near, reference_line, value_at
from entrypoints.web.charts.drivers import ModelDrivers, model_drivers
from entrypoints.web.charts.learning import accuracy, log_loss
from entrypoints.web.charts.profit import profit
from entrypoints.web.charts.specification import XY, BarSet, Chart, Line
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import decimal, number, percent

FIFTH = 0.2
DIAGONAL = [[0, 0], [100, 100]]


@dataclass(frozen=True, slots=True)
class ModelCharts:
    """All charts of a version's page. Models without boosting rounds have neither learning curve."""

    accuracy: Chart | None
    log_loss: Chart | None
    roc: Chart
    precision_recall: Chart
    calibration: Chart
    lift: Chart
    gain: Chart
    profit: Chart
    drivers: ModelDrivers


def charts_of(model: ModelVersion) -> ModelCharts:
    evaluation = model.evaluation
    rounds = evaluation.rounds
    return ModelCharts(
        accuracy=accuracy(rounds) if rounds else None,
        log_loss=log_loss(rounds) if rounds else None,
        roc=roc(evaluation),
        precision_recall=precision_recall(evaluation),
        calibration=calibration(evaluation.calibration),
        lift=lift(evaluation.gain),
        gain=gain(evaluation.gain),
        profit=profit(model),
        drivers=model_drivers(model),
    )


def _in_shares(x_name: str, tip_title: str, series: Sequence[Line]) -> XY:
    """A chart with both axes from 0 to 100 %."""
    return XY(
        linear=True,
        unit="%",
        x=SHARES_ACROSS,
        x_name=x_name,
        y=SHARES,
        tip_title=tip_title,
        series=series,
    )


def roc(evaluation: Evaluation) -> Chart:
    auc = evaluation.metrics["auc"].value
    data = points_of(evaluation.roc)
    curve = Line(
        name="Leavers found",
        data=data,
        color="c-1",
        fill=True,
        label=f"AUC {decimal(auc)}",
        label_at=position_near(data, 20.0),
        label_dy=26,
    )
    spec = _in_shares(
        "False alarms among those who stay",
        "{x}% false alarms among stayers",
        [curve, reference_line("Chance", DIAGONAL)],
    )
    share = percent(value_at(evaluation.roc, FIFTH), 0)
    finding = f"ROC curve with an AUC of {decimal(auc)}: with a fifth of stayers alarmed, it finds {share} of leavers"
    return Chart("roc-chart", spec, finding)


def precision_recall(evaluation: Evaluation) -> Chart:
    value = evaluation.metrics["average_precision"].value
    base = round(evaluation.base_rate * 100, 2)
    data = points_of(evaluation.precision_recall)
    precision = Line(
        name="Precision",
        data=data,
        color="c-1",
        label=f"AP {decimal(value)}",
        label_at=position_near(data, 60.0),
        label_dy=-14,
    )
    reference = reference_line("Base rate", [[0, base], [100, base]])
    spec = _in_shares("Recall: leavers found", "Recall {x}%", [precision, reference])
    rate = percent(evaluation.base_rate)
    finding = f"Precision by recall, average precision {decimal(value)} against a base rate of {rate}"
    return Chart("precision-recall-chart", spec, finding)


def calibration(bins: Sequence[CalibrationBin]) -> Chart:
    inside = sum(b.low <= b.predicted <= b.high for b in bins)
    left = Line(
        name="Left",
        data=[[in_percent(b.predicted), in_percent(b.observed)] for b in bins],
        lo=[in_percent(b.low) for b in bins],
        hi=[in_percent(b.high) for b in bins],
        color="c-1",
        dots=True,
    )
    spec = _in_shares("Predicted risk", "Predicted {x}%", [reference_line("Perfect", DIAGONAL), left])
    finding = (
        f"Predicted and observed churn agree within the 95% interval in {inside} of {len(bins)} groups of customers"
    )
    return Chart("calibration-chart", spec, finding)


def lift(curve: Curve) -> Chart:
    """Lift of each tenth separately, from the differences of the gain curve."""
    reached = [value_at(curve, tenth / 10) for tenth in range(11)]
    tenths = [max(0.0, (after - before) * 10) for before, after in pairwise(reached)]
    bars = BarSet(
        name="Lift",
        data=[round(value, 3) for value in tenths],
        colors=["c-leave" if value > 1 else "c-stay" for value in tenths],
    )
    spec = XY(
        unit="×",
        labels=[str(tenth) for tenth in range(1, 11)],
        x_name="Tenths of customers, riskiest first",
        y=round_axis(0.0, max(1.0, *tenths), steps=4),
        bar_width=0.78,
        tip_title="Tenth {x}",
        series=[bars, reference_line("Average", [1] * 10)],
    )
    riskiest, safest = number(tenths[0], 1), number(tenths[-1], 2)
    finding = f"Churn is {riskiest} times the average in the riskiest tenth and {safest} times in the safest"
    return Chart("lift-chart", spec, finding)


def gain(curve: Curve) -> Chart:
    reached = Line(name="Leavers reached", data=points_of(curve), color="c-1", fill=True)
    spec = _in_shares("Share of customers contacted", "Riskiest {x}%", [reached, reference_line("Chance", DIAGONAL)])
    share = percent(value_at(curve, FIFTH), 0)
    return Chart("gain-chart", spec, f"The riskiest fifth of customers holds {share} of leavers")
