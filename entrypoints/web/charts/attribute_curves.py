"""The curves of an additive model: what an attribute adds to the log-odds over its values."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from domain.attribute_curve import AttributeCurve
from domain.schema import CustomerSchema
from domain.vocabulary.spelling import plain_words
from entrypoints.web.charts.attribute import CONTRIBUTION_KEYS, axis_name
from entrypoints.web.charts.axes import round_axis
from entrypoints.web.charts.specification import XY, Axis, BarSet, Chart, Line
from entrypoints.web.formats import number

LEVELS_DRAWN = 24
"""Maximum bars; of more levels, those that add most are drawn."""
WIDE = 20.0
"""Span of a number's values from which they are written without decimals."""


def curve_named(curves: Sequence[AttributeCurve], attribute: str | None) -> AttributeCurve | None:
    """The curve of an attribute, or the first where there is no such attribute."""
    return next((curve for curve in curves if curve.attribute == attribute), curves[0] if curves else None)


def curve_chart(curve: AttributeCurve, schema: CustomerSchema) -> Chart:
    name = axis_name(schema, curve.attribute)
    draw = _line if curve.numbers else _bars
    return Chart("curve-chart", draw(curve, name), _finding(curve))


def _line(curve: AttributeCurve, name: str) -> XY:
    (low, _), (high, _) = curve.numbers[0], curve.numbers[-1]
    points = [[round(at, 6), round(value, 4)] for at, value in curve.numbers]
    return XY(
        linear=True,
        decimals=3,
        signed=True,
        x=round_axis(low, high, steps=6),
        x_name=name,
        y=_span([value for _, value in curve.numbers]),
        tip_title=f"{name} {{x}}",
        cross=True,
        series=[Line(name="Adds to the log-odds", data=points, color="c-1")],
    )


def _bars(curve: AttributeCurve, name: str) -> XY:
    levels = list(curve.levels)
    if len(levels) > LEVELS_DRAWN:
        strongest = sorted(levels, key=lambda level: -abs(level[1]))[:LEVELS_DRAWN]
        levels = [level for level in levels if level in strongest]
    if curve.missing is not None:
        levels.append(("unknown", curve.missing))
    values = [value for _, value in levels]
    return XY(
        decimals=3,
        signed=True,
        keys=CONTRIBUTION_KEYS[:2],
        labels=[label for label, _ in levels],
        x_name=name,
        y=_span(values),
        cross=True,
        series=[
            BarSet(
                name="Adds to the log-odds",
                color="c-leave",
                colors=["c-leave" if value > 0 else "c-stay" for value in values],
                data=[round(value, 4) for value in values],
            )
        ],
    )


def _span(values: Sequence[float]) -> Axis:
    return round_axis(min(0.0, *values), max(0.0, *values), steps=5)


def _finding(curve: AttributeCurve) -> str:
    """The values with the highest and lowest odds of leaving, as factors."""
    name = plain_words(curve.attribute).lower()
    if curve.lowest is None or curve.highest is None or len(curve.points) < 2:
        return f"No values of {name} to compare"
    (least, low), (most, high) = curve.lowest, curve.highest
    more, less = number(exp(high), 2), number(exp(low), 2)
    return (
        f"The odds of leaving are multiplied by {more} at {_value(most, curve)} and by {less} at {_value(least, curve)}"
    )


def _value(value: float | str, curve: AttributeCurve) -> str:
    if isinstance(value, str):
        return value
    span = curve.numbers[-1][0] - curve.numbers[0][0]
    return number(value, 0 if span >= WIDE else 2)
