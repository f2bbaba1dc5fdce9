"""Coming in: set up, create an account, log in, log out, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.e2e.conftest import Finished
from tests.e2e.site import Site
from tests.e2e.visitor import PASSWORD, Person, Visitor, expect_that

Visit = Callable[..., Visitor]


def test_the_one_time_link_makes_an_administrator_and_works_once(
    visit: Visit, site: Site, administrator: Person
) -> None:
    assert site.sql("select role from accounts where email = ?", administrator.email) == [("admin",)]
    visitor = visit(administrator)
    visitor.open("/dashboard")
    expect_that(visitor.page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
    stranger = visit()
    answer = stranger.page.goto(site.set_up_link)
    assert answer is not None
    assert answer.status in (404, 409, 410, 422)
    expect_that(stranger.page.get_by_role("button", name="Create account")).to_have_count(0)


def test_set_up_and_first_prediction_cause_no_console_errors(
    administrator: Person, finished: Finished, troubles_of_fixtures: list[str]
) -> None:
    assert administrator
    assert finished
    assert troubles_of_fixtures == []


def test_a_new_person_creates_an_account_and_logs_in_as_analyst(visit: Visit, site: Site) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open("/")
    page.get_by_role("link", name="Create account").first.click()
    page.get_by_label("Full name").fill("Billing Dube")
    page.get_by_label("Email").fill("new.analyst@telco.example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    visitor.press("Create account")
    page.wait_for_url("**/login")
    expect_that(page.get_by_label("Email")).to_have_value("new.analyst@telco.example.com")
    visitor.fill_in_log_in(Person("Billing Dube", "new.analyst@telco.example.com"))
    page.wait_for_url("**/dashboard")
    expect_that(page.get_by_text("Billing Dube").first).to_be_visible()
    assert site.sql("select role from accounts where email = 'new.analyst@telco.example.com'") == [("analyst",)]


def test_an_invalid_form_shows_errors_next_to_its_fields(visit: Visit, site: Site) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open("/register")
    for email, password, again, wrong in (
        ("nobody@telco.example.com", PASSWORD, "something else", "Confirm password"),
        ("not an address", PASSWORD, PASSWORD, "Email"),
        ("nobody@telco.example.com", "password1234", "password1234", "Password"),
    ):
        page.get_by_label("Full name").fill("Nobody")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_label("Confirm password").fill(again)
        with page.expect_response("**/register") as answered:
            visitor.press("Create account")
        assert answered.value.status == 422
        expect_that(page.get_by_label(wrong, exact=True)).to_have_class(re.compile("is-invalid"))
        expect_that(page.locator(".is-invalid")).to_have_count(1)
        expect_that(page.get_by_label("Email")).to_have_value(email)
    assert site.sql("select count(*) from accounts where name = 'Nobody'") == [(0,)]


def test_unknown_and_known_emails_get_the_same_refusal(visit: Visit, analyst: Person) -> None:
    said = []
    for email in (analyst.email, "nobody@telco.example.com"):
        visitor = visit()
        visitor.open("/login")
        visitor.fill_in_log_in(Person("", email, "a wrong password here"))
        note = visitor.page.locator("form .note")
        note.wait_for()
        said.append(note.inner_text())
    assert said[0] == said[1]


def test_logging_in_returns_to_the_requested_page(visit: Visit, analyst: Person) -> None:
    visitor = visit()
    visitor.open("/history?q=march")
    visitor.page.wait_for_url(re.compile(r"/login\?next="))
    visitor.fill_in_log_in(analyst)
    expect_that(visitor.page).to_have_url(f"{visitor.site.url}/history?q=march")


def test_after_logging_out_the_back_button_shows_nothing(visit: Visit, finished: Finished) -> None:
    visitor = visit().log_in(finished.owner)
    visitor.open(f"/predictions/{finished.run}")
    visitor.open("/profile")
    visitor.press("Log out")
    visitor.page.wait_for_url("**/login")
    visitor.page.go_back()
    visitor.page.wait_for_url(re.compile(r"/login\?next="))
    expect_that(visitor.page.get_by_text(finished.owner.name)).to_have_count(0)
    visitor.page.go_back()
    expect_that(visitor.page).to_have_url(re.compile(rf"/login\?next=.*{finished.run}"))
    expect_that(visitor.page.get_by_text("likely to leave").first).not_to_contain_text("of 110 customers")


def test_an_expired_session_leads_back_to_the_same_page_through_the_log_in(visit: Visit, finished: Finished) -> None:
    visitor = visit(finished.owner)
    visitor.open(f"/predictions/{finished.run}")
    visitor.context.clear_cookies()
    visitor.page.get_by_label("Risk band").select_option("high")
    visitor.page.wait_for_url(re.compile(r"/login\?.*expired=1"))
    expect_that(visitor.page.get_by_text("Your session has ended")).to_be_visible()
    visitor.fill_in_log_in(finished.owner)
    visitor.page.wait_for_url(f"**/predictions/{finished.run}")
    expect_that(visitor.page.locator("#result")).to_be_visible()

    visitor.open("/profile")
    name = visitor.page.get_by_label("Full name")
    name.fill("Ana After A Break")
    visitor.context.clear_cookies()
    with visitor.page.expect_navigation(url=re.compile(r"/login\?next=(/|%2F)profile&expired=1")):
        name.press("Enter")
    visitor.fill_in_log_in(finished.owner)
    visitor.page.wait_for_url("**/profile")
    expect_that(name).to_have_value("Ana After A Break")
    expect_that(visitor.page.get_by_text("What you had typed is here again.")).to_be_visible()
    visitor.page.reload()
    expect_that(name).to_have_value(finished.owner.name)


def test_a_dropped_file_that_misses_its_box_or_is_one_of_two_is_not_taken(visit: Visit, analyst: Person) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/predictions/new")
    drop = """([selector, count]) => {
        const data = new DataTransfer();
        for (let n = 0; n < count; n += 1) data.items.add(new File(["a,b"], `customers-${n}.csv`));
        const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
        document.querySelector(selector).dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert page.evaluate(drop, ["h1", 1]) is True
    expect_that(page.locator(".toast")).to_contain_text("Drop the file into the box for it.")
    assert page.evaluate(drop, ["[data-drop]", 2]) is True
    expect_that(page.locator(".toast")).to_contain_text("Drop one file.")
    assert page.evaluate("document.querySelector('[data-drop] input').files.length") == 0
    assert page.evaluate(drop, ["[data-drop]", 1]) is True
    expect_that(page.locator("[data-file-name]")).to_have_text("customers-0.csv")


def tab_to(page: Page, wanted: Locator, *, within: int = 60) -> None:
    """Press Tab until the focus is there; a person without a mouse has no other way."""
    wanted.first.wait_for()
    for _ in range(within):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("element => element === document.activeElement"):
            shown = wanted.first.evaluate(
                "element => { const style = getComputedStyle(element); "
                "return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
            )
            assert shown, "what has the focus shows it"
            return
    raise AssertionError(f"{within} times Tab did not reach {wanted}")


def test_everything_to_a_result_works_by_keyboard_alone(visit: Visit, finished: Finished) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open("/login")
    tab_to(page, page.get_by_label("Email"))
    page.keyboard.type(finished.owner.email)
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(finished.owner.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    page.keyboard.press("Tab")
    expect_that(page.locator(".skip")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="History", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/history")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_that(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="customers.csv", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/predictions/*")
    expect_that(page.locator("#result")).to_be_visible()
    tab_to(page, page.get_by_label("Find a customer"))
    with visitor.refreshed("#customers_table"):
        page.keyboard.type("zzz no such customer")
    expect_that(page.get_by_text("No customer matches")).to_be_visible()
    expect_that(page.get_by_label("Find a customer")).to_be_focused()
