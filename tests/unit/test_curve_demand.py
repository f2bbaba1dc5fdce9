"""Demands on the direction of curves: which are possible, and the words for what they cost."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from adapters.persistence.json_documents import from_json, to_json
from domain.curve_demand import (
    CurveDemand,
    Direction,
    KeptDemands,
    demands_in,
    demands_must_concern_numbers,
    demands_on,
    kept_sentences,
)
from domain.errors import InvalidInput
from domain.evaluation import Evaluation
from domain.model import Algorithm
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.builders import an_evaluation

LOWERS, RAISES = Direction.NEVER_LOWERS, Direction.NEVER_RAISES
HEADER = ("customerID", "MonthlyCharges", "Service calls", "Contract", "Joined", "Senior", "Churn")


def test_columns_are_named_by_direction_once_each() -> None:
    named = demands_on({RAISES: ["tenure"], LOWERS: [" price ", "", "price", "calls"]})
    assert named == (CurveDemand("price", LOWERS), CurveDemand("calls", LOWERS), CurveDemand("tenure", RAISES))
    assert [own.words for own in named[1:]] == ["calls never lowers the risk", "tenure never raises the risk"]


def test_names_match_the_header_but_for_case_and_punctuation() -> None:
    demands = (CurveDemand("monthly_charges", LOWERS), CurveDemand("MonthlyCharges", LOWERS))
    assert demands_in(HEADER, demands) == (CurveDemand("MonthlyCharges", LOWERS),)
    assert demands_in(("price", "Price"), (CurveDemand("Price", RAISES),)) == (CurveDemand("Price", RAISES),)


@pytest.mark.parametrize(
    ("header", "demands", "message", "field"),
    [
        (
            HEADER,
            [CurveDemand("Monthly charge", LOWERS)],
            (
                "The file has no column called “Monthly charge”, of which it is demanded that it never lowers the "
                "risk. Did you mean “MonthlyCharges”?"
            ),
            "never_lowers",
        ),
        (
            ("id", "bill", "Churn"),
            [CurveDemand("tariff zone", RAISES)],
            (
                "The file has no column called “tariff zone”, of which it is demanded that it never raises the risk. "
                "Its columns begin with id, bill, Churn."
            ),
            "never_raises",
        ),
        (
            ("price", "Price"),
            [CurveDemand("PRICE", LOWERS)],
            "“PRICE” may be “price” or “Price”. Write the name exactly as in the file.",
            "never_lowers",
        ),
        (
            HEADER,
            [CurveDemand("Service calls", LOWERS), CurveDemand("service_calls", RAISES)],
            (
                "“Service calls” is demanded in both directions, so it could have no effect at all. Demand one "
                "direction only."
            ),
            "never_raises",
        ),
    ],
)
def test_a_demand_that_the_header_does_not_allow_is_refused(
    header: tuple[str, ...], demands: list[CurveDemand], message: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        demands_in(header, demands)
    assert (str(refused.value), refused.value.field) == (message, field)


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("Churn", "it is the column that says who left"),
        ("customerID", "the model does not use it, because it names the customer"),
        ("Contract", "it holds words, and only a column of numbers has a direction"),
        ("Joined", "it holds dates, and only a column of numbers has a direction"),
        ("Senior", "it has only two values, and only a column of numbers has a direction"),
    ],
)
def test_only_numeric_attributes_have_a_direction(column: str, why: str) -> None:
    kinds = {
        "MonthlyCharges": ColumnKind.NUMERIC,
        "Contract": ColumnKind.CATEGORICAL,
        "Joined": ColumnKind.DATE,
        "Senior": ColumnKind.BOOLEAN,
    }
    demands = [CurveDemand("MonthlyCharges", RAISES), CurveDemand(column, LOWERS)]
    with pytest.raises(InvalidInput) as refused:
        demands_must_concern_numbers(
            demands, target="Churn", kinds=kinds, left_out={"customerID": "names the customer"}
        )
    assert str(refused.value) == (
        f"It cannot be demanded that “{column}” never lowers the risk: {why}. Name another column, or withdraw the "
        "demand."
    )
    assert refused.value.field == "never_lowers"
    demands_must_concern_numbers(demands[:1], target="Churn", kinds=kinds, left_out={})


def test_a_neural_model_makes_no_such_promise() -> None:
    request = TrainingRequest(algorithm=Algorithm.NEURAL, demands=(CurveDemand("MonthlyCharges", LOWERS),))
    with pytest.raises(InvalidInput) as refused:
        request.demands_on(HEADER)
    assert str(refused.value) == (
        "A neural additive model cannot promise that MonthlyCharges never lowers the risk. Choose boosted trees or "
        "logistic regression, or withdraw the demand."
    )
    assert refused.value.field == "algorithm"
    assert TrainingRequest(algorithm=Algorithm.NEURAL).demands_on(HEADER) == ()


PRICE, CALLS, TENURE = (
    CurveDemand("MonthlyCharges", LOWERS),
    CurveDemand("calls", LOWERS),
    CurveDemand("tenure", RAISES),
)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (
            KeptDemands((PRICE,), 0.0012, 0.0004),
            "Demanding that MonthlyCharges never lowers the risk costs 0.0012 ± 0.0004 log-loss.",
        ),
        (
            KeptDemands((PRICE, TENURE), 0.0003, 0.0004),
            (
                "Demanding that MonthlyCharges never lowers the risk and that tenure never raises the risk costs "
                "0.0003 ± 0.0004 log-loss. That is within chance: it may cost nothing."
            ),
        ),
        (
            KeptDemands((PRICE, CALLS, TENURE), -0.0031, 0.001),
            (
                "Demanding that MonthlyCharges never lowers the risk, that calls never lowers the risk and that tenure "
                "never raises the risk reduces log-loss by 0.0031 ± 0.0010."
            ),
        ),
        (
            KeptDemands((TENURE,), -0.0003, 0.0004),
            (
                "Demanding that tenure never raises the risk reduces log-loss by 0.0003 ± 0.0004. That is within "
                "chance: it may gain nothing."
            ),
        ),
        (
            KeptDemands((TENURE,), -0.00004, 0.0),
            "Demanding that tenure never raises the risk costs less than 0.0001 ± less than 0.0001 log-loss.",
        ),
        (
            KeptDemands((TENURE,), 0.0, 0.0),
            "Demanding that tenure never raises the risk costs nothing: no held-out customer is predicted differently.",
        ),
    ],
)
def test_the_cost_is_said_with_its_error_and_whether_it_is_within_chance(kept: KeptDemands, words: str) -> None:
    assert " ".join(kept_sentences(kept, formats_without_currency())) == words


def test_a_model_without_demands_says_nothing_of_them() -> None:
    assert kept_sentences(None, formats_without_currency()) == ()


def test_chance_is_what_the_95_percent_interval_contains() -> None:
    assert KeptDemands((PRICE,), 0.0019, 0.001).is_within_chance
    assert KeptDemands((PRICE,), -0.0019, 0.001).is_within_chance
    assert not KeptDemands((PRICE,), 0.002, 0.001).is_within_chance


def test_evaluations_of_earlier_releases_have_no_demands() -> None:
    document = to_json(an_evaluation(kept=None))
    assert '"kept":null' in document
    assert from_json(Evaluation, document.replace('"kept":null,', "")).kept is None
