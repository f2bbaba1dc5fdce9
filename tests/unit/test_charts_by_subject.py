"""The JSON of each chart of the product, by its subject."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.results import Contribution, Group
from application.use_cases.insights.insights_context import InsightsContext
from application.use_cases.insights.open_insights import Cross
from application.use_cases.insights.segments import Totals, segments_of
from domain.evaluation import CalibrationBin, Curve, RoundCurves
from domain.run import DriverShare, RunId
from domain.trend import LeftOut, LeftOutRun, Trend, TrendPoint
from entrypoints.web.charts import attribute, learning, quality, trends
from entrypoints.web.charts.drift import drift_bars
from entrypoints.web.charts.drivers import driver_bars, model_drivers
from entrypoints.web.charts.heatmap import heat_table
from entrypoints.web.charts.labels import totals_pie
from entrypoints.web.charts.profit import profit
from entrypoints.web.charts.risk import _split
from entrypoints.web.charts.segments import segments_table
from entrypoints.web.charts.specification import (
    Axis,
    BarItem,
    Bars,
    Pie,
    Ring,
    Table,
    as_json,
)
from entrypoints.web.charts.waterfall import Step, Waterfall, waterfall_table
from tests.builders import a_finished_run, a_model_version, a_policy, an_evaluation
from tests.unit.use_cases.test_insights import group

EUR = formats_of("EUR")
ROUNDS = RoundCurves((1, 2), (0.8, 0.81), (0.79, 0.8), (0.5, 0.4), (0.5, 0.45), (0.7, 0.71), (0.9, 0.91), 2)
DIAGONAL = {
    "name": "Chance",
    "data": [[0, 0], [100, 100]],
    "color": "ink-3",
    "dash": True,
    "thin": True,
    "silent": True,
}


@pytest.fixture
def euros(page_formats: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats of an installation that counts in euros."""
    monkeypatch.setattr("entrypoints.web.formats.policy", lambda: SimpleNamespace(currency="EUR"))


@pytest.mark.usefixtures("page_formats")
def test_bars_are_as_long_as_their_share_of_the_strongest() -> None:
    drivers = (DriverShare("Contract", 0.8, 0.4, 0.1), DriverShare("tenure", 0.2, 0.1, -0.1))

    bars = driver_bars(drivers, value="Share of influence")

    assert bars.items == (("Contract", "40.0%", 1.0), ("Tenure", "10.0%", 0.25))
    assert bars.spec == Bars(
        items=[BarItem("Contract", 40.0, "40.0%"), BarItem("Tenure", 10.0, "10.0%")],
        name="Attribute",
        value="Share of influence",
    )


def test_without_drivers_there_are_no_bars() -> None:
    assert driver_bars((), value="Share").items == ()


@pytest.mark.usefixtures("page_formats")
def test_the_drivers_of_a_model_are_sorted_by_importance() -> None:
    model = a_model_version()
    drivers = model_drivers(model)
    strongest = max(model.schema.columns, key=lambda column: column.importance)

    assert drivers.chart.finding.startswith(f"{strongest.label} decides ")
    assert drivers.items[0][0] == strongest.label
    assert drivers.items[0][2] == 1.0
    assert isinstance(drivers.chart.spec, Bars)
    assert drivers.chart.spec.max == strongest.importance


@pytest.mark.usefixtures("page_formats")
def test_a_waterfall_is_read_from_the_base_rate_to_the_risk() -> None:
    fall = Waterfall(0.25, (Step("First month", points=0.1, before=0.25, after=0.35),), 0.35)

    assert waterfall_table(fall).rows == [
        ["Where every customer starts", "25.0%"],
        ["First month", "+10.0"],
        ["This customer", "35.0%"],
    ]
    assert as_json(waterfall_table(fall))["spans"] == [[0, 25.0, "ink-3"], [25.0, 35.0, "c-leave"], [0, 35.0, "c-1"]]


@pytest.mark.usefixtures("page_formats")
def test_drift_above_the_limit_is_amber_and_a_full_bar_is_at_least_0_25() -> None:
    small = drift_bars(
        [
            ("tenure", 0.05, "stable"),
            ("Contract", 0.11, "moved"),
            ("Town", 0.12, "unclear"),
            ("unknown", None, "unknown"),
        ]
    )
    large = drift_bars([("tenure", 0.5, "act")])

    assert [(item.name, item.value, item.color) for item in small.items] == [
        ("Tenure", 0.05, "c-1"),
        ("Contract", 0.11, "c-leave"),
        ("Town", 0.12, "c-1"),
    ]
    assert (small.max, large.max) == (0.25, 0.5)


