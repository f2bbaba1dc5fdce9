"""The specification of each kind of chart, and its JSON, with literals."""

from __future__ import annotations

import pytest

from entrypoints.web.charts.axes import in_thousands, round_axis, whole_step
from entrypoints.web.charts.specification import (
    XY,
    Axis,
    BarItem,
    Bars,
    BarSet,
    LegendKey,
    Line,
    Pie,
    Ring,
    Rule,
    Table,
    as_json,
    chart_json,
)

# ── The JSON of each kind ──


def test_lines_and_bars_over_numbers() -> None:
    chart = XY(
        series=[
            Line(name="Left", data=[[0, 1.5], [1, None]], color="c-1", lo=[1.0, 0.5], hi=[2.0, 1.5], dots_only=True),
            BarSet(name="All", data=[[0, 3], [1, 4]], color="c-stay", links=[None, "/x"], flat=True),
        ],
        linear=True,
        x=Axis(min=0, max=100, step=25, unit="%"),
        x_name="Risk",
        y=Axis(min=0, max=5, step=1, unit="€k"),
        unit="€",
        decimals=0,
        bar_width=0.5,
        tip_title="At {x}",
        rules=[Rule(40, "Threshold", "left")],
        keys=[LegendKey("Raises", "c-leave")],
    )

    assert as_json(chart) == {
        "kind": "xy",
        "series": [
            {
                "name": "Left",
                "data": [[0, 1.5], [1, None]],
                "color": "c-1",
                "lo": [1.0, 0.5],
                "hi": [2.0, 1.5],
                "dotsOnly": True,
            },
            {
                "type": "bar",
                "name": "All",
                "data": [[0, 3], [1, 4]],
                "color": "c-stay",
                "links": [None, "/x"],
                "flat": True,
            },
        ],
        "linear": True,
        "xMin": 0,
        "xMax": 100,
        "xStep": 25,
        "xUnit": "%",
        "xName": "Risk",
        "yMin": 0,
        "yMax": 5,
        "yStep": 1,
        "yUnit": "€k",
        "unit": "€",
        "decimals": 0,
        "barWidth": 0.5,
        "tipTitle": "At {x}",
        "rules": [{"at": 40, "label": "Threshold", "side": "left"}],
        "keys": [["Raises", "c-leave"]],
    }


def test_lines_over_categories_keep_an_empty_list_of_them() -> None:
    assert as_json(XY(series=[], labels=[])) == {"kind": "xy", "series": [], "labels": []}


def test_a_pie_with_a_ring() -> None:
    pie = Pie(labels=["Yes"], data=[3], colors=["c-1"], inner=Ring(name="Really", labels=["Yes"], data=[2], unit="%"))

    assert as_json(pie) == {
        "kind": "pie",
        "labels": ["Yes"],
        "data": [3],
        "colors": ["c-1"],
        "inner": {"name": "Really", "labels": ["Yes"], "data": [2], "unit": "%"},
    }


def test_bars_and_tables() -> None:
    bars = Bars(items=[BarItem("Contract", 0.4, "40%"), BarItem("x", 1, "1", "c-leave")], name="A", value="B", max=2)

    assert as_json(bars) == {
        "kind": "bars",
        "items": [["Contract", 0.4, "40%", None], ["x", 1, "1", "c-leave"]],
        "name": "A",
        "value": "B",
        "max": 2,
    }
    assert as_json(Table(columns=["A"], rows=[["1"]], tones=[[None]])) == {
        "kind": "table",
        "columns": ["A"],
        "rows": [["1"]],
        "tones": [[None]],
    }


def test_the_json_in_a_page_cannot_end_its_element() -> None:
    assert chart_json(Table(columns=["</template><b>'"], rows=[])) == (
        '{"kind": "table", "columns": ["\\u003c/template\\u003e\\u003cb\\u003e\\u0027"], "rows": []}'
    )


# ── Axes ──


def test_axes_have_round_ends() -> None:
    assert round_axis(0.0, 87.0) == Axis(min=0, max=100, step=20)
    assert round_axis(0, 3, steps=4, whole=True) == Axis(min=0, max=3, step=1)
    assert round_axis(-0.31, 0.52) == Axis(min=-0.4, max=0.6, step=0.2)
    assert [whole_step(largest) for largest in (0, 3, 9, 900)] == [1, 1, 5, 500]


@pytest.mark.parametrize(
    ("step", "sign", "unit"),
    [(999, "€", ""), (1000, "€", "€k"), (999_999, "€", "€k"), (1_000_000, "€", "€M"), (1000, "CHF ", "")],
)
def test_large_amounts_have_ticks_in_thousands_or_millions(step: int, sign: str, unit: str) -> None:
    assert in_thousands(Axis(min=0, max=5 * step, step=step), sign).unit == unit
