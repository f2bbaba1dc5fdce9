"""Which action a customer gets, and what it is expected to earn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer import Value
from domain.prediction import Reason
from domain.recommendation import (
    Action,
    Condition,
    Economics,
    Playbook,
    Recommendation,
    Test,
    expected_gain,
    recommend,
    worded,
)

MONTHLY = Condition(("Contract",), Test.IS, ("Month-to-month",))
CONTRACT = Action("contract", "One-year contract", "Stay.", (MONTHLY,), (MONTHLY,), offer_fixed=20, contact_cost=4)
CALL = Action("call", "Call", "Hello.", (Condition(("*",)),), contact_cost=6, save_rate=0.1)
PLAYBOOK = Playbook(1, (CONTRACT, CALL))
CUSTOMER: dict[str, Value] = {"Contract": "Month-to-month", "tenure": 3.0}


def best_for(
    probability: float, *, attributes: dict[str, Value] = CUSTOMER, reason: str = "Contract"
) -> Recommendation:
    return recommend(
        PLAYBOOK,
        probability=probability,
        raising=[Reason(reason, attributes.get(reason), 0.8)],
        attributes=attributes,
        monthly_revenue=None,
        economics=Economics(),
    )


def test_the_gain_is_that_of_the_published_formula() -> None:
    gain = expected_gain(0.8, value=200, save_rate=0.3, offer_cost=10, contact_cost=1)
    assert gain == pytest.approx(0.8 * (0.3 * 190 - 1) - 0.2 * 11)


def test_the_arithmetic_of_the_picture_comes_out() -> None:
    gain = expected_gain(0.828, value=632.1, save_rate=0.3, offer_cost=126.42, contact_cost=4)
    assert gain == pytest.approx(99.9, abs=0.3)


def test_the_best_action_is_the_one_that_earns_most() -> None:
    assert best_for(0.8).action_id == "contract"
    assert best_for(0.8, reason="tenure").action_id == "call"


def test_who_will_stay_anyway_is_left_alone() -> None:
    assert best_for(0.02).leave_alone


def test_an_action_whose_requirement_fails_is_not_offered() -> None:
    assert best_for(0.8, attributes={"Contract": "Two year"}).action_id == "call"


def test_a_missing_value_answers_nothing() -> None:
    assert best_for(0.9, attributes={"Contract": None}).leave_alone


def test_an_unknown_bill_takes_the_set_value_of_a_customer() -> None:
    assert best_for(0.8).value == 200.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1000))
def test_a_higher_save_rate_never_earns_less(low: float, high: float, value: float) -> None:
    low, high = sorted((low, high))
    gains = [expected_gain(0.5, value=value, save_rate=rate, offer_cost=1, contact_cost=1) for rate in (low, high)]
    assert gains[0] <= gains[1] + 1e-9


@pytest.mark.parametrize(
    ("test", "value", "holds"),
    [
        (Test.ANY, "x", True),
        (Test.ANY, None, False),
        (Test.IS, "MONTH to month", True),
        (Test.IS, "One year", False),
        (Test.IS_NOT, "One year", True),
        (Test.IS_NOT, None, False),
        (Test.AT_LEAST, 6.0, True),
        (Test.AT_LEAST, 5.9, False),
        (Test.AT_MOST, 6.0, True),
        (Test.AT_MOST, "6", False),
        (Test.ANY, float("nan"), False),
    ],
)
def test_a_condition_looks_at_a_value(test: Test, value: Value, holds: bool) -> None:
    assert Condition(("Contract",), test, ("Month-to-month",), 6.0).holds(value) is holds


def test_a_yes_no_value_reads_as_its_word() -> None:
    assert Condition(("Senior",), Test.IS, ("Yes",)).holds(True)


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert Condition(("CustServ Calls",)).speaks_of("custserv_calls")
    assert not Condition(("Contract",)).speaks_of("Contract type")


def test_a_message_fills_in_the_bill_or_drops_the_sentence_that_needs_it() -> None:
    message = "Stay a year.|Your bill drops from {bill} to {reduced_bill}."
    assert (
        worded(message, monthly_revenue=100.0, offer_share=0.1) == "Stay a year. Your bill drops from 100.00 to 90.00."
    )
    assert worded(message, monthly_revenue=None, offer_share=0.1) == "Stay a year."


@pytest.mark.parametrize("wrong", [{"save_rate": 1.2}, {"contact_cost": -1}, {"answers": ()}])
def test_an_impossible_action_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Action(**{"id": "a", "name": "A", "message": "m", "answers": (MONTHLY,), **wrong})


def seeded() -> list[dict]:
    path = Path(__file__).parents[2] / "migrations" / "seed" / "playbook_1.json"
    return json.loads(path.read_text(encoding="utf-8"))["actions"]


def test_the_first_playbook_has_a_dozen_actions_or_more_with_assumed_rates() -> None:
    actions = seeded()
    assert len(actions) >= 12
    assert len({action["id"] for action in actions}) == len(actions)
    assert not any(action["save_rate_measured"] for action in actions)


@pytest.mark.parametrize("action", seeded(), ids=lambda action: action["id"])
def test_every_seeded_message_reads_with_and_without_a_bill(action: dict) -> None:
    for revenue in (80.0, None):
        text = worded(action["message"], monthly_revenue=revenue, offer_share=action["offer_share"])
        assert len(text) > 20
        assert not set("{}|") & set(text)
    assert set(action) == set(Action.__dataclass_fields__)


def test_every_seeded_condition_can_hold() -> None:
    for action in seeded():
        for condition in (*action["answers"], *action["requires"]):
            test = Test(condition["test"])
            assert bool(condition["levels"]) == (test in (Test.IS, Test.IS_NOT))
            assert (condition["limit"] is not None) == (test in (Test.AT_LEAST, Test.AT_MOST))
