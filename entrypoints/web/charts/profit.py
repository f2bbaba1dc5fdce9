"""Profit by threshold in the installation's currency, with the current threshold."""

from __future__ import annotations

from domain.model import ModelVersion
from entrypoints.web.charts.axes import in_thousands, round_axis, thinned
from entrypoints.web.charts.curves import value_at
from entrypoints.web.charts.specification import XY, Axis, Chart, Line, Rule
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import currency_sign, money, percent


def profit(model: ModelVersion) -> Chart:
    curve = model.evaluation.profit
    order = sorted(range(len(curve.x)), key=lambda i: curve.x[i])
    points = [[in_percent(curve.x[i]), round(curve.y[i], 2)] for i in order]
    data = [points[i] for i in thinned(points)]
    values = [value for _, value in data] or [0.0]
    in_use = _profit_in_use(model)
    sign = currency_sign()
    label = f"In use {percent(model.threshold)}, {money(in_use)}"
    spec = XY(
        unit=sign,
        decimals=0,
        linear=True,
        x=Axis(min=0, max=100, step=10, unit="%"),
        x_name="Threshold",
        y=in_thousands(round_axis(min(0.0, *values), max(0.0, *values), steps=4), sign),
        tip_title="Threshold {x}%",
        cross=True,
        rules=[Rule(in_percent(model.threshold), label, "right" if model.threshold < 0.6 else "left")],
        series=[Line(name="Profit", data=data, color="c-1", fill=True)],
    )
    best = max(data, key=lambda point: point[1], default=[0.0, 0.0])
    finding = (
        f"Expected profit is highest, {money(best[1])}, at a threshold of {percent(best[0] / 100)}; "
        f"in use are {percent(model.threshold)} with {money(in_use)}"
    )
    return Chart("profit-chart", spec, finding)


def _profit_in_use(model: ModelVersion) -> float:
    """The profit of the threshold's strategy, or the curve's value for a threshold that somebody chose."""
    chosen = [own.profit for own in model.evaluation.thresholds if own.strategy == model.threshold_strategy]
    return chosen[0] if chosen else value_at(model.evaluation.profit, model.threshold)
