"""What each kind of person does in a day, with what goes wrong on the way: back and forward, two tabs, double clicks,
an ended session. Other files follow single jobs: test_first_steps, test_main_job, test_campaign_loop, test_training."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from domain.account import Role
from tests.e2e.conftest import Finished
from tests.e2e.site import Site, serving
from tests.e2e.visitor import PASSWORD, Person, Visitor, expect_that, table_rows

Visit = Callable[..., Visitor]
NewPerson = Callable[..., Person]


def another_tab(visitor: Visitor, path: str) -> Page:
    page = visitor.context.new_page()
    page.goto(visitor.site.url + path)
    return page


def first_ids(page: Page) -> list[str]:
    return [cells[0] for cells in table_rows(page.locator("#customers_table table"))][:3]


def test_an_analyst_goes_back_and_forward_and_works_in_two_tabs(
    visit: Visit, site: Site, analyst: Person, customers: Path
) -> None:
    visitor = visit(analyst)
    page = visitor.page
    run = visitor.predict(customers)
    seen = [(page.url, first_ids(page))]
    for step in (
        lambda: page.get_by_label("Label", exact=True).select_option("staying"),
        lambda: page.get_by_role("columnheader", name="Risk").get_by_role("link").click(),
        lambda: page.get_by_role("link", name="Next page").click(),
    ):
        with visitor.refreshed("#customers_table"):
            step()
        seen.append((page.url, first_ids(page)))
    assert len({url for url, _ in seen}) == 4
    for url, ids in reversed(seen[:-1]):
        page.go_back()
        expect_that(page).to_have_url(url)
        expect_that(page.locator("#customers_table a.id").first).to_have_text(ids[0])
    page.go_forward()
    expect_that(page).to_have_url(seen[1][0])
    expect_that(page.locator("#customers_table a.id").first).to_have_text(seen[1][1][0])
    expect_that(page.get_by_label("Label", exact=True)).to_have_value("staying")

    panel = page.locator("#customer-panel")
    page.locator("tr[data-customer] td.wide").nth(1).click()
    heading = panel.get_by_role("heading", name=f"Customer {seen[1][1][1]}")
    expect_that(heading).to_be_visible()
    address = page.url
    assert re.search(r"label=staying.*#customer-\d+$", address)
    page.go_back()
    expect_that(panel).to_be_hidden()
    page.go_forward()
    expect_that(heading).to_be_visible()
    sent = visitor.context.new_page()
    sent.goto(address)
    expect_that(sent.get_by_role("heading", name=f"Customer {seen[1][1][1]}")).to_be_visible()
    sent.close()
    page.reload()
    expect_that(heading).to_be_visible()
    page.keyboard.press("Escape")
    expect_that(page).to_have_url(seen[1][0])

    with page.expect_navigation(url=re.compile(r"/login\?.*expired=1")):
        visitor.context.clear_cookies()
        page.get_by_role("columnheader", name="Risk").get_by_role("link").click()
    visitor.fill_in_log_in(analyst)
    expect_that(page).to_have_url(seen[1][0])
    expect_that(page.get_by_label("Label", exact=True)).to_have_value("staying")

    other = another_tab(visitor, f"/history/{run}/rename")
    other.get_by_label("New name").fill("renamed.csv")
    other.get_by_role("button", name="Rename").click()
    other.get_by_role("link", name="renamed.csv", exact=True).wait_for()
    page.reload()
    expect_that(page.get_by_role("heading", level=1)).to_contain_text("renamed.csv")
    page.get_by_role("link", name="Make a campaign").click()
    page.get_by_label("Name").fill("Twice")
    page.get_by_role("button", name="Show whom it chooses").dblclick()
    page.wait_for_url(re.compile(r"/campaigns/(?!new)"))
    expect_that(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert site.sql("select count(*) from campaigns where name = 'Twice'") == [(1,)]

    visitor.open(f"/predictions/{run}")
    other.goto(f"{site.url}/predictions/{run}")
    other.get_by_role("button", name="Delete prediction").click()
    other.get_by_role("dialog").get_by_role("button", name="Delete prediction").click()
    other.wait_for_url("**/history**")
    page.get_by_label("Risk band").select_option("high")
    expect_that(page.locator(".toast")).to_contain_text("This no longer exists.")
    expect_that(page.locator("#customers_table")).to_be_visible()


def test_a_viewer_a_manager_and_an_administrator_do_what_they_may(
    visit: Visit, site: Site, new_person: NewPerson, finished: Finished
) -> None:
    viewer, manager, administrator = (visit(new_person(role)) for role in (Role.VIEWER, Role.MANAGER, Role.ADMIN))

    page = viewer.page
    viewer.open("/dashboard")
    for name in ("New prediction", "Train a model", "Admin"):
        expect_that(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    assert viewer.open("/predictions/new").status == 403
    expect_that(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert viewer.open(f"/predictions/{finished.run}").status == 404

    page = manager.page
    manager.open("/history")
    expect_that(page.get_by_role("link", name="customers.csv", exact=True).first).to_be_visible()
    manager.open("/admin/economics")
    page.get_by_label("Margin").fill("0")
    page.get_by_label("Save rate").fill("120")
    manager.press("Save economics")
    expect_that(page.locator(".is-invalid")).to_have_count(2)
    expect_that(page.locator(".is-invalid").first).to_be_focused()
    page.reload()
    assert manager.open("/admin/users").status == 403

    page = administrator.page
    administrator.open("/admin/predictions")
    page.get_by_role("button", name="Delete many").click()
    administrator.press("See which")
    dialog = page.get_by_role("dialog", name="Delete many predictions")
    expect_that(dialog).to_contain_text("Choose an owner, a minimum age, or both.")
    dialog.get_by_role("button", name="Cancel").click()
    expect_that(page.get_by_role("link", name="customers.csv", exact=True).first).to_be_visible()

    administrator.open("/admin/users")
    page.get_by_role("link", name="Invite a user").click()
    expect_that(page.get_by_role("dialog").get_by_label("Email")).to_be_focused()
    page.keyboard.type("twice@telco.example.com")
    page.get_by_role("button", name="Make an invitation").dblclick()
    expect_that(page.locator("#one-time-link")).to_contain_text("/invitation/")
    assert site.sql("select count(*) from one_time_links where email = 'twice@telco.example.com'") == [(1,)]
    link = page.locator("#one-time-link").inner_text()
    guest = visit()
    guest.page.goto(link)
    guest.page.get_by_label("Full name").fill(" ")
    guest.page.get_by_label("Password", exact=True).fill("password1234")
    guest.page.get_by_label("Confirm password").fill("something else")
    guest.press("Create account")
    expect_that(guest.page.locator(".is-invalid")).to_have_count(3)
    guest.page.get_by_label("Full name").fill("Invited Ncube")
    guest.page.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.page.get_by_label("Confirm password").fill(PASSWORD)
    guest.press("Create account")
    guest.page.wait_for_url("**/dashboard")
    administrator.open("/admin/audit?q=v0")
    expect_that(page.get_by_role("main")).to_contain_text("made its model the champion")


def test_a_first_visitor_sets_up_predicts_and_lets_a_second_person_in(
    visit: Visit, with_starter: Path, customers: Path, tmp_path: Path
) -> None:
    with serving(tmp_path, copy_of=with_starter) as fresh:
        visitor = visit(at=fresh)
        page = visitor.page
        page.goto(fresh.set_up_link)
        page.get_by_label("Full name").fill("First Moyo")
        page.get_by_label("Email").fill("first at telco")
        page.get_by_label("Password", exact=True).fill("password1234")
        page.get_by_label("Confirm password").fill("password12345")
        page.get_by_label("Currency").fill("XQX")
        visitor.press("Create account")
        expect_that(page.locator(".is-invalid")).to_have_count(4)
        expect_that(page.get_by_label("Full name")).to_have_value("First Moyo")
        page.get_by_label("Email").fill("first@telco.example.com")
        page.get_by_label("Currency").fill("EUR")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Confirm password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").dblclick()
        page.wait_for_url("**/dashboard")
        assert fresh.sql("select count(*) from accounts where role = 'admin'") == [(1,)]

        page.get_by_role("main").get_by_role("link", name=re.compile("own file|customer file|prediction")).first.click()
        page.wait_for_url("**/predictions/new")
        visitor.choose(customers)
        page.get_by_role("button", name="Predict churn").dblclick()
        visitor.wait_for_result()
        assert "€" in visitor.answer
        assert fresh.sql("select count(*) from runs") == [(1,)]

        second = visit(at=fresh)
        second.open("/register")
        second.page.get_by_label("Full name").fill("Second Dube")
        second.page.get_by_label("Email").fill("second@telco.example.com")
        second.page.get_by_label("Password", exact=True).fill(PASSWORD)
        second.page.get_by_label("Confirm password").fill(PASSWORD)
        second.press("Create account")
        second.page.wait_for_url("**/login")
        second.fill_in_log_in(Person("Second Dube", "second@telco.example.com"))
        second.page.wait_for_url("**/dashboard")
        second.open("/history")
        expect_that(second.page.get_by_text("No predictions yet.")).to_be_visible()
        for own in (visitor, second):
            own.page.goto("about:blank")
