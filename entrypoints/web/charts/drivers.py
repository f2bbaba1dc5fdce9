"""The attributes that drive the risk, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.use_cases.insights.insights_context import InsightsContext
from application.use_cases.insights.segments import Segment, group_words
from domain.model import ModelVersion
from domain.run import DriverShare
from domain.vocabulary.spelling import plain_words
from entrypoints.web.access import application
from entrypoints.web.charts.specification import BarItem, Bars, Chart, Table
from entrypoints.web.counting import in_percent, share_of
from entrypoints.web.formats import percent

MODEL_DRIVERS_SHOWN = 10
RANKED_DRIVERS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class DriverBars:
    """`items` are the bars in the page: name, formatted value, and length as a fraction of the longest bar."""

    items: tuple[tuple[str, str, float], ...]
    spec: Bars


def driver_bars(drivers: Sequence[DriverShare], *, value: str) -> DriverBars:
    """Bars of attributes by their share of all influence, in the given order. `value` is the column title."""
    longest = drivers[0].share if drivers else 0.0
    items = tuple((plain_words(d.attribute), percent(d.share), share_of(d.share, longest)) for d in drivers)
    bars = [BarItem(plain_words(d.attribute), in_percent(d.share, 10), percent(d.share)) for d in drivers]
    return DriverBars(items, Bars(items=bars, name="Attribute", value=value))


@dataclass(frozen=True, slots=True)
class ModelDrivers:
    """The strongest attributes of a model: the chart, and its bars as in `DriverBars`."""

    chart: Chart
    items: tuple[tuple[str, str, float], ...]


def model_drivers(model: ModelVersion) -> ModelDrivers:
    """A model's attributes by their share of all influence, strongest first."""
    shown = sorted(model.schema.columns, key=lambda column: -column.importance)[:MODEL_DRIVERS_SHOWN]
    most = max((column.importance for column in shown), default=0.0) or 1.0
    bars = [BarItem(column.label, column.importance, percent(column.importance)) for column in shown]
    finding = f"{shown[0].label} decides {percent(shown[0].importance)} of a risk" if shown else "No drivers"
    spec = Bars(items=bars, name="Attribute", value="Share of all influence", max=most)
    items = tuple((bar.name, bar.text, share_of(bar.value, most)) for bar in bars)
    return ModelDrivers(Chart("drivers-chart", spec, finding), items)


@dataclass(frozen=True, slots=True)
class RankedDriver:
    """An attribute, its share as text, the value with the highest risk, and the bar's length as a fraction."""

    attribute: str
    name: str
    share: str
    peak: str
    length: float


@dataclass(frozen=True, slots=True)
class RankedDrivers:
    """The drivers of a run, and their table for the scripts."""

    chart: Chart
    items: tuple[RankedDriver, ...]


def ranked_drivers(selection: InsightsContext, peaks: Mapping[str, Segment]) -> RankedDrivers | None:
    """Attributes by their share of influence in the run, each with the value at which the risk is highest."""
    summary = selection.run.summary
    if summary is None or not summary.drivers:
        return None
    shown = summary.drivers[:RANKED_DRIVERS_SHOWN]
    most = shown[0].share or 1.0
    items = tuple(
        RankedDriver(
            d.attribute,
            plain_words(d.attribute),
            percent(d.share),
            peak_words(selection, peaks.get(d.attribute)),
            d.share / most,
        )
        for d in shown
    )
    rows = [[item.name, item.share, item.peak] for item in items]
    spec = Table(columns=["Attribute", "Share", "Risk is highest at"], rows=rows)
    finding = f"{items[0].name} drives the risk most, {items[0].share} of it"
    return RankedDrivers(Chart("drivers-chart", spec, finding), items)


def peak_words(selection: InsightsContext, peak: Segment | None) -> str:
    """The value with the highest risk and its rate: "Month-to-month contract, 42.8%"."""
    if peak is None:
        return ""
    words = group_words(
        peak.attribute, peak.group, selection.schema, application().formats_of(selection.policy.currency)
    )
    return f"{words}, {percent(peak.rate)}"
