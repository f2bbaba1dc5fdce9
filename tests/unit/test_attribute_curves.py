"""The curves of additive models: their points, and the JSON of their chart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.ml.scoring.attribute_curves import POINTS, curves_of
from adapters.ml.scoring.encoding import Vocabulary
from adapters.ml.scoring.scoring_model import ScoringModel
from domain.attribute_curve import AttributeCurve
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit
from entrypoints.web.charts.attribute_curves import curve_chart, curve_named
from entrypoints.web.charts.specification import as_json
from tests.builders.additive import an_additive_model

SCHEMA = CustomerSchema(
    columns=(
        Column("Months", ColumnKind.NUMERIC, minimum=0.0, maximum=40.0, missing_rate=0.1),
        Column("Plan", ColumnKind.CATEGORICAL, ("S", "M")),
    ),
    tenure_column="Months",
    tenure_unit=TenureUnit.MONTHS,
)
MODEL = ScoringModel(Vocabulary.of(SCHEMA), additive=an_additive_model())


def test_a_curve_is_the_attributes_own_function() -> None:
    months, plan = curves_of(MODEL, SCHEMA)

    assert (months.attribute, len(months.numbers), months.levels) == ("Months", POINTS, ())
    assert (months.numbers[0], months.numbers[-1], dict(months.numbers)[8.0]) == ((0.0, 0.5), (40.0, 0.25), 0.375)
    assert (months.missing, months.partners) == (-0.125, ("Plan",))
    assert plan == AttributeCurve("Plan", levels=(("S", 0.75), ("M", -0.25)), partners=("Months",))


def test_a_curve_and_half_of_the_pairs_are_the_contribution() -> None:
    months = dict(curves_of(MODEL, SCHEMA)[0].numbers)
    contribution = MODEL.explain(np.array([[8, 0]], np.float32))[0][0, 0]
    assert months[8.0] + 0.5 * 0.5 == contribution


def test_a_constant_number_has_one_point() -> None:
    constant = replace(SCHEMA, columns=(replace(SCHEMA.columns[0], maximum=0.0), SCHEMA.columns[1]))
    assert curves_of(MODEL, constant)[0].numbers == ((0.0, 0.5),)


@pytest.mark.usefixtures("page_formats")
def test_a_number_is_a_line() -> None:
    curve = AttributeCurve("Months", numbers=((0.0, 0.5), (10.0, 0.1), (40.0, -0.25)), missing=0.1)
    chart = curve_chart(curve, SCHEMA)
    spec = as_json(chart.spec)

    assert (spec["kind"], spec["linear"], spec["xName"], spec["xMin"], spec["xMax"]) == (
        "xy", True, "Months with us", 0, 40,
    )  # fmt: skip
    assert [series["data"] for series in spec["series"]] == [[[0.0, 0.5], [10.0, 0.1], [40.0, -0.25]]]
    assert (spec["yMin"], spec["yMax"]) == (-0.4, 0.6)
    assert chart.finding == "The odds of leaving are multiplied by 1.65 at 0 and by 0.78 at 40"


@pytest.mark.usefixtures("page_formats")
def test_levels_are_bars_coloured_by_their_sign() -> None:
    chart = curve_chart(AttributeCurve("Plan", levels=(("S", 0.75), ("M", -0.25)), missing=0.0625), SCHEMA)
    spec = as_json(chart.spec)

    assert spec["labels"] == ["S", "M", "unknown"]
    assert (spec["series"][0]["data"], spec["series"][0]["colors"]) == (
        [0.75, -0.25, 0.0625],
        ["c-leave", "c-stay", "c-leave"],
    )
    assert chart.finding == "The odds of leaving are multiplied by 2.12 at S and by 0.78 at M"


@pytest.mark.usefixtures("page_formats")
def test_of_many_levels_those_that_add_most_are_drawn_in_their_order() -> None:
    levels = tuple((f"town {place}", 0.01 * place - 0.1) for place in range(40))
    labels = as_json(curve_chart(AttributeCurve("Town", levels=levels), SCHEMA).spec)["labels"]

    assert len(labels) == 24
    assert labels[-1] == "town 39"
    assert "town 10" not in labels, "it adds nothing"


@pytest.mark.usefixtures("page_formats")
def test_small_numbers_keep_their_decimals_in_the_finding() -> None:
    curve = AttributeCurve("Rate", numbers=((0.25, -1.0), (0.75, 1.0)))
    assert (
        curve_chart(curve, SCHEMA).finding == "The odds of leaving are multiplied by 2.72 at 0.75 and by 0.37 at 0.25"
    )
    single = AttributeCurve("Rate", numbers=((0.25, 0.0),))
    assert curve_chart(single, SCHEMA).finding == "No values of rate to compare"


def test_a_curve_is_chosen_by_name_and_the_first_otherwise() -> None:
    first, second = AttributeCurve("a"), AttributeCurve("b")
    assert curve_named((first, second), "b") is second
    assert curve_named((first, second), "c") is first
    assert curve_named((), "a") is None
