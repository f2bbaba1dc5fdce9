"""Customers by their predicted label, as a pie."""

from __future__ import annotations

from collections.abc import Sequence

from application.queries import ThresholdFigures
from application.use_cases.insights.segments import Totals
from entrypoints.web.charts.specification import Chart, Pie, Ring
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import number, percent


def labels_pie(at_threshold: ThresholdFigures) -> Pie:
    """Customers of a run: likely to leave, and staying."""
    return _pie(at_threshold.likely_to_leave, at_threshold.customers - at_threshold.likely_to_leave)


def totals_pie(totals: Totals, links: Sequence[str]) -> Chart:
    """Predicted labels, with a ring inside for the known outcomes. `links`: URLs of leavers and stayers."""
    staying = totals.customers - totals.likely
    share = percent(totals.likely / totals.customers if totals.customers else 0.0)
    finding = f"{number(totals.likely)} customers, {share}, are likely to leave; {number(staying)} are staying"
    if totals.observed is not None:
        finding += f". Actually left: {percent(totals.observed)}"
    return Chart("pie-chart", _pie(totals.likely, staying, links, _outcomes(totals.observed)), finding)


def _pie(leaving: int, staying: int, links: Sequence[str] = (), inner: Ring | None = None) -> Pie:
    return Pie(
        labels=["Likely to leave", "Staying"],
        data=[leaving, staying],
        colors=["c-leave", "c-stay"],
        links=links,
        inner=inner,
    )


def _outcomes(observed: float | None) -> Ring | None:
    if observed is None:
        return None
    left = in_percent(observed)
    return Ring(name="Really", labels=["Left", "Stayed"], data=[left, round(100 - left, 2)], unit="%", decimals=1)
