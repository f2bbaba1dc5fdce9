"""Draws the report's charts as PNG with 200 dpi. The same figures give the same bytes."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from math import nan
from typing import TYPE_CHECKING, Any

from adapters.formatting.babel_formats import formats_without_currency
from adapters.reporting.print_fonts import chart_family, drawable
from application.ports.results import Group
from domain.evaluation import RoundCurves
from domain.trend import TrendPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 200
INK, INK_2, INK_3, HAIRLINE = "#0f1f20", "#435555", "#5b6b6b", "#e1e8e8"
STAY, LEAVE, PETROL, BAND, VIOLET = "#27707c", "#c47d00", "#0b5461", "#dfe8ea", "#7a6a9c"
"""Colours of the product's charts in the light theme (`tokens.css`)."""
KEPT = 8
"""Pictures of a kind that are kept: reports on the same run, at another threshold or filter, have most in common."""
LABELS_CHARACTERS = 60
"""Characters of all labels below the bars of an attribute that fit beside each other."""
MAX_LABEL_LINES = 3
TREND_CHARACTERS = 84
"""Characters of all labels below the line over time. If there are more, only every second label is written, or
fewer."""


@lru_cache(maxsize=KEPT)
def pie(likely: int, staying: int, left: float | None = None) -> str:
    """Likely leavers and stayers, with the share in the middle. An inner ring shows the share that `left`, if known."""
    figure, axes = _blank(2.1, 2.1)
    axes.set_position((0.02, 0.02, 0.96, 0.96))
    whole = max(1, likely + staying)
    axes.pie(
        [likely, staying] if likely + staying else [0, 1],
        colors=[LEAVE, STAY],
        startangle=90,
        counterclock=False,
        wedgeprops={"width": 0.32 if left is None else 0.24, "edgecolor": "white", "linewidth": 2},
    )
    if left is not None:
        axes.pie(
            [left, 1 - left],
            radius=0.76,
            colors=[LEAVE, STAY],
            startangle=90,
            counterclock=False,
            wedgeprops={"width": 0.12, "edgecolor": "white", "linewidth": 2},
        )
    axes.text(
        0, 0.06, _percent(likely / whole), ha="center", va="center", fontsize=17, fontweight="semibold", color=INK
    )
    axes.text(0, -0.22, "likely to leave", ha="center", va="center", fontsize=7.5, color=INK_2)
    return _as_data_uri(figure)


@lru_cache(maxsize=KEPT)
def risk_histogram(counts: tuple[int, ...], threshold: float) -> str:
    """Customers by churn probability in equal bins, with the threshold."""
    figure, axes = _blank(6.85, 2.3)
    _frame(axes)
    width = 1.0 / max(1, len(counts))
    middles = [(place + 0.5) * width for place in range(len(counts))]
    colours = [LEAVE if middle >= threshold else STAY for middle in middles]
    axes.bar(middles, counts, width=0.88 * width, color=colours, linewidth=0)
    top = max(counts, default=0) or 1
    axes.set(xlim=(0, 1), ylim=(0, 1.16 * top))
    axes.axvline(threshold, color=INK, linewidth=1.0)
    left = threshold > 0.72
    axes.text(
        threshold + (-0.008 if left else 0.008),
        1.08 * top,
        f"Threshold {_percent(threshold)}",
        fontsize=8,
        fontweight="semibold",
        color=INK,
        ha="right" if left else "left",
    )
    axes.xaxis.set_major_formatter(lambda value, _: _percent(value, 0))
    axes.set_xticks([place / 10 for place in range(11)])
    axes.yaxis.set_major_formatter(_thousands)
    return _as_data_uri(figure)


