"""Campaigns: the record itself, its members and their totals, and who holds whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from application.ports.campaign_records import MemberQuery
from application.use_cases.campaigns.measuring import counted
from domain.campaign import Campaign, CampaignId, CampaignState
from domain.campaign_effect import CampaignEffect, Compared, GroupEffect, Grouping, Reading, effect_of
from domain.campaign_members import (
    Arm,
    CampaignEvent,
    EventKind,
    Member,
    Outcome,
    Side,
    Status,
    total_of,
)
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from domain.effect import Difference, GainMeasured, Group
from domain.errors import Conflict, NotFound
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled

ONE, TWO = CampaignId("campaign-1"), CampaignId("campaign-2")
TODAY = date(2026, 11, 2)


def a_full_campaign(**given: object) -> Campaign:
    compared = Compared(Group(80, 70), Group(10, 7), Difference(0.175, -0.06, 0.45), 0.13)
    effect = CampaignEffect(
        Group(90, 80),
        Group(10, 7),
        Difference(0.19, -0.05, 0.45),
        Difference(0.2, 0.01, 0.4),
        GainMeasured(17.0, -4.5, 40.5, 1_000.0, -500.0, 2_500.0),
        3,
        at(minutes=9),
        1,
        400.0,
        310.5,
        (GroupEffect(Grouping.ACTION, "call", "Call", compared, True),),
        compared,
        Reading.FINAL,
    )
    filled: dict[str, object] = {
        "state": CampaignState.CLOSED,
        "shared": True,
        "sample": True,
        "plan": a.a_campaign_plan(second=4),
        "started_at": at(minutes=2),
        "measuring_at": at(minutes=3),
        "closed_at": at(minutes=9),
        "closes_on": date(2026, 12, 31),
        "effect": effect,
        "version": 7,
    }
    return a.a_campaign(**(filled | given))


def a_control(number: int, **given: object) -> Member:
    return a.a_member(number, side=Side.CONTROL, **given)


def started(new_uow: NewUow, *members: Member, id: CampaignId = ONE) -> None:
    """A running campaign with these members."""
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign(id=id, state=CampaignState.RUNNING))
        uow.campaigns.add_members(id, members)
        uow.campaigns.hold(id, held=True)
        uow.commit()


def test_a_campaign_comes_back_with_every_field(new_uow: NewUow) -> None:
    full, bare = a_full_campaign(), a.a_campaign(id=TWO)
    check_every_field_is_filled(full.plan)
    assert full.effect is not None
    with new_uow() as uow:
        uow.campaigns.add(full)
        uow.campaigns.add(bare)
        with pytest.raises(Conflict):
            uow.campaigns.add(full)
        assert uow.campaigns.get(ONE) == full
        assert uow.campaigns.get(TWO) == bare


def test_a_campaign_that_somebody_else_changed_is_not_overwritten(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign(version=3))
        uow.campaigns.save(a.a_campaign(version=4, name="Mine"))
        with pytest.raises(Conflict):
            uow.campaigns.save(a.a_campaign(version=4, name="Theirs"))
        assert uow.campaigns.get(ONE).name == "Mine"
        with pytest.raises(NotFound):
            uow.campaigns.save(a.a_campaign(id=TWO, version=4))


def test_a_missing_campaign_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(NotFound):
            uow.campaigns.get(ONE)
        with pytest.raises(NotFound):
            uow.campaigns.remove(ONE)


def test_campaigns_are_listed_newest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign())
        uow.campaigns.add(a.a_campaign(id=TWO, created_at=at(minutes=5), run_id="run-2"))
        assert [one.id for one in uow.campaigns.all()] == [TWO, ONE]


def test_a_member_comes_back_with_every_field(new_uow: NewUow) -> None:
    first = a.a_member(1)
    changed = replace(
        first,
        status=Status.ACCEPTED,
        outcome=Outcome.LEFT,
        outcome_on=date(2026, 11, 30),
        assigned_to="person-2",
        due=date(2026, 11, 9),
        note="Call after six.",
        contacted_at=at(minutes=4),
        paused_until=date(2027, 1, 31),
        version=2,
    )
    started(new_uow, first)
    with new_uow() as uow:
        assert uow.campaigns.member(ONE, 1) == first
        uow.campaigns.save_member(ONE, changed)
        assert uow.campaigns.member(ONE, 1) == changed


def test_a_member_that_somebody_else_changed_is_not_overwritten(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1))
    with new_uow() as uow:
        member = uow.campaigns.member(ONE, 1)
        uow.campaigns.save_member(ONE, member.noted("Mine"))
        with pytest.raises(Conflict):
            uow.campaigns.save_member(ONE, member.noted("Theirs"))
        assert uow.campaigns.member(ONE, 1).note == "Mine"
        with pytest.raises(NotFound):
            uow.campaigns.save_member(ONE, a.a_member(9, version=2))


def test_controls_are_in_no_list(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a_control(2), a_control(3, customer_id="Z"))
    with new_uow() as uow:
        assert [one.number for one in uow.campaigns.page(ONE, MemberQuery()).members] == [1]
        assert uow.campaigns.page(ONE, MemberQuery()).total == 1
        assert list(uow.campaigns.values(ONE, MemberQuery(), ("number",))) == [[1]]
        assert uow.campaigns.page(ONE, MemberQuery(search="Z")).members == ()
        assert uow.campaigns.neighbours(ONE, 1, MemberQuery()) == (None, None)
        assert uow.campaigns.count(ONE, MemberQuery()) == 1
        assert uow.campaigns.count(ONE, MemberQuery(search="Z")) == 0
        assert uow.campaigns.assign(ONE, [1, 2, 3], "person-2") == [1]
        assert uow.campaigns.leave_alone(ONE, action_id="call", fifth=5) == 1
        with pytest.raises(NotFound):
            uow.campaigns.member(ONE, 2)


def test_controls_are_measured_and_matched(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a_control(2, arm=Arm.BEST))
    with new_uow() as uow:
        assert [(key.number, key.customer_id, key.side) for key in uow.campaigns.keys(ONE)] == [
            (1, "C-1", Side.CONTACT),
            (2, "C-2", Side.CONTROL),
        ]
        first, second = uow.campaigns.assignments(ONE)
        assert (first.side, first.probability, first.stratum, first.fifth) == (Side.CONTACT, 0.6, 12, 5)
        assert (first.value, first.spent, first.arm) == (300.0, 0.0, Arm.BEST)
        assert second.side is Side.CONTROL


def test_members_are_counted_as_they_are_measured(new_uow: NewUow) -> None:
    members = [a.a_member(1), a.a_member(2, arm=Arm.SECOND, action_id="bonus"), a.a_member(3, fifth=2)]
    started(new_uow, *members, a_control(4), a_control(5, fifth=2))
    with new_uow() as uow:
        accepted = uow.campaigns.member(ONE, 1).marked(Status.ACCEPTED, at=at(), today=TODAY)
        uow.campaigns.save_member(ONE, accepted)
        uow.campaigns.set_outcomes(ONE, {1: (Outcome.STAYED, None), 4: (Outcome.LEFT, TODAY)})

        effect = effect_of(uow.campaigns.counted(ONE), {"call": "Call"}, Reading.SO_FAR, at=at())

        assert effect == effect_of(counted(uow.campaigns.assignments(ONE)), {"call": "Call"}, Reading.SO_FAR, at=at())
        assert (effect.contacted, effect.control, effect.unknown) == (Group(3, 3), Group(2, 1), 3)
        assert (effect.spent, effect.value) == (6.0, 300.0)
        assert effect.offers is not None
        assert effect.offers.control == Group(1, 1)


def test_a_query_selects_members(new_uow: NewUow) -> None:
    started(
        new_uow,
        a.a_member(1, probability=0.2),
        a.a_member(2, probability=0.9, channel="sms", action_id="bonus"),
        a.a_member(3, probability=0.5),
    )
    with new_uow() as uow:
        uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, 3).marked(Status.REACHED, at=at(), today=TODAY))
        uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, 2).due_on(date(2026, 11, 5)))
        uow.campaigns.assign(ONE, [1], "person-2")

        def numbers(**query: object) -> list[int]:
            return [one.number for one in uow.campaigns.page(ONE, MemberQuery(**query)).members]  # type: ignore[arg-type]

        assert numbers(search="C-2") == [2]
        assert numbers(statuses=(Status.REACHED,)) == [3]
        assert numbers(channel="sms") == [2]
        assert numbers(action_id="call") == [1, 3]
        assert numbers(assigned_to="person-2") == [1]
        assert numbers(assigned_to="") == [2, 3]
        assert numbers(due_until=date(2026, 11, 5)) == [2]
        assert numbers(due_until=date(2026, 11, 4)) == []
        uow.do_not_contact.add_many([Entry(CustomerId("C-2"), at(), Source.MARKED, "")])
        uow.campaigns.erase_customer("C-1")
        assert numbers() == [1, 2, 3]
        assert numbers(reachable=True) == [3]
        assert uow.campaigns.page(ONE, MemberQuery(reachable=True)).total == 1
        assert list(uow.campaigns.values(ONE, MemberQuery(reachable=True), ("number",))) == [[3]]
        assert numbers(sort="risk", descending=True) == [2, 3, 1]
        assert numbers(sort="due") == [2, 1, 3]
        assert numbers(offset=1, limit=1) == [2]
        assert uow.campaigns.page(ONE, MemberQuery(offset=1, limit=1)).total == 3
        assert uow.campaigns.neighbours(ONE, 2, MemberQuery()) == (1, 3)
        assert uow.campaigns.neighbours(ONE, 9, MemberQuery()) == (None, None)
        assert uow.campaigns.numbers(ONE, MemberQuery(sort="risk", channel="phone", offset=1, limit=1)) == [1, 3]
        with_count = uow.campaigns.page(ONE, MemberQuery(statuses=(Status.TO_CONTACT,), action_id="call"))
        assert ([one.number for one in with_count.members], with_count.total) == ([1], 1)


def test_due_dates_are_set_together(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a.a_member(2), a_control(3))
    with new_uow() as uow:
        assert uow.campaigns.set_due(ONE, [2, 1, 3, 9], TODAY) == [2, 1]
        assert uow.campaigns.set_due(ONE, [2], TODAY) == []
        assert uow.campaigns.set_due(ONE, [1, 2], TODAY) == []
        assert uow.campaigns.set_due(ONE, [2], None) == [2]
        assert list(uow.campaigns.values(ONE, MemberQuery(), ("due", "version"))) == [[TODAY, 2], [None, 3]]


def test_a_person_with_members_is_assigned_whatever_became_of_them(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a_control(2))
    with new_uow() as uow:
        assert not uow.campaigns.is_assigned(ONE, "person-2")
        uow.campaigns.assign(ONE, [1], "person-2")
        uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, 1).marked(Status.ACCEPTED, at=at(), today=TODAY))
        assert uow.campaigns.is_assigned(ONE, "person-2")
        assert not uow.campaigns.is_assigned(ONE, "person-3")
        assert not uow.campaigns.is_assigned(TWO, "person-2")
        assert uow.campaigns.statuses_of_list(ONE, "person-2") == {Status.ACCEPTED: 1}
        assert uow.campaigns.statuses_of_list(ONE, "person-3") == {}


def test_totals_follow_every_change(new_uow: NewUow) -> None:
    members = [a.a_member(1), a.a_member(2, offer_cost=7.5), a_control(3)]
    started(new_uow, *members)
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign(id=TWO))
        assert uow.campaigns.totals(ONE) == total_of(members)
        assert uow.campaigns.all_totals() == {ONE: total_of(members)}
        accepted = uow.campaigns.member(ONE, 2).marked(Status.ACCEPTED, at=at(), today=TODAY)
        uow.campaigns.save_member(ONE, accepted)
        totals = uow.campaigns.totals(ONE)
        assert (totals.members, totals.contacted, totals.count(Status.ACCEPTED)) == (3, 1, 1)
        assert totals.spent == 8.5
        assert totals == total_of([members[0], accepted, members[2]])
        uow.campaigns.save_member(ONE, accepted.undone(Status.TO_CONTACT))
        assert uow.campaigns.totals(ONE) == total_of(members)
        uow.campaigns.set_outcomes(ONE, {1: (Outcome.LEFT, TODAY), 3: (Outcome.STAYED, None)})
        assert uow.campaigns.totals(ONE).of(Side.CONTROL).known == Group(1, 1)
        assert uow.campaigns.totals(ONE).of(Side.CONTACT).so_far == Group(2, 1)


def test_members_on_a_persons_lists_are_counted(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a.a_member(2), a_control(3))
    with new_uow() as uow:
        uow.campaigns.assign(ONE, [2], "person-2")
        assert uow.campaigns.lists_of("person-2") == {ONE: 1}
        assert uow.campaigns.lists_of("person-3") == {}
        assert uow.campaigns.lists_of("person-2", due_until=TODAY) == {}
        assert uow.campaigns.set_due(ONE, [2], TODAY) == [2]
        assert uow.campaigns.lists_of("person-2", due_until=TODAY) == {ONE: 1}
        assert uow.campaigns.lists_of("person-2", due_until=date(2026, 11, 1)) == {}
        assert uow.campaigns.assign(ONE, [2, 1], None) == [2]
        assert uow.campaigns.assign(ONE, [2], None) == []


def test_a_customer_is_held_by_one_campaign(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1))
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign(id=TWO))
        uow.campaigns.add_members(TWO, [a.a_member(1)])
        with pytest.raises(Conflict):
            uow.campaigns.hold(TWO, held=True)
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign(id=TWO))
        uow.campaigns.add_members(TWO, [a.a_member(1)])
        assert list(uow.campaigns.held_customers()) == ["C-1"]
        assert uow.campaigns.held_among(["C-1", "C-2"]) == {"C-1"}
        assert uow.campaigns.held_among(["C-2"]) == uow.campaigns.held_among([]) == frozenset()
        uow.campaigns.hold(ONE, held=False)
        assert list(uow.campaigns.held_customers()) == []
        uow.campaigns.hold(TWO, held=True)
        assert list(uow.campaigns.held_customers()) == ["C-1"]


def test_members_are_added_once_and_removed_together(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign())
        assert uow.campaigns.add_members(ONE, [a.a_member(1), a.a_member(2)]) == 2
        uow.campaigns.remove_members(ONE)
        assert uow.campaigns.totals(ONE).parts == ()
        assert uow.campaigns.add_members(ONE, [a.a_member(1)]) == 1
    with new_uow() as uow:
        uow.campaigns.add(a.a_campaign())
        uow.campaigns.add_members(ONE, [a.a_member(1)])
        with pytest.raises(Conflict):
            uow.campaigns.add_members(ONE, [a.a_member(1, customer_id="other")])


def test_a_pause_lasts_through_its_last_day(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1, pause_days=30), a.a_member(2))
    with new_uow() as uow:
        uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, 1).marked(Status.NO_ANSWER, at=at(), today=TODAY))
        assert list(uow.campaigns.paused_customers(date(2026, 12, 2))) == ["C-1"]
        assert list(uow.campaigns.paused_customers(date(2026, 12, 3))) == []


def test_outcomes_change_only_where_they_differ(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a_control(2))
    with new_uow() as uow:
        outcomes = {1: (Outcome.LEFT, TODAY), 2: (Outcome.STAYED, None)}
        assert uow.campaigns.set_outcomes(ONE, outcomes) == 2
        assert uow.campaigns.set_outcomes(ONE, outcomes) == 0
        assert uow.campaigns.set_outcomes(ONE, {1: (Outcome.LEFT, None)}) == 1
        assert [one.outcome for one in uow.campaigns.assignments(ONE)] == [Outcome.LEFT, Outcome.STAYED]
        assert uow.campaigns.member(ONE, 1).version == 3


def test_a_group_is_left_alone_unless_it_was_contacted(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a.a_member(2), a.a_member(3, fifth=4), a.a_member(4, action_id="bonus"))
    with new_uow() as uow:
        uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, 2).marked(Status.REACHED, at=at(), today=TODAY))
        assert uow.campaigns.leave_alone(ONE, action_id="call", fifth=5) == 1
        assert uow.campaigns.totals(ONE).count(Status.LEFT_ALONE) == 1
        assert uow.campaigns.leave_alone(ONE, action_id=None, fifth=4) == 1
        assert uow.campaigns.totals(ONE).count(Status.LEFT_ALONE) == 2


def test_events_are_kept_newest_first(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1))
    status = CampaignEvent(at(), "Person", EventKind.STATUS, 1, "to_contact", "reached")
    stage = CampaignEvent(at(minutes=1), "Person", EventKind.STAGE, None, "running", "measuring")
    later = CampaignEvent(at(minutes=2), "Person", EventKind.NOTE, 1, "", "Call later")
    with new_uow() as uow:
        uow.campaigns.record(ONE, [status, stage])
        uow.campaigns.record(ONE, [later])
        assert uow.campaigns.events(ONE, 1) == [later, status]
        assert uow.campaigns.events(ONE) == [stage]
        assert uow.campaigns.events(ONE, 1, limit=1) == [later]
        uow.campaigns.remove(ONE)
        assert uow.campaigns.all() == []
        assert uow.campaigns.events(ONE, 1) == []
