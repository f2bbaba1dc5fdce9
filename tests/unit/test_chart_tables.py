"""Charts as tables in HTML, for browsers without JavaScript."""

from __future__ import annotations

import pytest

from entrypoints.web.charts.specification import XY, Axis, BarSet, Line
from entrypoints.web.charts.tables import table_of

pytestmark = pytest.mark.usefixtures("page_formats")


def test_categories_have_a_row_each_with_intervals_and_without_reference_lines() -> None:
    spec = XY(
        labels=["Sep 2026", "Oct 2026"],
        months=True,
        unit="%",
        series=[
            Line(name="Expected", data=[25.0, None], lo=[24.0, None], hi=[26.04, None]),
            Line(name="Average", data=[20.0, 20.0], silent=True),
        ],
    )
    table = table_of(spec)
    assert table.columns == ["Month", "Expected", "95% interval"]
    assert table.rows == [["Sep 2026", "25.0%", "24.0%–26.0%"], ["Oct 2026", "–", "–"]]


def test_numbers_on_the_axis_are_joined_by_their_place() -> None:
    spec = XY(
        linear=True,
        x=Axis(unit="%"),
        x_name="Threshold",
        unit="$",
        decimals=0,
        signed=True,
        series=[Line(name="Gain", data=[[10, -1500.4], [20.5, 30]]), BarSet(name="Other", data=[[20.5, 0.2]])],
    )
    table = table_of(spec)
    assert table.columns == ["Threshold", "Gain", "Other"]
    assert table.rows == [["10%", "−$1,500", "–"], ["20.50%", "+$30", "+$0"]]


def test_a_long_line_is_thinned_and_titles_name_ranges() -> None:
    long = XY(linear=True, series=[Line(name="A", data=[[at, at] for at in range(100)])])
    assert [row[0] for row in table_of(long).rows] == [str(at) for at in range(0, 100, 5)]
    bins = XY(linear=True, titles=["0–5%", "5–10%"], series=[BarSet(name="Customers", data=[[2.5, 1200], [7.5, 3]])])
    assert table_of(bins).rows == [["0–5%", "1,200"], ["5–10%", "3"]]
    assert table_of(XY(linear=True, series=[Line(name="A", data=[])])).rows == []