@pytest.mark.usefixtures("page_formats")
def test_a_heatmap_has_a_tone_for_each_drawn_cell() -> None:
    rates = {"x": 0.19, "y": 0.2, "z": 0.41}
    cells = {("a", column): group("", 30, rate) for column, rate in rates.items()}
    table = heat_table(
        Cross("Contract", "tenure", ("a", ""), ("x", "y", "z"), cells), 0.2, lambda _, label: label or "unknown"
    )

    assert table == Table(
        columns=["Contract", "x", "y", "z"],
        rows=[["a", "19.0%", "20.0%", "41.0%"], ["unknown", "–", "–", "–"]],
        tones=[["heat-1", "heat-2", "heat-4"], [None, None, None]],
    )


@pytest.mark.usefixtures("page_formats")
def test_a_pie_shows_labels_and_known_outcomes() -> None:
    chart = totals_pie(Totals(200, 50, 0.3, None, None, observed=0.2), ["/leave", "/stay"])

    assert chart.spec == Pie(
        labels=["Likely to leave", "Staying"],
        data=[50, 150],
        colors=["c-leave", "c-stay"],
        links=["/leave", "/stay"],
        inner=Ring(name="Really", labels=["Left", "Stayed"], data=[20.0, 80.0], unit="%", decimals=1),
    )
    assert chart.finding == "50 customers, 25.0%, are likely to leave; 150 are staying. Actually left: 20.0%"


def test_the_bin_with_the_threshold_has_both_labels() -> None:
    assert _split([10, 20, 30, 40], 50.0, 25.0, 55) == ([10, 20, 15, 0], [0, 0, 15, 40])


@pytest.mark.usefixtures("page_formats")
def test_accuracy_by_round_has_a_band_and_the_round_at_which_the_model_stops() -> None:
    chart = learning.accuracy(ROUNDS)

    assert as_json(chart.spec) == {
        "kind": "xy",
        "series": [
            {"name": "Learned from", "label": "Learned from", "color": "c-3", "data": [[1, 80.0], [2, 81.0]]},
            {
                "name": "Others",
                "label": "Others",
                "color": "c-1",
                "data": [[1, 79.0], [2, 80.0]],
                "lo": [70.0, 71.0],
                "hi": [90.0, 91.0],
            },
        ],
        "linear": True,
        "xMin": 0,
        "xMax": 2,
        "xStep": 1,
        "xName": "Step of learning",
        "yMin": 70,
        "yMax": 95,
        "yStep": 5,
        "unit": "%",
        "decimals": 1,
        "tipTitle": "Step {x}",
        "cross": True,
        "rules": [{"at": 2, "label": "Stops at step 2", "side": "left"}],
    }
    assert chart.finding == (
        "Accuracy reaches 81.0% on customers it learned from, 80.0% on others; the model stops at step 2"
    )
    assert learning.log_loss(ROUNDS).finding == "Validation log-loss is lowest, 0.450, at step 2"


@pytest.mark.usefixtures("page_formats")
def test_the_curves_of_a_models_quality() -> None:
    gain = quality.gain(Curve((0.0, 0.2, 1.0), (0.0, 0.6, 1.0)))

    assert as_json(gain.spec) == {
        "kind": "xy",
        "series": [
            {
                "name": "Leavers reached",
                "data": [[0.0, 0.0], [20.0, 60.0], [100.0, 100.0]],
                "color": "c-1",
                "fill": True,
            },
            DIAGONAL,
        ],
        "linear": True,
        "xMin": 0,
        "xMax": 100,
        "xStep": 25,
        "xUnit": "%",
        "xName": "Share of customers contacted",
        "yMin": 0,
        "yMax": 100,
        "yStep": 25,
        "unit": "%",
        "tipTitle": "Riskiest {x}%",
    }
    assert gain.finding == "The riskiest fifth of customers holds 60% of leavers"
    assert quality.roc(an_evaluation(roc=Curve((0.0, 0.2, 1.0), (0.0, 0.7, 1.0)))).finding == (
        "ROC curve with an AUC of 0.840: with a fifth of stayers alarmed, it finds 70% of leavers"
    )


