"""The whole loop in one browser: prediction, campaign, list, outcomes, effect, playbook, next prediction."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect as expect_that

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import Campaign
from domain.campaign_members import Side
from domain.run import RunId
from entrypoints.application import Application
from tests.e2e.site import ROOT, Site
from tests.e2e.test_accessibility import problems_here
from tests.e2e.visitor import Person, Visitor


@pytest.fixture
def base(site: Site) -> Path:
    """A file of 700 customers: enough that the groups of a campaign can be compared."""
    file = site.folder / "base.csv"
    made = site.command("sample", "--out", str(file), "--rows", "700", "--seed", "11", "--unlabelled")
    assert made.returncode == 0, made.stderr
    return file


def next_month(base: Path, application: Application, campaign: Campaign) -> Path:
    """The same customers a month later: of those left alone half have gone, of those contacted one in ten."""
    with ports_of(application).new_reading() as uow:
        keys = list(uow.campaigns.keys(campaign.id))
    controls = [key.customer_id for key in keys if key.side is Side.CONTROL]
    contacted = [key.customer_id for key in keys if key.side is Side.CONTACT]
    gone = {*controls[::2], *contacted[::10]}
    with base.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    later = base.with_name("next-month.csv")
    with later.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row[0] not in gone)])
    return later


def the_campaign(application: Application) -> Campaign:
    with ports_of(application).new_reading() as uow:
        return next(campaign for campaign in uow.campaigns.all() if campaign.name == "Loop")


def test_a_campaign_goes_from_a_prediction_to_the_next_one(
    visit: Callable[..., Visitor], new_person: Callable[..., Person], application: Application, base: Path
) -> None:
    axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
    person = new_person(Role.MANAGER)
    visitor = visit(person)
    page = visitor.page
    first = visitor.predict(base)

    page.get_by_role("link", name="Make a campaign").click()
    page.get_by_label("Name").fill("Loop")
    page.get_by_label("Members at most").fill("240")
    page.get_by_label("Budget for offers").fill("100000")
    page.get_by_label("Left alone").fill("40")
    visitor.press("Show whom it chooses")
    expect_that(page.get_by_role("heading", name="What it can prove")).to_be_visible()
    assert problems_here(visitor, axe) == {}
    start = page.get_by_role("button", name="Start the campaign")
    for members in ("200", "240"):  # worked out again and again on the page that the plan arrived on
        page.get_by_label("Members at most").fill(members)
        expect_that(start).to_be_disabled()
        visitor.press("Work it out again")
        expect_that(start).to_be_enabled()
    start.click()
    page.get_by_role("button", name=re.compile("^Start with 1[0-9][0-9] customers$")).click()
    expect_that(page.locator("tr[data-member]").first).to_be_visible()

    page.get_by_role("link", name="Assign customers").click()
    page.get_by_label(person.name).check()
    visitor.press("Assign")
    expect_that(page.locator(".flashes")).to_be_visible()
    visitor.open("/campaigns/mine")
    page.get_by_role("link", name="Loop").click()
    expect_that(page.locator("#member-1")).to_be_visible()
    page.wait_for_load_state()  # the keys work once the scripts have run
    for key in ("j", "4", "j", "5", "j", "2"):
        page.keyboard.press(key)
    expect_that(page.locator("#member-3 select")).to_have_value("no_answer")
    expect_that(page.locator("#list_answer")).to_contain_text("1 accepted")

    campaign = the_campaign(application)
    visitor.predict(next_month(base, application, campaign))
    visitor.open(f"/campaigns/{campaign.id}/outcomes")
    visitor.press("Show what it says")
    expect_that(page.get_by_role("heading", name="What next-month.csv says")).to_be_visible()
    assert problems_here(visitor, axe) == {}
    visitor.press("Record and close")
    page.get_by_role("link", name="See what it changed").click()
    expect_that(page.locator(".answer").first).to_contain_text("kept")
    assert problems_here(visitor, axe) == {}
    page.get_by_role("button", name=re.compile("^Use in the playbook")).first.click()
    expect_that(page.locator(".flashes")).to_be_visible()

    visitor.open("/admin/playbook")
    expect_that(page.get_by_text("measured in Loop").first).to_be_visible()
    again = visitor.predict(base)
    with ports_of(application).new_reading() as uow:
        earlier, latest = uow.runs.get(RunId(first)), uow.runs.get(RunId(again))
    assert latest.playbook_version == (earlier.playbook_version or 0) + 1
    assert latest.summary is not None
    assert earlier.summary is not None
    assert latest.summary.contacting != earlier.summary.contacting
