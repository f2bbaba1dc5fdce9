"""Choosing the customers of a campaign on columns gives what the domain's rules give for each customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.campaigns.allocator import HighsAllocator
from adapters.campaigns.chooser import ColumnarChooser
from adapters.formatting.babel_formats import formats_without_currency
from application.ports.campaigns import Basis, Choice
from application.ports.results import ScoredCustomer
from domain.allocation import Limits
from domain.campaign import CampaignRequest, Excluded
from domain.campaign_choice import Proposal
from domain.customer import Customer, CustomerId
from domain.customer_query import CustomerQuery
from domain.playbook import Action, Channel, Comparison, Condition, Playbook
from domain.prediction import Prediction, Reason, RiskBand
from domain.recommendation import Economics, ranked_actions
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.columns import columns_of

SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, levels=("Monthly", "Yearly")),
        Column("Bill", ColumnKind.NUMERIC),
    ),
    revenue_column="Bill",
)


def an_offer(id: str, **given: Any) -> Action:
    answers = (Condition(("Contract",), Comparison.IS, ("Monthly",)),)
    return Action(**({"id": id, "name": id, "message": "Stay.", "answers": answers, "channel": Channel.PHONE} | given))


PLAYBOOK = Playbook(
    3,
    (
        an_offer("call", offer_fixed=10.0, save_rate=0.5, contact_cost=4.0),
        an_offer("bonus", channel=Channel.SMS, save_rate=0.2, contact_cost=0.1),
        an_offer("yearly", answers=(Condition(("Contract",), Comparison.IS, ("Yearly",)),), save_rate=0.1),
    ),
)
BASIS = Basis(SCHEMA, PLAYBOOK, Economics())


def a_customer(row: int, **given: Any) -> ScoredCustomer:
    contract = given.pop("contract", "Monthly")
    probability, bill = given.pop("probability", 0.5), given.pop("bill", 40.0 + row)
    customer_id = CustomerId(given.pop("id", f"C-{row}"))
    reasons = (Reason("Contract", contract, 0.5),)
    prediction = Prediction(customer_id, row, probability, True, RiskBand.HIGH, reasons, ())
    customer = Customer(customer_id, row, {"Contract": contract, "Bill": bill})
    return ScoredCustomer(customer, prediction, "leave-alone", 0.0, bill, **given)


def choose(
    customers: Sequence[ScoredCustomer],
    *,
    limits: Limits | None = None,
    barred: dict[Excluded, frozenset[str]] | None = None,
    split: int | None = None,
    with_leavers: bool = False,
    **request: Any,
) -> Choice:
    parts = [customers[:split], customers[split:]] if split else [customers]
    columns = [columns_of(part, attributes=SCHEMA.names, actions=()) for part in parts]
    wanted = CampaignRequest(CustomerQuery(0.5), limits or Limits(), **({"control_share": 0.0} | request))
    return ColumnarChooser(HighsAllocator()).choose(
        columns, wanted, BASIS, barred=barred or {}, with_leavers=with_leavers
    )


def test_without_limits_everybody_gets_the_best_action_of_the_domain() -> None:
    customers = [a_customer(row, probability=row / 20, contract=("Monthly", "Yearly")[row % 2]) for row in range(1, 20)]
    expected = {}
    for one in customers:
        ranked = ranked_actions(
            PLAYBOOK,
            probability=one.prediction.probability,
            raising=one.prediction.raises,
            attributes=one.customer.attributes,
            schema=SCHEMA,
            monthly_revenue=one.monthly_revenue,
            economics=BASIS.economics,
            formats=formats_without_currency(),
        )
        if ranked and ranked[0].expected_gain > 0:
            expected[one.customer.row] = (ranked[0].action_id, ranked[0].expected_gain, ranked[0].offer_cost)
    choice = choose(customers)
    found = {
        one.row: (PLAYBOOK.actions[one.best.action].id, one.best.gain, one.best.offer_cost) for one in choice.selected
    }
    assert found == expected
    assert choice.gain == pytest.approx(sum(gain for _, gain, _ in expected.values()))
    assert choice.excluded == ()
    assert len(expected) == 19


def test_who_has_left_by_the_files_own_truth_is_no_member() -> None:
    truths = {1: True, 2: True, 3: False}
    customers = [a_customer(row, actual=truths.get(row)) for row in range(1, 6)]
    choice = choose(customers, barred={Excluded.DO_NOT_CONTACT: frozenset({"C-2"})})
    assert [one.row for one in choice.selected] == [3, 4, 5]
    assert choice.excluded == ((Excluded.LEFT, 2),)
    made_up = choose(customers, with_leavers=True)
    assert [one.row for one in made_up.selected] == [1, 2, 3, 4, 5]


def test_who_cannot_become_a_member_is_counted_once() -> None:
    customers = [a_customer(row) for row in range(1, 9)]
    barred = {
        Excluded.DO_NOT_CONTACT: frozenset({"C-1", "C-2", "unknown"}),
        Excluded.OTHER_CAMPAIGN: frozenset({"C-2", "C-3"}),
        Excluded.PAUSED: frozenset({"C-4"}),
    }
    choice = choose(customers, barred=barred)
    assert choice.matching == 8
    assert dict(choice.excluded) == {Excluded.DO_NOT_CONTACT: 2, Excluded.OTHER_CAMPAIGN: 1, Excluded.PAUSED: 1}
    assert [one.customer_id for one in choice.selected] == ["C-5", "C-6", "C-7", "C-8"]


def test_of_several_rows_of_a_customer_the_latest_month_counts_then_the_highest_risk() -> None:
    customers = [
        a_customer(1, id="A", month="2026-09", probability=0.9),
        a_customer(2, id="A", month="2026-10", probability=0.6),
        a_customer(3, id="A", month="2026-10", probability=0.7),
        a_customer(4, id="B", month=None, probability=0.5),
        a_customer(5, id="B", month=None, probability=0.5),
    ]
    choice = choose(customers, split=2)
    assert [one.row for one in choice.selected] == [3, 4]
    assert dict(choice.excluded) == {Excluded.REPEATED: 3}


def test_the_order_of_reading_does_not_matter() -> None:
    customers = [a_customer(row, probability=(row * 37 % 101) / 101) for row in range(1, 60)]
    limits = Limits(customers=20, contacts={"phone": 8}, offers=120.0)
    one_way = choose(customers, limits=limits, second_share=0.2)
    assert one_way.selected == choose(customers[::-1], limits=limits, second_share=0.2, split=17).selected
    assert len(one_way.selected) == 20
    assert one_way.gain <= one_way.bound * (1 + 1e-9)
    assert one_way.worth.customer > 0


def test_a_full_channel_gives_way_to_the_second_best_action() -> None:
    choice = choose([a_customer(row) for row in range(1, 6)], limits=Limits(contacts={"phone": 2}))
    actions = [PLAYBOOK.actions[one.best.action].id for one in choice.selected]
    assert sorted(actions) == ["bonus", "bonus", "bonus", "call", "call"]


def test_the_next_best_action_is_known_where_offers_are_compared() -> None:
    (alone,) = choose([a_customer(1)]).selected
    assert alone.second is None
    (compared,) = choose([a_customer(1)], second_share=0.5).selected
    value = 41.0 * 0.5 * 12.0
    assert compared.second == Proposal(1, pytest.approx(0.5 * (0.2 * value - 0.1) - 0.5 * 0.1), 0.0)
    (only,) = choose([a_customer(1, contract="Yearly")], second_share=0.5).selected
    assert only.second is None


def test_a_gain_at_the_minimum_is_not_enough() -> None:
    (one,) = choose([a_customer(1)]).selected
    assert choose([a_customer(1)], limits=Limits(min_gain=one.best.gain)).selected == []
    assert len(choose([a_customer(1)], limits=Limits(min_gain=one.best.gain - 0.01)).selected) == 1


def test_limits_are_for_the_contacted_and_the_size_for_all() -> None:
    customers = [a_customer(row) for row in range(1, 101)]
    assert len(choose(customers, limits=Limits(contacts={"phone": 45, "sms": 0}), control_share=0.1).selected) == 50
    assert len(choose(customers, limits=Limits(customers=45), control_share=0.1).selected) == 45


def test_a_run_without_anybody_chooses_nobody() -> None:
    choice = ColumnarChooser(HighsAllocator()).choose([], CampaignRequest(CustomerQuery(0.5)), BASIS, barred={})
    assert (choice.matching, choice.selected, choice.gain, choice.excluded) == (0, [], 0.0, ())
    nobody = choose([replace(a_customer(1), monthly_revenue=0.1, customer=Customer(CustomerId("C-1"), 1, {}))])
    assert nobody.selected == []