@pytest.mark.usefixtures("page_formats")
def test_calibration_and_lift() -> None:
    bins = (CalibrationBin(50, 0.1, 0.12, 0.08, 0.16), CalibrationBin(50, 0.5, 0.7, 0.6, 0.8))
    calibration = quality.calibration(bins)
    lift = quality.lift(Curve((0.0, 0.1, 1.0), (0.0, 0.3, 1.0)))

    assert as_json(calibration.spec)["series"][1] == {
        "name": "Left",
        "data": [[10.0, 12.0], [50.0, 70.0]],
        "color": "c-1",
        "lo": [8.0, 60.0],
        "hi": [16.0, 80.0],
        "dots": True,
    }
    assert calibration.finding.endswith("in 1 of 2 groups of customers")
    assert as_json(lift.spec)["series"][0] == {
        "type": "bar",
        "name": "Lift",
        "data": [3.0, *[0.778] * 9],
        "colors": ["c-leave", *["c-stay"] * 9],
    }
    assert lift.finding == "Churn is 3.0 times the average in the riskiest tenth and 0.78 times in the safest"


@pytest.mark.usefixtures("euros")
def test_profit_has_the_threshold_in_use() -> None:
    evaluation = an_evaluation(profit=Curve((0.0, 0.5, 1.0), (0.0, 4200.0, -900.0)), thresholds=())
    chart = profit(a_model_version(evaluation=evaluation, threshold=0.25))
    spec = as_json(chart.spec)

    assert spec["rules"] == [{"at": 25.0, "label": "In use 25.0%, €2,100"}]
    assert {key: spec[key] for key in ("yMin", "yMax", "yStep", "yUnit", "unit")} == {
        "yMin": -2000,
        "yMax": 6000,
        "yStep": 2000,
        "yUnit": "€k",
        "unit": "€",
    }
    assert chart.finding == (
        "Expected profit is highest, €4,200, at a threshold of 50.0%; in use are 25.0% with €2,100"
    )


def a_point(month: str, expected: float, observed: float | None = None, revenue: float | None = None) -> TrendPoint:
    return TrendPoint(
        month, RunId(month), 100, expected, expected - 0.01, expected + 0.01, observed, 10, revenue_at_risk=revenue
    )


@pytest.mark.usefixtures("euros")
def test_trends_of_churn_and_money() -> None:
    points = (a_point("2026-09", 0.25, 0.24, 1500.4), a_point("2026-10", 0.27, None, 2800.0))
    churn, money = trends.churn_trend(Trend(points), EUR), trends.money_trend(Trend(points))

    assert churn is not None
    assert money is not None
    assert as_json(churn.spec) == {
        "kind": "xy",
        "series": [
            {
                "name": "Expected",
                "data": [25.0, 27.0],
                "color": "c-1",
                "lo": [24.0, 26.0],
                "hi": [26.0, 28.0],
                "label": "Expected 27.0%",
                "labelShort": "27.0%",
                "dots": True,
            },
            {"name": "Observed", "data": [24.0, None], "color": "ink-2", "dots": True, "dotsOnly": True},
        ],
        "labels": ["Sep 2026", "Oct 2026"],
        "name": "Month",
        "months": True,
        "yMin": 24,
        "yMax": 28,
        "yStep": 1.0,
        "unit": "%",
        "decimals": 1,
        "cross": True,
    }
    assert churn.finding == "Expected churn rose from 25.0% in Sep 2026 and is 27.0% in Oct 2026"
    assert as_json(money.spec)["series"] == [
        {"type": "bar", "name": "At risk a month", "data": [1500, 2800], "color": "c-leave"}
    ]
    assert as_json(money.spec)["yUnit"] == "€k"
    assert trends.churn_trend(Trend(points[:1]), EUR) is None


@pytest.mark.usefixtures("page_formats")
def test_a_trend_leaves_a_gap_for_a_month_without_a_prediction() -> None:
    points = (a_point("2026-08", 0.25), a_point("2026-10", 0.27, 0.305))
    trend = trends.dashboard_trend(Trend(points), EUR)

    assert trend is not None
    assert trend.spec.labels == ["Aug 2026", "Sep 2026", "Oct 2026"]
    assert [list(line.data) for line in trend.spec.series] == [[25.0, None, 27.0], [None, None, 30.5]]
    assert trend.known == "Oct 2026"
    assert trend.spec.y == Axis(min=24, max=32, step=2.0)


