"""Specifications of charts, and the JSON of a specification that the scripts in ``static/js/charts`` draw.

The scripts also show a chart as a table and save it as PNG. Colours are names of CSS variables without the dashes, such
as "c-leave". JSON keys are the field names in camel case; the fields of an axis get its letter in front: ``x.step``
becomes "xStep". A field with its default value is omitted. A test compares these keys with those that the scripts read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple

from flask import Flask
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

Number = int | float
Side = Literal["left", "right"]
Point = Sequence[Number]
"""[x, y] on a numeric x axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The ends and ticks of an axis. Without `min` and `max` it shows categories."""

    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    unit: str = ""
    """On the y axis only the unit of the ticks: a currency sign with k or M."""


NO_AXIS = Axis()


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical line through a chart with a numeric x axis, at a position of that axis."""

    at: Number
    label: str
    """The text at its upper end."""
    side: Side = "right"
    """Preferred side of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What lines and bars have in common. `lo` and `hi` are 95% intervals."""

    name: str
    data: Sequence[Number | None] | Sequence[Point]
    """Values of y; None where nothing is known."""
    color: str = ""
    lo: Sequence[Number | None] = ()
    hi: Sequence[Number | None] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Series):
    """A line, with a band for its interval."""

    label: str = ""
    """Text at the last point, or at `label_at`."""
    label_short: str = ""
    """The same for charts narrower than 480 pixels."""
    label_at: int | None = None
    """Position of the point that `label` belongs to."""
    label_dy: int = 0
    """Pixels down from that point."""
    fill: bool = False
    """Colours the area under the line."""
    dots: bool = False
    """A dot at every point."""
    dots_only: bool = False
    """Dots without the line."""
    dash: bool = False
    thin: bool = False
    silent: bool = False
    """Omitted from the tooltip and the table; for reference lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSet(Series):
    """Vertical bars, with whiskers for their intervals."""

    type: ClassVar[str] = "bar"
    colors: Sequence[str] = ()
    """The colour of each bar."""
    links: Sequence[str | None] = ()
    """The URL of each bar; overrides the chart's links."""
    flat: bool = False
    """Without rounded corners, for the lower bars of a stack."""


class LegendKey(NamedTuple):
    """An entry of the PNG's legend."""

    text: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class XY:
    """Lines and bars over categories (`labels`) or numbers (`linear`), drawn by Chart.js."""

    kind: ClassVar[str] = "xy"
    series: Sequence[Line | BarSet]
    labels: Sequence[str] | None = None
    """The categories; None for a numeric x axis."""
    titles: Sequence[str] = ()
    """Tooltip title of each category; default: the labels."""
    links: Sequence[str | None] = ()
    """URL of each category."""
    name: str = ""
    """Title of the table's first column if there is no `x_name`."""
    linear: bool = False
    months: bool = False
    """The labels are months: as many as fit are shown, always including the last."""
    x: Axis = NO_AXIS
    x_name: str = ""
    """Title of the x axis and of the table's first column."""
    y: Axis = NO_AXIS
    unit: str = ""
    """Unit of y: "%" and "×" follow the number, a currency sign precedes it."""
    decimals: int | None = None
    """Decimals of y in text."""
    signed: bool = False
    """Values are written with their sign."""
    stacked: bool = False
    bar_width: float = 0.86
    """Fraction of a category's width."""
    tip_title: str = ""
    """The tooltip's title with {x} in it."""
    cross: bool = False
    """A vertical line at the point under the pointer."""
    rules: Sequence[Rule] = ()
    keys: Sequence[LegendKey] = ()
    """Legend of the PNG; default: from the series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The ring inside a pie. `name` is the title of its table column."""

    name: str
    labels: Sequence[str]
    data: Sequence[Number]
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pie:
    """A pie, optionally with a ring inside, drawn by Chart.js."""

    kind: ClassVar[str] = "pie"
    labels: Sequence[str]
    data: Sequence[Number]
    colors: Sequence[str]
    links: Sequence[str] = ()
    inner: Ring | None = None


class BarItem(NamedTuple):
    """A horizontal bar: its value, the value as text, and its colour if it differs from the default."""

    name: str
    value: Number
    text: str
    color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars that the page contains as HTML. `name` and `value` are the titles of the table's columns."""

    kind: ClassVar[str] = "bars"
    items: Sequence[BarItem]
    name: str
    value: str
    max: Number | None = None
    """Value of a full bar; default: the largest."""


class Span(NamedTuple):
    """A bar from one position to another, and its colour."""

    start: Number
    end: Number
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that the page contains as HTML. `tones` are the cell colours of the PNG, row by row."""

    kind: ClassVar[str] = "table"
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    tones: Sequence[Sequence[str | None]] = ()
    spans: Sequence[Span] = ()
    """Of a waterfall's PNG: the bar of each row, on an axis from 0 to 100."""


Specification = XY | Pie | Bars | Table
KINDS: tuple[type[Specification], ...] = (XY, Pie, Bars, Table)
PARTS: tuple[type, ...] = (Line, BarSet, Rule, Ring)
AXES = ("x", "y")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a page, and its finding: one sentence that states what it shows."""

    id: str
    spec: Specification
    finding: str


def register(app: Flask) -> None:
    """Give templates the filter ``chart_json``."""
    app.add_template_filter(chart_json)


def chart_json(spec: Specification) -> Markup:
    """The JSON of a specification, safe to embed in HTML."""
    return htmlsafe_json_dumps(as_json(spec))


def as_json(part: Any) -> dict[str, Any]:
    """A specification or a part of one as a dictionary with the keys that the scripts read."""
    constants = {key: getattr(part, key) for key in ("kind", "type") if hasattr(part, key)}
    return constants | {
        key: value
        for field in fields(part)
        if not _is_default(field, getattr(part, field.name))
        for key, value in _entries(field.name, getattr(part, field.name)).items()
    }


def keys_of(part: type) -> frozenset[str]:
    """All keys that the JSON of a specification or part can have, apart from those of its parts."""
    own = {key for key in ("kind", "type") if hasattr(part, key)}
    names = {field.name for field in fields(part)}
    flat = {key for axis in names & set(AXES) for key in (_in_axis(axis, own.name) for own in fields(Axis))}
    return frozenset(own | flat | {_camel(name) for name in names - set(AXES)})


def _entries(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Axis):
        return {_in_axis(name, key): own for key, own in as_json(value).items()}
    return {_camel(name): _value(value)}


def _value(value: Any) -> Any:
    if isinstance(value, Line | BarSet | Rule | Ring):
        return as_json(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(item) for item in value]
    return value


def _is_default(field: Field[Any], value: Any) -> bool:
    """Whether the field may be omitted. An empty list equals the default of an optional sequence."""
    if field.default == ():
        return len(value) == 0
    return field.default is not MISSING and value == field.default


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _in_axis(axis: str, name: str) -> str:
    return axis + name.capitalize()
