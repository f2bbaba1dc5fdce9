"""The table of segments as text, for the table view and the PNG."""

from __future__ import annotations

from collections.abc import Sequence

from application.use_cases.insights.segments import Segment
from entrypoints.web import formats
from entrypoints.web.charts.specification import Table

COLUMNS = ("Segment", "Customers", "Churn", "95% interval", "Lift", "More leavers")
REVENUE = "At risk a month"


def segments_table(segments: Sequence[tuple[Segment, str]], *, has_revenue: bool) -> Table:
    """Segments with their words, in the given order."""
    rows = [
        [
            words,
            formats.number(segment.group.customers),
            formats.percent(segment.rate),
            f"{formats.number(segment.low * 100, 1)}–{formats.percent(segment.high)}",
            f"{formats.number(segment.lift, 1)}×",
            formats.number(segment.impact),
            *([formats.money(segment.group.revenue_at_risk)] if has_revenue else []),
        ]
        for segment, words in segments
    ]
    return Table(columns=[*COLUMNS, *([REVENUE] if has_revenue else [])], rows=rows)