@pytest.mark.usefixtures("page_formats")
def test_notes_of_a_trend_name_at_most_three_files_without_a_month() -> None:
    left_out = tuple(LeftOutRun(RunId(str(n)), f"{n}.csv", LeftOut.NO_MONTH) for n in range(4))
    notes = trends.notes_of(Trend((a_point("2026-10", 0.27),), left_out), EUR)

    assert [own.file_name for own in notes.without_month] == ["0.csv", "1.csv", "2.csv"]
    assert notes.left_out == "4 predictions are left out: no month (4)."
    assert notes.only is not None
    assert notes.only.month == "2026-10"


def a_selection(shown: str) -> InsightsContext:
    model = a_model_version()
    return InsightsContext(a_finished_run(), model, a_policy(), (), shown, None, None, 0.5, shown, shown, "impact")


@pytest.mark.usefixtures("page_formats")
def test_charts_by_an_attribute_leave_out_risks_of_few_customers() -> None:
    selection = a_selection("Contract")
    groups = [group("Two year", 29, 0.1), group("Month-to-month", 400, 0.4)]
    risk = attribute.risk_by(groups, selection, lambda own, likely: f"/{own.label}?{likely}")
    (bars,) = as_json(risk.chart.spec)["series"]

    assert (risk.is_told, risk.is_line) == (True, False)
    assert (bars["type"], bars["data"]) == ("bar", [None, 40.0])
    assert (bars["lo"][0], bars["hi"][0]) == (None, None)
    assert as_json(risk.chart.spec)["links"] == ["/Two year?None", "/Month-to-month?None"]
    assert risk.chart.finding == (
        "Average risk is highest, 40.0%, at Month-to-month and lowest, 40.0%, at Month-to-month"
    )
    assert not attribute.risk_by(groups[:1], selection, lambda *_: None).is_told


@pytest.mark.usefixtures("page_formats")
def test_a_histogram_stacks_leavers_and_stayers() -> None:
    groups = [Group("One", 100, 0.3, 20, None, None, None, None), Group("Two", 300, 0.5, 200, None, None, None, None)]
    chart = attribute.histogram(groups, a_selection("Contract"), lambda own, likely: f"/{own.label}?{likely}")
    leaving, staying = as_json(chart.spec)["series"]

    assert (leaving["data"], staying["data"]) == ([20, 200], [80, 100])
    assert leaving["links"] == ["/One?True", "/Two?True"]
    assert chart.finding == "Customers by contract: most of the likely leavers, 200 of 220, at Two"


@pytest.mark.usefixtures("page_formats")
def test_contributions_are_coloured_by_their_sign() -> None:
    shown = [
        Contribution("One year", 30, -0.5, 0.1),
        Contribution("Monthly", 500, 0.7, 0.1),
        Contribution("few", 29, 9, 1),
    ]
    chart = attribute.contribution_by(shown, a_selection("Contract"), lambda *_: None)
    spec = as_json(chart.spec)

    assert spec["labels"] == ["One year", "Monthly"]
    assert spec["titles"] == ["One year: 30 customers", "Monthly: 500 customers"]
    assert spec["series"][0]["colors"] == ["c-stay", "c-leave"]
    assert spec["keys"] == [["Raises the risk", "c-leave"], ["Lowers it", "c-stay"], ["95% interval", "ink"]]
    assert chart.finding == "The odds of leaving are multiplied by 2.01 at Monthly and by 0.61 at One year"


@pytest.mark.usefixtures("page_formats")
def test_the_table_of_segments_has_a_column_for_revenue_where_it_is_known() -> None:
    (segment,) = segments_of("Contract", [group("Monthly", 400, 0.4)], 0.2)
    table = segments_table([(segment, "Monthly contract")], has_revenue=False)

    assert table.columns == ["Segment", "Customers", "Churn", "95% interval", "Lift", "More leavers"]
    assert table.rows[0][:3] == ["Monthly contract", "400", "40.0%"]
    assert table.rows[0][4:] == ["2.0×", "80"]
