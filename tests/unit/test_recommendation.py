"""Which action a customer gets, and what it is expected to earn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from adapters.formatting import babel_formats
from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.formats import Formats
from domain.playbook import Action, Comparison, Condition, Playbook
from domain.prediction import Reason
from domain.recommendation import (
    LEAVE_ALONE_GAIN,
    Addressee,
    Economics,
    Recommendation,
    expected_gain,
    gain_parts,
    is_preferred,
    is_worth_contacting,
    leave_alone,
    message_to,
    ranked_actions,
)
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit

USD = formats_of("USD")
MONTHLY = Condition(("Contract",), Comparison.IS, ("Month-to-month",))
CONTRACT = Action("contract", "One-year contract", "Stay.", (MONTHLY,), (MONTHLY,), offer_fixed=20, contact_cost=4)
CALL = Action("call", "Call", "Hello.", (Condition(("*",)),), contact_cost=6, save_rate=0.1)
PLAYBOOK = Playbook(1, (CONTRACT, CALL))
SCHEMA = CustomerSchema(())
CUSTOMER: dict[str, Value] = {"Contract": "Month-to-month", "tenure": 3.0}


def best_for(
    probability: float, *, attributes: dict[str, Value] = CUSTOMER, reason: str = "Contract"
) -> Recommendation:
    ranked = ranked_actions(
        PLAYBOOK,
        probability=probability,
        raising=[Reason(reason, attributes.get(reason), 0.8)],
        attributes=attributes,
        schema=SCHEMA,
        monthly_revenue=None,
        economics=Economics(),
        formats=USD,
    )
    return ranked[0] if ranked and ranked[0].worth_contacting else leave_alone()


@pytest.mark.parametrize(
    ("gain", "worth_contacting"),
    [(0.01, True), (5e-324, True), (0.0, False), (-0.0, False), (-0.01, False), (float("nan"), False)],
)
def test_a_customer_is_worth_contacting_for_a_positive_gain_alone(gain: float, worth_contacting: bool) -> None:
    assert is_worth_contacting(gain) is worth_contacting
    assert replace(leave_alone(), expected_gain=gain).worth_contacting is worth_contacting


def test_the_rule_for_one_customer_is_the_rule_for_a_column() -> None:
    assert is_worth_contacting(np.array([0.01, 0.0, -1.0, np.nan])).tolist() == [True, False, False, False]


def test_the_gain_follows_the_published_formula() -> None:
    gain = expected_gain(0.8, value=200, save_rate=0.3, offer_cost=10, contact_cost=1)
    assert gain == pytest.approx(0.8 * (0.3 * 190 - 1) - 0.2 * 11)


def test_a_gain_is_the_value_of_saved_leavers_minus_the_cost_of_stayers() -> None:
    customer = Recommendation("x", "X", "Stay.", 632.1, 126.42, 4.0, 0.3, 0.0)
    parts = gain_parts(0.828, customer)

    assert parts.of_leavers == pytest.approx(0.828 * (0.3 * (632.1 - 126.42) - 4.0)) == pytest.approx(122.298912)
    assert parts.of_stayers == pytest.approx(-0.172 * (126.42 + 4.0)) == pytest.approx(-22.43224)
    assert gain_parts(0.828, replace(customer, save_rate=0.6)).of_leavers == pytest.approx(247.909824)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1000), st.floats(0, 300), st.floats(0, 10))
def test_the_parts_of_a_gain_add_up_to_it(p: float, saved: float, value: float, offer: float, contact: float) -> None:
    gain = expected_gain(p, value=value, save_rate=saved, offer_cost=offer, contact_cost=contact)
    parts = gain_parts(p, Recommendation("x", "X", "Stay.", value, offer, contact, saved, gain))

    assert parts.of_leavers + parts.of_stayers == pytest.approx(gain, abs=1e-9)
    assert parts.of_stayers <= 0.0


def test_a_customers_value_is_revenue_times_margin_times_months() -> None:
    assert Economics(margin=0.5, value_months=12.0).value_of(100.0) == 600.0
    assert Economics(margin=0.25, value_months=24.0).value_of(80.0) == 480.0


@pytest.mark.parametrize(("level", "holds_for"), [("Yes", True), ("no", False)])
def test_a_yes_or_no_column_is_compared_as_yes_and_no(level: str, holds_for: bool) -> None:
    condition = Condition(("PaperlessBilling",), Comparison.IS, (level,))

    assert condition.holds(holds_for)
    assert not condition.holds(not holds_for)


def test_a_condition_applies_to_its_own_column_only() -> None:
    assert CONTRACT.may_be_offered({"Contract": "Month-to-month", "Earlier contract": "Two year"}, SCHEMA)
    assert not CONTRACT.may_be_offered({"Contract": "Two year", "Earlier contract": "Month-to-month"}, SCHEMA)


def test_an_action_is_valued_by_the_customer_s_revenue_where_it_is_known() -> None:
    def offer(monthly_revenue: float | None) -> Recommendation:
        (only,) = ranked_actions(
            Playbook(1, (CONTRACT,)),
            probability=0.5,
            raising=[Reason("Contract", "Month-to-month", 0.8)],
            attributes=CUSTOMER,
            schema=SCHEMA,
            monthly_revenue=monthly_revenue,
            economics=Economics(customer_value=200.0, margin=0.5, value_months=12.0),
            formats=USD,
        )
        return only

    assert (offer(100.0).value, offer(100.0).expected_gain) == (600.0, pytest.approx(73.0))
    assert (offer(None).value, offer(None).expected_gain) == (200.0, pytest.approx(13.0))


def test_no_action_has_no_cost_and_no_gain() -> None:
    nothing = leave_alone()

    assert nothing.leave_alone
    assert (nothing.name, nothing.message) == ("Leave alone", "No action is expected to earn anything.")
    assert (nothing.value, nothing.offer_cost, nothing.contact_cost) == (0.0, 0.0, 0.0)
    assert (nothing.save_rate, nothing.expected_gain) == (0.0, 0.0)
    assert leave_alone(632.1).value == 632.1


def test_the_expected_gain_equals_the_worked_example() -> None:
    gain = expected_gain(0.828, value=632.1, save_rate=0.3, offer_cost=126.42, contact_cost=4)
    assert gain == pytest.approx(99.9, abs=0.3)


def test_the_best_action_is_the_one_that_earns_most() -> None:
    assert best_for(0.8).action_id == "contract"
    assert best_for(0.8, reason="tenure").action_id == "call"


def test_an_action_has_to_earn_more_than_the_best_before_it() -> None:
    assert [is_preferred(gain, 10.0) for gain in (9.99, 10.0, 10.01)] == [False, False, True]
    assert not is_preferred(0.0, LEAVE_ALONE_GAIN), "what earns nothing is not worth a call"
    assert is_preferred(0.01, LEAVE_ALONE_GAIN)


def test_actions_with_equal_gains_stay_in_the_order_of_the_playbook() -> None:
    playbook = Playbook(1, tuple(replace(CALL, id=name) for name in ("second", "first", "third")))
    ranked = ranked_actions(
        playbook,
        probability=0.9,
        raising=[Reason("tenure", 3.0, 0.8)],
        attributes=CUSTOMER,
        schema=SCHEMA,
        monthly_revenue=None,
        economics=Economics(),
        formats=USD,
    )

    assert [own.action_id for own in ranked] == ["second", "first", "third"]


def test_customers_unlikely_to_leave_get_no_action() -> None:
    assert best_for(0.02).leave_alone


def test_an_action_whose_requirement_fails_is_not_offered() -> None:
    assert best_for(0.8, attributes={"Contract": "Two year"}).action_id == "call"


def test_a_missing_value_meets_no_condition() -> None:
    assert best_for(0.9, attributes={"Contract": None}).leave_alone


def test_a_customer_without_a_bill_has_the_configured_value() -> None:
    assert best_for(0.8).value == 200.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1000))
def test_a_higher_save_rate_never_earns_less(low: float, high: float, value: float) -> None:
    low, high = sorted((low, high))
    gains = [expected_gain(0.5, value=value, save_rate=rate, offer_cost=1, contact_cost=1) for rate in (low, high)]
    assert gains[0] <= gains[1] + 1e-9


@pytest.mark.parametrize(
    ("test", "value", "holds"),
    [
        (Comparison.ANY, "x", True),
        (Comparison.ANY, None, False),
        (Comparison.IS, "MONTH to month", True),
        (Comparison.IS, "One year", False),
        (Comparison.IS_NOT, "One year", True),
        (Comparison.IS_NOT, None, False),
        (Comparison.AT_LEAST, 6.0, True),
        (Comparison.AT_LEAST, 5.9, False),
        (Comparison.AT_MOST, 6.0, True),
        (Comparison.AT_MOST, "6", False),
        (Comparison.ANY, float("nan"), False),
    ],
)
def test_a_condition_compares_a_value(test: Comparison, value: Value, holds: bool) -> None:
    assert Condition(("Contract",), test, ("Month-to-month",), 6.0).holds(value) is holds


def test_a_yes_no_value_reads_as_its_word() -> None:
    assert Condition(("Senior",), Comparison.IS, ("Yes",)).holds(True)


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert Condition(("CustServ Calls",)).speaks_of("custserv_calls")
    assert not Condition(("Contract",)).speaks_of("Contract type")


def said(message: str, formats: Formats, *, monthly_revenue: float | None, offer_share: float) -> str:
    action = replace(CALL, message=message, offer_share=offer_share)
    return message_to(action, Addressee({}, SCHEMA, monthly_revenue), formats)


WITH_BILLS = "Stay a year.|Your bill drops from {bill} to {reduced_bill}."


@pytest.mark.parametrize(
    ("currency", "bill", "words"),
    [
        ("USD", 1234.5, "Stay a year. Your bill drops from $1,234.50 to $1,111.05."),
        ("JPY", 7500.0, "Stay a year. Your bill drops from ¥7,500 to ¥6,750."),
        ("KRW", 61_999.0, "Stay a year. Your bill drops from ₩61,999 to ₩55,799."),
        ("UGX", 90_000.0, "Stay a year. Your bill drops from UGX\u00a090,000 to UGX\u00a081,000."),
        ("KWD", 7.5, "Stay a year. Your bill drops from KWD\u00a07.500 to KWD\u00a06.750."),
        ("CHF", 0.0, "Stay a year. Your bill drops from CHF\u00a00.00 to CHF\u00a00.00."),
        ("ABC", 100.0, "Stay a year. Your bill drops from ABC\u00a0100.00 to ABC\u00a090.00."),
    ],
)
def test_a_message_has_the_bill_with_the_sign_and_the_decimals_of_its_currency(
    currency: str, bill: float, words: str
) -> None:
    assert said(WITH_BILLS, formats_of(currency), monthly_revenue=bill, offer_share=0.1) == words


@pytest.mark.parametrize(
    ("locale", "currency", "words"),
    [
        ("de", "EUR", "Stay a year. Your bill drops from 1.234,50\u00a0€ to 1.111,05\u00a0€."),
        ("fr", "EUR", "Stay a year. Your bill drops from 1\u202f234,50\u00a0€ to 1\u202f111,05\u00a0€."),
        ("nl", "EUR", "Stay a year. Your bill drops from €\u00a01.234,50 to €\u00a01.111,05."),
    ],
)
def test_a_message_has_the_bill_in_the_conventions_of_the_installation(
    monkeypatch: pytest.MonkeyPatch, locale: str, currency: str, words: str
) -> None:
    monkeypatch.setattr(babel_formats, "LOCALE", Locale(locale))
    formats = formats_of.__wrapped__(currency)
    assert said(WITH_BILLS, formats, monthly_revenue=1234.5, offer_share=0.1) == words


def test_a_message_without_a_known_bill_drops_the_sentence_that_needs_it() -> None:
    assert said(WITH_BILLS, USD, monthly_revenue=None, offer_share=0.1) == "Stay a year."


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
        text = said(action["message"], USD, monthly_revenue=revenue, offer_share=action["offer_share"])
        assert len(text) > 20
        assert not set("{}|") & set(text)
    later = {
        "channel",
        "measured_in",
        "save_rate_weight",
        "valid_from",
        "valid_until",
        "pause_days",
        "switched_on",
        "confirmed",
    }
    assert set(action) | later == set(Action.__dataclass_fields__)


def test_every_seeded_condition_can_hold() -> None:
    for action in seeded():
        for condition in (*action["answers"], *action["requires"]):
            test = Comparison(condition["test"])
            assert bool(condition["levels"]) == (test in (Comparison.IS, Comparison.IS_NOT))
            assert (condition["limit"] is not None) == (test in (Comparison.AT_LEAST, Comparison.AT_MOST))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"customer_value": 0.0}, {"value_months": 0.0}, {"margin": 0.0}, {"margin": 1.01}),
        *({"offer_cost": -0.01}, {"contact_cost": -0.01}, {"save_rate": -0.01}, {"save_rate": 1.01}),
    ],
)
def test_impossible_economics_are_rejected(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Economics(**wrong)


@pytest.mark.parametrize(
    "extreme",
    [
        *({"customer_value": 0.01}, {"value_months": 0.5}, {"margin": 0.01}, {"margin": 1.0}),
        *({"offer_cost": 0.0}, {"contact_cost": 0.0}, {"save_rate": 0.0}, {"save_rate": 1.0}),
    ],
)
def test_extreme_economics_are_accepted(extreme: dict[str, float]) -> None:
    (name,) = extreme
    assert getattr(Economics(**extreme), name) == extreme[name]


@pytest.mark.parametrize(
    ("name", "unit", "number", "offered"),
    [
        ("tenure", TenureUnit.MONTHS, 6.0, True),
        ("tenure", TenureUnit.MONTHS, 6.5, False),
        ("Account Length", TenureUnit.DAYS, 182.0, True),
        ("Account Length", TenureUnit.DAYS, 183.0, False),
        ("tenure", TenureUnit.WEEKS, 26.0, True),
        ("tenure", TenureUnit.WEEKS, 27.0, False),
        ("tenure", TenureUnit.YEARS, 0.5, True),
        ("tenure", TenureUnit.YEARS, 1.0, False),
        ("tenure", TenureUnit.UNKNOWN, 0.0, False),
        ("Account Length", TenureUnit.UNKNOWN, 3.0, False),
    ],
)
def test_an_action_for_new_customers_compares_tenure_in_months(
    name: str, unit: TenureUnit, number: float, offered: bool
) -> None:
    new = Condition(("tenure", "Account Length"), Comparison.AT_MOST, limit=6.0)
    welcome = Action("welcome", "Welcome call", "Hello.", (new,), (new,))
    schema = CustomerSchema((Column(name, ColumnKind.NUMERIC),), tenure_column=name, tenure_unit=unit)
    assert welcome.may_be_offered({name: number}, schema) is offered
    assert welcome.answers_reason(Reason(name, number, 0.4), schema) is offered
