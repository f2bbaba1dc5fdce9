"""Campaigns: stages, what a plan says, who may do what, and members with their totals."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from domain.account import Role
from domain.campaign import (
    CampaignRequest,
    CampaignState,
    Excluded,
    PlannedAction,
    may_direct,
    may_see,
    may_work,
    must_direct,
    must_see,
)
from domain.campaign_members import SETTABLE, Outcome, Side, Status, total_of
from domain.customer_query import CustomerQuery
from domain.effect import Group
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests import builders as a
from tests.builders import at

TODAY = date(2026, 11, 2)
DRAFT, RUNNING, MEASURING, CLOSED = CampaignState


def test_the_stages_of_a_campaign() -> None:
    draft = a.a_campaign()
    running = draft.started(a.a_campaign_plan(), at=at(minutes=1))
    assert (running.state, running.started_at, running.version) == (RUNNING, at(minutes=1), 2)
    measuring = running.measuring(at=at(minutes=2))
    assert (measuring.state, measuring.measuring_at) == (MEASURING, at(minutes=2))
    again = measuring.reopened()
    assert (again.state, again.measuring_at, again.version) == (RUNNING, None, 4)
    closed = again.closed(None, at=at(minutes=3))
    assert (closed.state, closed.closed_at) == (CLOSED, at(minutes=3))


@pytest.mark.parametrize(
    ("state", "legal"),
    [(DRAFT, {"start"}), (RUNNING, {"measure", "close"}), (MEASURING, {"reopen", "close"}), (CLOSED, set())],
)
def test_only_these_stages_can_follow(state: CampaignState, legal: set[str]) -> None:
    campaign = a.a_campaign(state=state)
    steps = {
        "start": lambda: campaign.started(a.a_campaign_plan(), at=at()),
        "measure": lambda: campaign.measuring(at=at()),
        "reopen": campaign.reopened,
        "close": lambda: campaign.closed(None, at=at()),
    }
    for name, step in steps.items():
        if name in legal:
            step()
        else:
            with pytest.raises(Conflict):
                step()


def test_only_a_draft_is_planned() -> None:
    request, plan = a.a_campaign_request(control_share=0.2), a.a_campaign_plan()
    assert a.a_campaign().planned(request, plan).request.control_share == 0.2
    with pytest.raises(Conflict):
        a.a_campaign(state=RUNNING).planned(request, plan)


def test_a_campaign_holds_its_customers_until_it_is_closed() -> None:
    assert [state for state in CampaignState if state.holds_customers] == [RUNNING, MEASURING]
    assert [state for state in CampaignState if a.a_campaign(state=state).takes_outcomes] == [RUNNING, MEASURING]
    assert [state for state in CampaignState if a.a_campaign(state=state).is_worked] == [RUNNING]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_campaign_has_a_name_of_readable_length(name: str) -> None:
    with pytest.raises(InvalidInput):
        a.a_campaign(name=name)


def test_shares_of_groups_have_limits() -> None:
    query = CustomerQuery(0.5)
    assert CampaignRequest(query).control_share == 0.1
    assert CampaignRequest(query, control_share=0.5, second_share=0.5).second_share == 0.5
    assert CampaignRequest(query, control_share=0.0).control_share == 0.0
    for wrong in ({"control_share": 0.51}, {"control_share": -0.01}, {"second_share": 0.51}, {"second_share": -0.01}):
        with pytest.raises(InvalidInput):
            CampaignRequest(query, **wrong)  # type: ignore[arg-type]


def test_a_plan_sums_over_its_actions() -> None:
    actions = (
        PlannedAction("call", "Call", "phone", 800, 90, 4_000.0, 800.0, 9_000.0),
        PlannedAction("sms", "SMS", "sms", 100, 10, 50.0, 5.0, 300.0),
    )
    plan = a.a_campaign_plan(actions=actions, churn=0.3, gain=10_000.0, bound=10_010.0)
    assert (plan.contacted, plan.control, plan.members) == (900, 100, 1_000)
    assert (plan.expected_gain, plan.offer_cost, plan.contact_cost) == (9_300.0, 4_050.0, 805.0)
    assert plan.gap == pytest.approx(10 / 10_010)
    assert plan.noticeable == pytest.approx(0.1353, abs=0.0001)


def test_every_exclusion_has_words() -> None:
    assert len({reason.words for reason in Excluded}) == 6


@pytest.mark.parametrize(
    ("role", "owner", "shared", "assigned", "sees", "works", "directs"),
    [
        (Role.VIEWER, False, False, False, False, False, False),
        (Role.VIEWER, False, True, False, True, False, False),
        (Role.VIEWER, True, False, False, True, False, False),
        (Role.ANALYST, False, False, False, False, False, False),
        (Role.ANALYST, False, False, True, True, True, False),
        (Role.ANALYST, False, True, False, True, True, False),
        (Role.ANALYST, True, False, False, True, True, True),
        (Role.MANAGER, False, False, False, True, True, True),
        (Role.ADMIN, False, False, False, True, True, True),
    ],
)
def test_who_may_do_what(
    role: Role, owner: bool, shared: bool, assigned: bool, sees: bool, works: bool, directs: bool
) -> None:
    account = a.an_account(role=role)
    campaign = a.a_campaign(owner=account.id if owner else "somebody", shared=shared)
    assert may_see(account, campaign, assigned=assigned) is sees
    assert may_work(account, campaign, assigned=assigned) is works
    assert may_direct(account, campaign) is directs


def test_a_refusal_tells_nothing_of_what_somebody_may_not_see() -> None:
    analyst = a.an_account(role=Role.ANALYST)
    with pytest.raises(NotFound):
        must_see(analyst, a.a_campaign(owner="somebody"))
    with pytest.raises(NotFound):
        must_direct(analyst, a.a_campaign(owner="somebody"))
    with pytest.raises(NotAllowed):
        must_direct(analyst, a.a_campaign(owner="somebody", shared=True))
    must_direct(analyst, a.a_campaign(owner=analyst.id))


def test_the_first_contact_begins_the_pause() -> None:
    member = a.a_member(pause_days=30).marked(Status.NO_ANSWER, at=at(), today=TODAY)
    assert (member.status, member.contacted_at, member.paused_until) == (Status.NO_ANSWER, at(), date(2026, 12, 2))
    later = member.marked(Status.ACCEPTED, at=at(minutes=5), today=date(2026, 11, 9))
    assert (later.contacted_at, later.paused_until, later.version) == (at(), date(2026, 12, 2), 3)


def test_going_back_to_the_beginning_ends_the_pause() -> None:
    member = a.a_member().marked(Status.REACHED, at=at(), today=TODAY)
    for back in (member.undone(Status.TO_CONTACT), member.marked(Status.TO_CONTACT, at=at(), today=TODAY)):
        assert (back.status, back.contacted_at, back.paused_until) == (Status.TO_CONTACT, None, None)
    assert member.marked(Status.DECLINED, at=at(), today=TODAY).undone(Status.REACHED).contacted_at == at()


def test_some_statuses_are_final_and_one_is_not_set_by_hand() -> None:
    assert [status.value for status in SETTABLE] == [
        "to_contact",
        "no_answer",
        "reached",
        "accepted",
        "declined",
        "opted_out",
    ]
    for final, to in product((Status.OPTED_OUT, Status.LEFT_ALONE), SETTABLE):
        with pytest.raises(Conflict):
            a.a_member(status=final).marked(to, at=at(), today=TODAY)
    with pytest.raises(Conflict):
        a.a_member().marked(Status.LEFT_ALONE, at=at(), today=TODAY)
    assert a.a_member().taken_off().status is Status.LEFT_ALONE
    with pytest.raises(Conflict):
        a.a_member(status=Status.REACHED).taken_off()


def test_a_date_belongs_to_leaving_alone() -> None:
    left = a.a_member().with_outcome(Outcome.LEFT, TODAY)
    assert (left.outcome, left.outcome_on) == (Outcome.LEFT, TODAY)
    assert left.with_outcome(Outcome.STAYED, TODAY).outcome_on is None


def test_a_note_has_a_length() -> None:
    assert a.a_member().noted("  Call at six.  ").note == "Call at six."
    assert len(a.a_member().noted("x" * 1_000).note) == 1_000
    with pytest.raises(InvalidInput):
        a.a_member().noted("x" * 1_001)


@pytest.mark.parametrize(
    ("status", "spent"),
    [
        (Status.TO_CONTACT, 0.0),
        (Status.NO_ANSWER, 1.0),
        (Status.REACHED, 1.0),
        (Status.ACCEPTED, 6.0),
        (Status.DECLINED, 1.0),
        (Status.OPTED_OUT, 1.0),
        (Status.LEFT_ALONE, 0.0),
    ],
)
def test_a_contact_costs_when_it_is_tried_and_an_offer_when_it_is_accepted(status: Status, spent: float) -> None:
    member = a.a_member(status=status)
    assert member.spent == spent
    assert total_of([member, a.a_member(2, status=status)]).spent == 2 * spent


def test_totals_are_sums() -> None:
    members = [
        a.a_member(1, status=Status.ACCEPTED, outcome=Outcome.STAYED),
        a.a_member(2, status=Status.NO_ANSWER, outcome=Outcome.LEFT),
        a.a_member(3, action_id="sms"),
        a.a_member(4, side=Side.CONTROL, outcome=Outcome.STAYED),
    ]
    totals = total_of(members)
    assert (totals.members, totals.of(Side.CONTACT).members, totals.of_action("sms").members) == (4, 3, 1)
    assert (totals.contacted, totals.count(Status.ACCEPTED), totals.spent) == (2, 1, 7.0)
    assert (totals.expected_gain, totals.value) == (160.0, 1_200.0)
    assert totals.known == Group(3, 2)
    assert totals.of(Side.CONTACT).so_far == Group(3, 2)
    assert totals.with_outcome(Outcome.UNKNOWN) == 1


def test_a_plan_counts_the_customers_for_whom_the_limits_left_no_place() -> None:
    assert a.a_campaign_plan().beyond_limits == 300 - 7 - 90 - 100
    assert a.a_campaign_plan(matching=197).beyond_limits == 0
