"""Learning curves: accuracy and log-loss by boosting round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from domain.evaluation import RoundCurves
from entrypoints.web.charts.axes import round_axis, round_step, thinned, whole_step
from entrypoints.web.charts.specification import XY, Axis, Chart, Line, Rule, Side
from entrypoints.web.formats import decimal, number, percent

MAX_ROUNDS_DRAWN = 140
ROOM_FOR_LABEL = 0.12
"""Space above the lines for the label of the vertical rule, as a fraction of their span."""


def accuracy(rounds: RoundCurves) -> Chart:
    at = _chosen(rounds)
    final, training = rounds.validation_accuracy[at], rounds.training_accuracy[at]
    stops = "" if rounds.chosen_round is None else f"; the model stops at step {number(rounds.chosen_round)}"
    finding = f"Accuracy reaches {percent(training)} on customers it learned from, {percent(final)} on others{stops}"
    lines = _lines(rounds, rounds.training_accuracy, rounds.validation_accuracy, scale=100.0)
    if rounds.validation_accuracy_low:
        picked = thinned(rounds.rounds, MAX_ROUNDS_DRAWN)
        lines[1] = replace(
            lines[1],
            lo=[round(rounds.validation_accuracy_low[i] * 100, 2) for i in picked],
            hi=[round(rounds.validation_accuracy_high[i] * 100, 2) for i in picked],
        )
    return Chart("accuracy-chart", _by_round(rounds, lines, unit="%", decimals=1), finding)


def log_loss(rounds: RoundCurves) -> Chart:
    best = min(range(len(rounds.rounds)), key=lambda i: rounds.validation_log_loss[i])
    lowest, at = decimal(rounds.validation_log_loss[best]), number(rounds.rounds[best])
    finding = f"Validation log-loss is lowest, {lowest}, at step {at}"
    lines = _lines(rounds, rounds.training_log_loss, rounds.validation_log_loss, scale=1.0)
    return Chart("log-loss-chart", _by_round(rounds, lines, unit="", decimals=3), finding)


def _lines(rounds: RoundCurves, training: Sequence[float], validation: Sequence[float], *, scale: float) -> list[Line]:
    picked = thinned(rounds.rounds, MAX_ROUNDS_DRAWN)
    return [
        Line(name=name, color=color, label=name, data=[[rounds.rounds[i], round(values[i] * scale, 4)] for i in picked])
        for name, color, values in (("Learned from", "c-3", training), ("Others", "c-1", validation))
    ]


def _by_round(rounds: RoundCurves, lines: Sequence[Line], *, unit: str, decimals: int) -> XY:
    step = max(1, round_step(max(rounds.rounds), 6))
    last = step * ceil(max(rounds.rounds) / step)
    return XY(
        linear=True,
        x=Axis(min=0, max=last, step=step),
        x_name="Step of learning",
        y=_span(lines),
        unit=unit,
        decimals=decimals,
        tip_title="Step {x}",
        cross=True,
        series=lines,
        rules=_stop(rounds, last),
    )


def _stop(rounds: RoundCurves, last: float) -> tuple[Rule, ...]:
    if rounds.chosen_round is None:
        return ()
    side: Side = "left" if rounds.chosen_round > last / 2 else "right"
    return (Rule(rounds.chosen_round, f"Stops at step {number(rounds.chosen_round)}", side),)


def _chosen(rounds: RoundCurves) -> int:
    """The index of the round at which the model stops, or of the last."""
    if rounds.chosen_round is None:
        return len(rounds.rounds) - 1
    return min(range(len(rounds.rounds)), key=lambda i: abs(rounds.rounds[i] - (rounds.chosen_round or 0)))


def _span(lines: Sequence[Line]) -> Axis:
    """A y axis that covers the lines and their intervals, with space above them for the label of the rule."""
    values = [_y(value) for line in lines for part in (line.data, line.lo, line.hi) for value in part]
    low, high = min(values), max(values)
    return round_axis(low, high + (high - low) * ROOM_FOR_LABEL)


def _y(value: object) -> float:
    number = value[1] if isinstance(value, Sequence) else value
    assert isinstance(number, int | float)  # noqa: S101 (learning curves have no gaps)
    return number


def accuracy_of_run(curves: RoundCurves) -> XY:
    """Accuracy by boosting round, on customers of the training and on others, as a run's page shows it."""
    both = [*curves.training_accuracy, *curves.validation_accuracy]
    low, high = min(both) * 100, max(both) * 100
    step = 1 if high - low < 6 else 2 if high - low < 12 else 5
    chosen = curves.chosen_round
    return XY(
        unit="%",
        linear=True,
        x=Axis(min=0, max=curves.rounds[-1], step=whole_step(curves.rounds[-1], 6)),
        y=Axis(min=step * int(low // step), max=step * (int(high // step) + 1), step=step),
        series=[
            Line(
                name="Customers it learned from",
                color="c-3",
                data=[[r, a * 100] for r, a in zip(curves.rounds, curves.training_accuracy, strict=True)],
                label="Learned from",
            ),
            Line(
                name="Other customers",
                color="c-1",
                data=[[r, a * 100] for r, a in zip(curves.rounds, curves.validation_accuracy, strict=True)],
                label="Others",
                lo=[a * 100 for a in curves.validation_accuracy_low],
                hi=[a * 100 for a in curves.validation_accuracy_high],
            ),
        ],
        rules=() if chosen is None else (Rule(chosen, f"Stops at step {chosen}", "left"),),
    )
