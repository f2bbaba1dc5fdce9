"""A person works a campaign's list by keyboard alone, and its pages have no accessibility problem in either theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect as expect_that

from application.ports.campaign_records import MemberQuery
from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignId, CampaignState
from domain.campaign_members import Side, Status
from entrypoints.application import Application
from tests.builders import a_campaign, a_campaign_plan, a_member
from tests.e2e.site import ROOT
from tests.e2e.test_accessibility import problems_of
from tests.e2e.visitor import Person, Visitor
from tests.integration.web.measured_campaign import Part, measured_campaign

SPRING = CampaignId("spring")


@pytest.fixture
def worker(application: Application, new_person: Callable[..., Person]) -> Person:
    """An analyst with a running campaign of four customers and a control."""
    person = new_person(Role.ANALYST)
    with ports_of(application).new_uow() as uow:
        account = uow.accounts.by_email(person.email)
        assert account is not None
        plan = a_campaign_plan(model_version="v0")
        if any(campaign.id == SPRING for campaign in uow.campaigns.all()):
            uow.campaigns.remove(SPRING)
        uow.campaigns.add(a_campaign(id=SPRING, owner=str(account.id), state=CampaignState.RUNNING, plan=plan))
        members = [*map(a_member, range(1, 5)), a_member(5, customer_id="CONTROL", side=Side.CONTROL)]
        uow.campaigns.add_members(SPRING, members)
        uow.commit()
    return person


def _account_of(application: Application, person: Person) -> str:
    with ports_of(application).new_reading() as uow:
        account = uow.accounts.by_email(person.email)
    assert account is not None
    return str(account.id)


def test_a_list_is_worked_by_keyboard(visit: Callable[..., Visitor], worker: Person, application: Application) -> None:
    visitor = visit(worker)
    page = visitor.page
    visitor.open("/campaigns/spring")

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    press("j", "j")
    expect_that(page.locator("#member-2")).to_be_focused()
    press("4")
    expect_that(page.locator("#member-2 select")).to_have_value("accepted")
    expect_that(page.locator("#member-2")).to_be_focused()
    expect_that(page.locator("#list_answer")).to_contain_text("1 of 4 customers")
    press("u")
    expect_that(page.locator("#member-2 select")).to_have_value("to_contact")
    press("j", "n")
    expect_that(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Call 4 times, just not now")
    press("Tab", "Tab", "Enter")
    expect_that(page.locator("#member-3")).to_contain_text("Call 4 times")
    expect_that(page.locator("#member-3")).to_be_focused()
    press("k", "k", "6")
    expect_that(page.get_by_role("button", name="Opt out")).to_be_focused()
    press("Enter")
    expect_that(page.locator("#member-1")).to_contain_text("Opted out")
    expect_that(page.locator("#member-1")).to_be_focused()
    page.get_by_role("link", name="Assign customers").click()
    expect_that(page.get_by_text("4 customers of this list")).to_be_visible()
    press("Escape", "?")
    expect_that(page.locator("#shortcuts")).to_be_visible()
    press("Escape", "j", "Enter")
    expect_that(page.get_by_role("heading", name="What to say")).to_be_visible()
    with ports_of(application).new_reading() as uow:
        statuses = [member.status for member in uow.campaigns.page(SPRING, MemberQuery()).members]
        assert uow.do_not_contact.contains("C-1")
    assert statuses == [Status.OPTED_OUT, *[Status.TO_CONTACT] * 3]


def test_the_pages_of_a_campaign_have_no_accessibility_problem(
    visit: Callable[..., Visitor], worker: Person, application: Application
) -> None:
    harmed = Part(Side.CONTACT, 60, 100, 40), Part(Side.CONTROL, 190, 10)
    measured_campaign(ports_of(application).new_uow, *harmed, id="measured", owner=_account_of(application, worker))
    axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
    visitor = visit(worker)
    paths = ("/campaigns/spring", "/campaigns/spring/members/1", "/campaigns/spring/export", "/campaigns/spring/cards")
    effect = ("/campaigns/spring/effect", "/campaigns/measured/effect", "/campaigns")
    found = {path: problems_of(visitor, axe, path) for path in (*paths, *effect, "/campaigns/mine")}
    assert {path: problems for path, problems in found.items() if problems} == {}
