"""What a campaign changed is read while outcomes arrive and after it was closed, and people act on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from domain.campaign import CampaignState
from domain.campaign_effect import Grouping, Reading
from domain.campaign_members import EventKind, Outcome, Side, Status
from domain.effect import Group
from domain.errors import Conflict, NotAllowed, NotFound
from tests.unit.use_cases.campaign_effects import MANAGER, ONE, OWNER, PLAYBOOK, STRANGER, VIEWER, Measured, by, some

TODAY = date(2026, 11, 2)


@pytest.fixture
def measured() -> Measured:
    return Measured()


def with_harm(measured: Measured) -> None:
    """Calls harm; nobody can tell what the bonus does."""
    numbers = count(1)
    measured.fill(
        some(Side.CONTACT, 60, 100, 40, numbers=numbers, fifth=5),
        some(Side.CONTROL, 190, 10, numbers=numbers, fifth=5),
        some(Side.CONTACT, 90, 10, numbers=numbers, fifth=1, action_id="bonus"),
        some(Side.CONTROL, 90, 10, numbers=numbers, fifth=1, action_id="bonus"),
    )


def test_while_outcomes_arrive_the_interval_may_be_read_daily(measured: Measured) -> None:
    measured.usual((0, 10, 80), (0, 20, 60))

    view = measured.measure(ONE, by=OWNER)

    assert view.effect.reading is Reading.SO_FAR
    assert (view.effect.contacted, view.effect.control) == (Group(90, 80), Group(80, 60))
    assert (view.effect.outcomes, view.effect.unknown) == (30, 140)
    assert view.effect.adjusted is None
    assert view.rates == ()


def test_a_closed_campaign_shows_what_it_was_closed_with(measured: Measured) -> None:
    measured.usual((80, 10, 5), (60, 20, 3))
    closed = measured.close(ONE, based_on=1, by=by(OWNER))
    with measured.new_uow() as uow:
        uow.campaigns.set_outcomes(ONE, {1: (Outcome.LEFT, None)})
        uow.campaigns.erase_customer("C-2")
        uow.commit()

    assert measured.measure(ONE, by=OWNER).effect == closed.effect


def test_an_erased_customer_still_counts(measured: Measured) -> None:
    measured.usual((80, 10, 5), (60, 20, 3))
    before = measured.measure(ONE, by=OWNER).effect
    with measured.new_uow() as uow:
        uow.campaigns.erase_customer("C-1")
        uow.campaigns.erase_customer("C-100")
        uow.commit()

    assert measured.measure(ONE, by=OWNER).effect == before
    assert measured.close(ONE, based_on=1, by=by(OWNER)).effect is not None


def test_strangers_see_no_effect_and_viewers_of_a_shared_campaign_change_nothing(measured: Measured) -> None:
    with_harm(measured)
    with pytest.raises(NotFound):
        measured.measure(ONE, by=STRANGER)
    with pytest.raises(NotFound):
        measured.leave_alone(ONE, Grouping.ACTION, "call", by=by(STRANGER))
    with measured.new_uow() as uow:
        uow.campaigns.save(replace(measured.campaign(), shared=True, version=2))
        uow.commit()
    view = measured.measure(ONE, by=VIEWER)
    assert (view.may_direct, view.may_adopt) == (False, False)
    with pytest.raises(NotAllowed):
        measured.leave_alone(ONE, Grouping.ACTION, "call", by=by(VIEWER))
    assert measured.measure(ONE, by=MANAGER).may_adopt


def test_customers_whom_contact_harms_are_taken_off_the_list_unless_they_were_contacted(measured: Measured) -> None:
    with_harm(measured)
    with measured.new_uow() as uow:
        reached = uow.campaigns.member(ONE, 1).marked(Status.REACHED, at=measured.clock.now(), today=TODAY)
        uow.campaigns.save_member(ONE, reached)
        uow.commit()
    before = measured.measure(ONE, by=OWNER).effect
    assert [group.name for group in before.harmed] == ["Call", "Highest risk"]

    taken = measured.leave_alone(ONE, Grouping.ACTION, "call", by=by(OWNER))

    assert taken == 199
    with measured.reading() as uow:
        assert uow.campaigns.totals(ONE).of(Side.CONTACT).count(Status.LEFT_ALONE) == 199
        (event,) = uow.campaigns.events(ONE)
    assert (event.kind, event.before, event.after) == (EventKind.LEFT_ALONE, "Call", "199")
    assert measured.audit() == [("took 199 members off a campaign's list", "Spring calls: Call")]
    after = measured.measure(ONE, by=OWNER).effect
    assert (after.contacted, after.control) == (before.contacted, before.control)  # they keep their group
    assert measured.leave_alone(ONE, Grouping.FIFTH, "5", by=by(MANAGER)) == 0


def test_only_groups_that_are_clearly_harmed_are_taken_off(measured: Measured) -> None:
    with_harm(measured)
    for grouping, key in ((Grouping.ACTION, "bonus"), (Grouping.FIFTH, "1"), (Grouping.FIFTH, "call")):
        with pytest.raises(Conflict, match="not clearly harm"):
            measured.leave_alone(ONE, grouping, key, by=by(OWNER))
    measured.close(ONE, based_on=1, by=by(OWNER))
    with pytest.raises(Conflict, match="not running"):
        measured.leave_alone(ONE, Grouping.ACTION, "call", by=by(OWNER))


def test_a_measured_save_rate_becomes_the_playbooks_once(measured: Measured) -> None:
    measured.usual((720, 180, 0), (225, 75, 0))
    measured.close(ONE, based_on=1, by=by(OWNER))
    view = measured.measure(ONE, by=MANAGER)
    assert [(one.action.id, one.rate.assumed, one.rate.rate) for one in view.rates] == [("call", 0.30, 0.2534)]

    version = measured.adopt(ONE, "call", based_on=view.playbook_version, by=by(MANAGER))

    action = version.playbook.action("call")
    assert action is not None
    assert (version.number, version.by) == (5, "Manager")
    assert version.note == "Took over the save rate of “Call” from “Spring calls, closed 2026-11-02 14:30”"
    assert (action.save_rate, action.save_rate_measured, action.measured_in) == (
        0.2534,
        True,
        "Spring calls, closed 2026-11-02 14:30",
    )
    assert action.save_rate_weight == 37.4
    assert not action.confirmed
    assert version.playbook.action("bonus") == PLAYBOOK.action("bonus")
    assert measured.measure(ONE, by=MANAGER).rates[0].adopted
    with pytest.raises(Conflict, match="not measured"):
        measured.adopt(ONE, "call", based_on=5, by=by(MANAGER))


def test_a_save_rate_is_not_taken_over_where_the_playbook_changed_or_nothing_was_measured(measured: Measured) -> None:
    measured.usual((720, 180, 0), (225, 75, 0))
    with pytest.raises(Conflict, match="not measured"):
        measured.adopt(ONE, "call", based_on=4, by=by(MANAGER))
    measured.close(ONE, based_on=1, by=by(OWNER))
    with pytest.raises(NotAllowed):
        measured.adopt(ONE, "call", based_on=4, by=by(OWNER))
    with pytest.raises(Conflict, match="The playbook was changed in the meantime"):
        measured.adopt(ONE, "call", based_on=3, by=by(MANAGER))
    with pytest.raises(Conflict, match="not measured"):
        measured.adopt(ONE, "bonus", based_on=4, by=by(MANAGER))


def test_a_draft_has_no_effect(measured: Measured) -> None:
    measured.database.kept.campaigns[ONE] = replace(measured.campaign(), state=CampaignState.DRAFT)
    with pytest.raises(NotFound):
        measured.measure(ONE, by=OWNER)
