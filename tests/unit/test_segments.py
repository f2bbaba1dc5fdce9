"""From how many customers, and from what difference, a segment is listed, drawn or named: the same everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.formatting.babel_formats import formats_without_currency
from adapters.ml.training.evaluation import _segment
from adapters.reporting.printed import _ends
from application.ports.results import Contribution
from application.use_cases.insights.open_insights import Cross
from application.use_cases.insights.segments import ranked, segments_of, totals_of
from application.use_cases.reports.render_export import _segments as printed_segments
from domain.evaluation import SegmentQuality
from domain.model_limits import limits_of
from domain.segments import is_clearly_higher, is_drawn, is_listed, leavers_above_average, lift_of, stands_out
from entrypoints.web.charts.heatmap import heat_table
from tests.builders import a_model_version, an_evaluation
from tests.contract.reports_content import report_content
from tests.unit.use_cases.test_insights import group

GROUPS = (group("49 of them", 49, 0.9), group("50 of them", 50, 0.8), group("Many", 900, 0.1))


def test_a_segment_is_listed_from_fifty_customers_and_drawn_from_thirty() -> None:
    assert [is_listed(customers) for customers in (0, 49, 50, 51)] == [False, False, True, True]
    assert [is_drawn(customers) for customers in (0, 29, 30, 31)] == [False, False, True, True]


def test_a_segment_stands_out_from_a_lift_of_1_15_and_a_second_value_from_two_points() -> None:
    assert [stands_out(lift) for lift in (1.0, 1.1499, 1.15, 1.5)] == [False, False, True, True]
    assert [is_clearly_higher(rate, 0.5) for rate in (0.5, 0.5199, 0.52, 0.6)] == [False, False, True, True]


def test_leavers_above_the_average_and_lift() -> None:
    assert leavers_above_average(200, 0.4, 0.25) == pytest.approx(30.0)
    assert leavers_above_average(200, 0.1, 0.25) == pytest.approx(-30.0)
    assert lift_of(0.6, 0.25) == pytest.approx(2.4)
    assert lift_of(0.6, 0.0) == 0.0


def test_web_report_and_model_list_the_same_segments() -> None:
    base = totals_of(GROUPS).mean_probability
    web = [segment.group.label for segment in ranked(segments_of("Contract", GROUPS, base))]
    report = [own.label for _, own in printed_segments([("Contract", GROUPS)])]
    qualities = tuple(SegmentQuality("Contract", own.label, own.customers, 5, 0.3, None) for own in GROUPS)
    model = [own.level for own in an_evaluation(segments=qualities).listed_segments]

    assert web == report == ["50 of them"]
    assert model == ["50 of them", "Many"]


def test_a_report_lists_the_segments_of_the_insights_in_their_order() -> None:
    others = (group("Slightly", 500, 0.2), group("Strongly", 60, 0.9), group("Less", 439, 0.05))
    base = totals_of(GROUPS).mean_probability
    pairs = [("Contract", GROUPS), ("tenure", others)]
    web = ranked([segment for name, groups in pairs for segment in segments_of(name, groups, base)])

    assert printed_segments(pairs) == tuple((segment.attribute, segment.group) for segment in web)
    assert [own.label for _, own in printed_segments(pairs)] == ["Strongly", "50 of them", "Slightly"]
    assert printed_segments([]) == ()


def test_a_model_keeps_no_auc_of_a_segment_that_is_not_listed() -> None:
    probability, churned = np.linspace(0.1, 0.9, 50), np.arange(50) >= 25

    assert _segment("Contract", "Two year", probability, churned).auc == pytest.approx(1.0)
    assert _segment("Contract", "Two year", probability[:49], churned[:49]).auc is None


def test_a_models_limits_name_the_smallest_segment_that_is_not_listed() -> None:
    def limits(*sizes: int) -> str:
        segments = tuple(SegmentQuality("Contract", f"{size} months", size, 0, 0.2, None) for size in sizes)
        return " ".join(
            limits_of(a_model_version(evaluation=an_evaluation(segments=segments)), formats_without_currency())
        )

    assert "Only 49 customers had contract 49 months: too few to say" in limits(49, 50)
    assert "Only 1 customer had contract 1 months" in limits(49, 1)
    assert "too few to say" not in limits(50, 99)


@pytest.mark.parametrize(("customers", "named"), [(99, False), (100, True)])
def test_a_weak_segment_is_named_from_a_hundred_customers(customers: int, named: bool) -> None:
    weak = SegmentQuality("Contract", "Two year", customers, 20, 0.2, 0.70)
    limits = " ".join(
        limits_of(a_model_version(evaluation=an_evaluation(segments=(weak,))), formats_without_currency())
    )

    assert ("it tells leavers apart less well" in limits) is named


@pytest.mark.usefixtures("page_formats")
def test_a_heatmap_says_no_rate_under_thirty_customers() -> None:
    cells = {("a", "x"): group("", 29, 0.4), ("a", "y"): group("", 30, 0.4)}
    picture = heat_table(Cross("Contract", "tenure", ("a",), ("x", "y"), cells), 0.4, lambda _, value: value)

    assert picture.rows == [["a", "–", "40.0%"]]


def test_a_report_names_the_strongest_values_of_an_attribute_from_thirty_customers() -> None:
    contributions = (
        Contribution("few", 29, 1.0, 0.1),
        Contribution("some", 30, 0.0, 0.1),
        Contribution("many", 500, -0.5, 0.1),
    )
    content = replace(report_content(), contributions={"Contract": contributions})

    assert _ends("Contract", content) == "×1.00 among “Some contract”, ×0.61 among “Many contract”"