@lru_cache(maxsize=KEPT)
def groups_by_risk(groups: tuple[Group, ...]) -> str:
    """An attribute's groups as bars: likely leavers at the bottom, stayers above."""
    figure, axes = _blank(3.35, 1.95)
    _frame(axes)
    shown = groups[:12]
    places = range(len(shown))
    axes.bar(places, [group.likely for group in shown], width=0.82, color=LEAVE, linewidth=0)
    axes.bar(
        places,
        [group.customers - group.likely for group in shown],
        bottom=[group.likely for group in shown],
        width=0.82,
        color=STAY,
        linewidth=0,
    )
    labels = [_fitting(group.label if not group.missing else "missing", len(shown)) for group in shown]
    longest = max((len(line) for label in labels for line in label.split("\n")), default=1)
    every = max(1, -(-len(labels) * longest // LABELS_CHARACTERS))
    axes.set_xticks(list(places)[::every], labels[::every], parse_math=False)  # a level such as "$5" is no formula
    axes.yaxis.set_major_formatter(_thousands)
    return _as_data_uri(figure)


@lru_cache(maxsize=KEPT)
def trend(months: tuple[tuple[str, TrendPoint | None], ...]) -> str:
    """Expected churn over months with its interval, and the observed one where it is known.

    A month without a prediction leaves a gap.
    """
    figure, axes = _blank(6.85, 2.2)
    _frame(axes)
    places = list(range(len(months)))
    points = [point for _, point in months if point is not None]
    expected, low, high = (
        [nan if point is None else getattr(point, name) for _, point in months] for name in ("expected", "low", "high")
    )
    known = [(place, own.observed) for place, (_, own) in enumerate(months) if own and own.observed is not None]
    axes.fill_between(places, low, high, color=BAND, linewidth=0)
    axes.plot(places, expected, color=PETROL, linewidth=1.8, solid_capstyle="round", marker="o", markersize=3)
    _end_label(axes, places[-1], expected[-1], f"{_percent(expected[-1])} expected", PETROL)
    if known:
        axes.plot(*zip(*known, strict=True), "o", mfc="white", mec=INK_2, mew=1.5, markersize=5)
    values = [own for point in points for own in (point.low, point.high, point.observed) if own is not None]
    room = max(0.02, 0.35 * (max(values) - min(values)))
    axes.set(xlim=(-0.3, len(months) - 1 + 0.16 * len(months)), ylim=(max(0.0, min(values) - room), max(values) + room))
    labels = [label for label, _ in months]
    every = max(1, -(-len(months) * max(map(len, labels)) // TREND_CHARACTERS))
    axes.set_xticks(places[::-every], labels[::-every], parse_math=False)  # the newest always has its label
    axes.yaxis.set_major_formatter(lambda value, _: _percent(value, 0 if room > 0.03 else 1))
    return _as_data_uri(figure)


@lru_cache(maxsize=KEPT)
def accuracy_by_round(rounds: RoundCurves) -> str:
    """Accuracy on training and held-out rows by boosting round, with the chosen round."""
    figure, axes = _blank(6.85, 2.2)
    _frame(axes)
    across, held_out = list(rounds.rounds), list(rounds.validation_accuracy)
    if len(rounds.validation_accuracy_low) == len(across):
        axes.fill_between(
            across, rounds.validation_accuracy_low, rounds.validation_accuracy_high, color=BAND, linewidth=0
        )
    axes.plot(across, held_out, color=PETROL, linewidth=1.8)
    ends = [(held_out[-1], "Held out", PETROL)]
    if len(rounds.training_accuracy) == len(across):
        axes.plot(across, rounds.training_accuracy, color=VIOLET, linewidth=1.4)
        ends.append((rounds.training_accuracy[-1], "Training", VIOLET))
    highest = max(ends)[0]
    for value, label, colour in ends:
        _end_label(axes, across[-1], value, f"{label} {_percent(value)}", colour, above=value == highest)
    if rounds.chosen_round is not None:
        axes.axvline(rounds.chosen_round, color=INK_3, linewidth=1.0, dashes=(3, 3))
        axes.annotate(
            f"Stops at round {rounds.chosen_round}",
            (rounds.chosen_round, 0),
            xycoords=("data", "axes fraction"),
            xytext=(4, 5),
            textcoords="offset points",
            fontsize=7.5,
            color=INK_2,
        )
    axes.set_xlim(0, across[-1] * 1.22)
    axes.set_xlabel("Boosting round", fontsize=7.5, color=INK_3)
    axes.yaxis.set_major_formatter(lambda value, _: _percent(value))
    return _as_data_uri(figure)


@lru_cache(maxsize=8)
def pixel(colour: str) -> str:
    """One pixel of a colour, which the page stretches to a bar or a dot."""
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (1, 1), colour).save(picture, "PNG")
    return _data_uri(picture.getvalue())


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    """A new figure (size in inches), without pyplot's global state, so that reports can be created in parallel."""
    from matplotlib import rcParams
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rcParams["font.family"] = chart_family()
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _frame(axes: Axes) -> None:
    """Draw only horizontal hairlines, no axis lines or ticks."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=7.5, labelcolor=INK_3, pad=4)
    axes.grid(axis="y", color=HAIRLINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=4)


def _end_label(axes: Axes, x: float, y: float, text: str, colour: str, *, above: bool = False) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(6, 4 if above else -3),
        textcoords="offset points",
        va="bottom" if above else "top",
        fontsize=7.5,
        color=colour,
    )


def _percent(fraction: float, decimals: int = 1) -> str:
    return formats_without_currency().percent(fraction, decimals=decimals)


def _thousands(value: float, _: Any) -> str:
    return formats_without_currency().number(value) if value == int(value) else ""


def _fitting(text: str, labels: int) -> str:
    """The text on up to three lines between its words, cut only where a single word is too long."""
    room = max(6, LABELS_CHARACTERS // max(labels, 1))
    lines: list[str] = []
    for word in drawable(" ".join(text.split())).split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > MAX_LABEL_LINES:
        lines = [*lines[: MAX_LABEL_LINES - 1], " ".join(lines[MAX_LABEL_LINES - 1 :])]
    return "\n".join(line if len(line) <= 2 * room else f"{line[: 2 * room - 1]}…" for line in lines)


def _as_data_uri(figure: Figure) -> str:
    """Little compressed: the renderer of the report unpacks it at once."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    return _data_uri(picture.getvalue())


def _data_uri(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
