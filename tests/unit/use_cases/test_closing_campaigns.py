"""A campaign is closed with the outcomes that are known, and its effect stays as it was measured then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.campaign import CampaignState
from domain.campaign_members import EventKind, Outcome, Status
from domain.effect import Group
from domain.errors import Conflict, NotAllowed, NotFound
from tests.unit.use_cases.campaign_effects import MANAGER, ONE, OWNER, STRANGER, VIEWER, Measured, by


@pytest.fixture
def measured() -> Measured:
    return Measured()


def test_the_effect_is_fixed_and_the_customers_are_free(measured: Measured) -> None:
    measured.usual((80, 10, 5), (60, 20, 3))

    closed = measured.close(ONE, based_on=1, by=by(OWNER))

    assert (closed.state, closed.version) == (CampaignState.CLOSED, 2)
    assert measured.campaign() == closed
    effect = closed.effect
    assert effect is not None
    assert (effect.contacted, effect.control) == (Group(90, 80), Group(80, 60))
    assert (effect.unknown, effect.unknown_control, effect.at) == (8, 3, measured.clock.now())
    assert effect.plain.value == pytest.approx(80 / 90 - 60 / 80)
    assert effect.adjusted is not None
    assert effect.adjusted.value == pytest.approx(80 / 90 - 60 / 80)  # everybody has the same risk
    with measured.reading() as uow:
        assert list(uow.campaigns.held_customers()) == []
        (event,) = uow.campaigns.events(ONE)
    assert (event.kind, event.before, event.after, event.by) == (EventKind.STAGE, "running", "closed", "Owner")
    assert measured.audit() == [("closed a campaign", "Spring calls: 170 outcomes known, 8 unknown")]


def test_outcomes_that_come_later_change_nothing(measured: Measured) -> None:
    measured.usual((80, 10, 5), (60, 20, 3))
    closed = measured.close(ONE, based_on=1, by=by(MANAGER))
    with measured.new_uow() as uow:
        uow.campaigns.set_outcomes(ONE, {1: (Outcome.LEFT, None)})
        uow.commit()

    assert measured.campaign().effect == closed.effect
    with pytest.raises(Conflict, match="cannot become closed"):
        measured.close(ONE, based_on=2, by=by(OWNER))


def test_outcomes_of_the_same_transaction_count(measured: Measured) -> None:
    measured.usual((0, 0, 2), (0, 0, 2))
    with measured.new_uow() as uow:
        uow.campaigns.set_outcomes(ONE, {1: (Outcome.STAYED, None), 3: (Outcome.LEFT, None)})
        closed = measured.close.within(uow, uow.campaigns.get(ONE), by=by(OWNER))
        uow.commit()

    assert closed.effect is not None
    assert (closed.effect.contacted, closed.effect.control) == (Group(1, 1), Group(1, 0))


def test_all_that_was_spent_on_the_contacted_is_a_cost(measured: Measured) -> None:
    measured.usual((3, 0, 1), (1, 1, 0), offer_cost=7.5, contact_cost=1.0, value=200.0)
    with measured.new_uow() as uow:
        for number, status in ((1, Status.ACCEPTED), (2, Status.NO_ANSWER), (4, Status.REACHED)):
            member = uow.campaigns.member(ONE, number)
            uow.campaigns.save_member(ONE, replace(member, status=status, version=member.version + 1))
        uow.commit()

    effect = measured.close(ONE, based_on=1, by=by(OWNER)).effect

    assert effect is not None
    assert (effect.spent, effect.value) == (10.5, 200.0)
    assert effect.money.kept == pytest.approx(1.5)  # 3 with an outcome, half of the controls left
    assert effect.money.gain == pytest.approx(1.5 * 200.0 - 10.5)


def test_only_those_who_direct_it_close_it_and_nobody_closes_what_changed_meanwhile(measured: Measured) -> None:
    measured.usual((3, 1, 0), (1, 1, 0))
    with pytest.raises(NotFound):
        measured.close(ONE, based_on=1, by=by(STRANGER))
    with measured.new_uow() as uow:
        uow.campaigns.save(replace(measured.campaign(), shared=True, version=2))
        uow.commit()
    with pytest.raises(NotAllowed):
        measured.close(ONE, based_on=2, by=by(VIEWER))
    with pytest.raises(Conflict, match="in the meantime"):
        measured.close(ONE, based_on=1, by=by(OWNER))
    assert measured.campaign().state is CampaignState.RUNNING


def test_a_campaign_without_controls_is_closed_without_a_difference(measured: Measured) -> None:
    measured.usual((3, 1, 0), (0, 0, 0))

    effect = measured.close(ONE, based_on=1, by=by(OWNER)).effect

    assert effect is not None
    assert (effect.plain.low, effect.plain.high) == (-1.0, 1.0)
    assert effect.control == Group(0, 0)
