"""A customer who is erased leaves figures in campaigns, and is named nowhere."""

from __future__ import annotations

from domain.campaign_members import CampaignEvent, EventKind
from domain.prediction import Reason
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow
from tests.contract.persistence.test_campaigns import ONE, a_control, started


def test_an_erased_customer_leaves_only_figures(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a_control(2))
    with new_uow() as uow:
        before = uow.campaigns.totals(ONE)
        uow.campaigns.record(ONE, [CampaignEvent(at(), "Person", EventKind.NOTE, 1, "", "Call later")])
        assert [member.number for _, member in uow.campaigns.of_customer("C-2")] == [2]
        assert (uow.campaigns.erase_customer("C-1"), uow.campaigns.erase_customer("C-2")) == (1, 1)
        assert uow.campaigns.erase_customer("C-1") == 0
        assert uow.campaigns.of_customer("C-1") == uow.campaigns.of_customer("") == []
        assert uow.campaigns.totals(ONE) == before
        assert list(uow.campaigns.keys(ONE)) == list(uow.campaigns.held_customers()) == []
        assert uow.campaigns.events(ONE, 1) == []
        erased = uow.campaigns.member(ONE, 1)
        assert (erased.customer_id, erased.row, erased.message, erased.reasons) == ("", None, "", ())


def test_an_erased_customer_is_named_nowhere_else(new_uow: NewUow) -> None:
    reasons = (Reason("Referred by", "a friend of 7590-VHVEG", 0.2),)
    other = a.a_member(2, reasons=reasons, message="7590-VHVEG says hello.", note="Knows 7590-VHVEG, not 7590-VHVEG0.")
    started(new_uow, a.a_member(1, customer_id="7590-VHVEG"), other)
    with new_uow() as uow:
        kept = CampaignEvent(at(), "Person", EventKind.NOTE, 2, "", "Call later")
        uow.campaigns.record(ONE, [CampaignEvent(at(), "Person", EventKind.NOTE, 2, "", "Knows 7590-VHVEG"), kept])
        assert uow.campaigns.erase_customer("7590-VHVEG") == 1
        member = uow.campaigns.member(ONE, 2)
        assert member.note == "Knows (erased), not 7590-VHVEG0."
        assert member.message == "(erased) says hello."
        assert member.reasons == (Reason("Referred by", "a friend of (erased)", 0.2),)
        assert uow.campaigns.events(ONE, 2) == [kept]
