"""The pages of the playbook: every change makes a version, and nothing wrong is saved."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from bench.ports import ports_of
from domain.account import Role
from domain.playbook import Channel, Comparison, Condition, Playbook
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.scored_file import the_file, train_and_score


def page(browser: Browser, url: str = "/admin/playbook") -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def fields_of(html: str) -> dict[str, str]:
    """The values of the action's form as it is shown."""
    form = html[html.index('id="action"') :]
    form = form[: form.index("</form>")]
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    (message,) = re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", form, re.S)
    found["message"] = message
    return {name: unescape(value) for name, value in found.items()}


def test_the_page_lists_every_action_with_cost_rate_and_source(office: Office) -> None:
    html = page(office.browser(Role.MANAGER))

    assert "19 actions" in html
    assert html.count(">assumed<") == 19
    assert "10% of the bill for 12 months" in html
    assert "$35.00" in html


def change(browser: Browser, action: str, **changed: str) -> TestResponse:
    """Send the form of an action as it is shown, with some fields changed."""
    fields = fields_of(page(browser, f"/admin/playbook/actions/{action}"))
    return browser.post(f"/admin/playbook/actions/{action}", {**fields, "switched_on": "y", **changed})


def latest(office: Office) -> Playbook:
    with ports_of(office.application).new_reading() as uow:
        return uow.playbooks.latest()


def test_a_changed_cost_makes_a_version_that_is_compared_and_restored(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    saved = change(browser, "welcome-call", contact_cost="7.5", save_rate="22", why="New call centre")

    assert saved.status_code == 303
    playbook = latest(office)
    action = playbook.action("welcome-call")
    assert action is not None
    assert (playbook.version, action.contact_cost, action.save_rate, action.confirmed) == (2, 7.5, 0.22, True)
    first = office.application.playbooks.read_playbook(1, by=office.people[Role.MANAGER]).playbook.action(
        "welcome-call"
    )
    assert first is not None
    assert (first.answers, first.requires, first.message) == (action.answers, action.requires, action.message)
    versions = page(browser, "/admin/playbook/versions")
    assert "Changed “Welcome call”: New call centre" in versions
    assert re.search(r"Cost of a contact.*?\$4\.00.*?\$7\.50", versions, re.S)
    assert browser.post("/admin/playbook/versions/1/restore", {"based_on": "2"}).status_code == 303
    assert (latest(office).version, latest(office).action("welcome-call")) == (3, first)


def test_a_form_with_mistakes_saves_nothing_and_says_what_is_wrong(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    refused = change(
        browser, "welcome-call", contact_cost="-3", save_rate="often", name="", **{"answers-0-attributes": ""}
    )

    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Enter a number from 0 to 1000000000." in html
    assert "“often” is not a number." in html
    assert "Name at least one attribute" in html
    assert 'value="often"' in html
    assert latest(office).version == 1


def test_a_form_that_was_opened_before_somebody_elses_change_is_refused(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    change(browser, "welcome-call", contact_cost="5")

    refused = change(browser, "retention-call", contact_cost="9", based_on="1")

    assert refused.status_code in (409, 422)
    html = refused.get_data(as_text=True)
    assert "The playbook was changed in the meantime" in html
    assert latest(office).version == 2
    fields = fields_of(html)
    assert (fields["based_on"], fields["contact_cost"]) == ("2", "9")
    again = browser.post("/admin/playbook/actions/retention-call", fields)
    assert again.status_code == 303
    assert latest(office).version == 3


def test_what_changes_the_whole_playbook_is_refused_with_the_playbook_as_it_is_now(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    change(browser, "welcome-call", contact_cost="5")
    change(browser, "welcome-call", contact_cost="6")
    for path in ("confirm", "versions/1/restore", "actions/welcome-call/remove"):
        refused = browser.post(f"/admin/playbook/{path}", {"based_on": "2", "action": "welcome-call"})
        assert (refused.status_code, refused.headers["Location"]) == (303, "/admin/playbook")
        assert "The playbook was changed in the meantime" in page(browser, "/admin/playbook")
    assert latest(office).version == 3


def test_a_new_action_is_added_and_removed(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    fields = fields_of(page(browser, "/admin/playbook/actions/new"))

    browser.post(
        "/admin/playbook/actions/new",
        {
            **fields,
            "name": "Data gift: 5 GB!",
            "message": "We give you 5 GB.",
            "save_rate": "10",
            "channel": "sms",
            "switched_on": "y",
            "answers-0-attributes": "*",
            "requires-0-attributes": "tenure, Months",
            "requires-0-test": "at_least",
            "requires-0-values": "12",
        },
    )

    added = latest(office).action("data-gift-5-gb")
    assert added is not None
    assert (added.channel, added.save_rate, added.answers) == (Channel.SMS, 0.1, (Condition(("*",)),))
    assert added.requires == (Condition(("tenure", "Months"), Comparison.AT_LEAST, limit=12.0),)
    assert "Remove Data gift: 5 GB!?" in page(browser, "/admin/playbook/actions/data-gift-5-gb/remove")
    browser.post("/admin/playbook/actions/data-gift-5-gb/remove", {"based_on": "2"})
    assert latest(office).action("data-gift-5-gb") is None


HOSTILE = "<img src=x>"


@pytest.fixture
def with_a_run(office: Office) -> Office:
    """With a prediction of customers whose contract is a tag."""
    train_and_score(office, file=the_file("generated").replace(b"Month-to-month", HOSTILE.encode()))
    return office


def previewed(browser: Browser, action: str, **changed: str) -> str:
    """The preview of an action's form, with some fields changed."""
    fields = fields_of(page(browser, f"/admin/playbook/actions/{action}")) | {"switched_on": "y", **changed}
    answer = browser.post(f"/admin/playbook/preview?action={action}", fields, htmx=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_preview_shows_what_a_change_would_recommend(with_a_run: Office) -> None:
    browser = with_a_run.browser(Role.ADMIN)
    counted = r"([\d,]+) customers?\s+<span[^>]*>([\d,]+) before"

    assert "Reading the latest prediction" in page(browser, "/admin/playbook/actions/retention-call")
    (before,) = re.findall(counted, previewed(browser, "retention-call"))
    assert before[0] == before[1] != "0"
    (dear,) = re.findall(counted, previewed(browser, "retention-call", contact_cost="100000"))
    assert dear == ("0", before[1])
    assert "Other actions" in previewed(browser, "retention-call", contact_cost="100000")
    assert "Complete the form" in previewed(browser, "retention-call", contact_cost="much")
    assert latest(with_a_run).version == 1


def test_the_preview_fills_the_message_in_for_one_customer(with_a_run: Office) -> None:
    browser = with_a_run.browser(Role.ADMIN)
    message = "Hello.|You have {contract} & {Internet Service} for {bill}.|You roam in {Roaming}."

    html = previewed(browser, "retention-call", message=message, offer_fixed="15")

    (bill,) = re.findall(r"For a customer who pays (\$\d+\.00) a month:", html)
    (said,) = re.findall(r"<blockquote[^>]*>\s*(.*?)\s*</blockquote>", html)
    assert said in [f"Hello. You have &lt;img src=x&gt; &amp; {kind} for {bill}." for kind in ("Fiber optic", "DSL")]
    assert re.search(r"The offer costs</dt>\s*<dd[^>]*>\s*\$15\.00\s*<", html)
    assert re.search(r"Expected to earn</dt>\s*<dd[^>]*>\s*\$\d+\.\d\d\s*<", html)
    assert "There is no attribute called “Roaming” in the current model" in html
    assert "Left out, since this customer has no such value: “You roam in {Roaming}.”" in html
    assert "-AAAAA" not in html
    assert HOSTILE not in html


def test_the_preview_says_whom_an_action_that_is_not_recommended_may_be_offered_to(with_a_run: Office) -> None:
    browser = with_a_run.browser(Role.ADMIN)

    dear = previewed(browser, "retention-call", contact_cost="1000")
    condition = {"requires-0-attributes": "Contract", "requires-0-test": "is", "requires-0-values": "x"}
    nobody = previewed(browser, "retention-call", **condition)

    assert re.search(r"who pays \$\d+\.00 a month, to whom it may be offered but is not recommended:", dear)
    assert re.search(r"Expected to earn</dt>\s*<dd[^>]*>\s*−\$", dear)
    assert "No customer of it may get this action" in nobody


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Hi {", "The braces at “{” do not match."),
        ("Hi {}", "There is no name between the braces."),
        ("Hi {a{b}", "The braces at “{a{b}” do not match."),
        ("Hi {Customer ID}", "“{Customer ID}” cannot be filled in: such a column identifies a customer or a person"),
        ("Hi {first name}", "“{first name}” cannot be filled in"),
    ],
)
def test_a_message_that_cannot_be_filled_in_is_refused_at_its_field(office: Office, message: str, words: str) -> None:
    browser = office.browser(Role.MANAGER)

    refused = change(browser, "welcome-call", message=message)

    html = unescape(refused.get_data(as_text=True))
    assert refused.status_code == 422
    assert words in html[html.index('name="message"') :][:900]
    assert words in unescape(previewed(browser, "welcome-call", message=message))
    assert latest(office).version == 1


def test_a_message_with_a_column_is_the_same_after_an_export_and_an_import(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    message = "Hello.|You have {Contract}, “{monthly charges}”: {bill}"
    assert change(browser, "welcome-call", message=message).status_code == 303
    text = page(browser, "/admin/playbook/export.yaml")
    browser.post("/admin/playbook/versions/1/restore", {"based_on": "2"})

    taken = browser.post("/admin/playbook/import", {"based_on": "3", "file": (io.BytesIO(text.encode()), "p.yaml")})
    personal = text.replace("{monthly charges}", "{Surname}").encode()
    refused = browser.post("/admin/playbook/import", {"based_on": "4", "file": (io.BytesIO(personal), "p.yaml")})

    assert taken.status_code == 303
    action = latest(office).action("welcome-call")
    assert action is not None
    assert action.message == message
    assert refused.status_code == 422
    assert "“Welcome call”, message: “{Surname}” cannot be filled in" in unescape(refused.get_data(as_text=True))


def test_the_playbook_leaves_as_yaml_and_comes_back(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    text = page(browser, "/admin/playbook/export.yaml")
    dearer = text.replace("contact_cost: 6.0", "contact_cost: 6.5")

    same = browser.post("/admin/playbook/import", {"based_on": "1", "file": (io.BytesIO(text.encode()), "p.yaml")})
    taken = browser.post("/admin/playbook/import", {"based_on": "1", "file": (io.BytesIO(dearer.encode()), "p.yaml")})

    assert same.status_code == 422
    assert "same actions" in same.get_data(as_text=True)
    assert taken.status_code == 303
    assert latest(office).version == 2
    assert {action.contact_cost for action in latest(office).actions if action.id == "retention-call"} == {6.5}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"actions: [", "The file is not YAML in line 1, column 11"),
        (b"\xff\xfe", "not UTF-8"),
        (b"just words", "list of actions under the key"),
        (b"actions:\n- id: a\n  name: A\n  message: M\n  save_rate: 3\n", "save rate: Enter a number from 0 to 1."),
        (b"!!python/object/apply:os.system ['true']", "not YAML"),
        (b"", "list of actions"),
    ],
)
def test_a_file_that_is_no_playbook_is_refused_where_it_is_wrong(office: Office, content: bytes, words: str) -> None:
    browser = office.browser(Role.MANAGER)

    refused = browser.post("/admin/playbook/import", {"based_on": "1", "file": (io.BytesIO(content), "p.yaml")})

    assert refused.status_code == 422
    assert words in unescape(refused.get_data(as_text=True))
    assert latest(office).version == 1


def test_seeded_actions_are_confirmed_together(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    browser.post("/admin/playbook/confirm", {"based_on": "1", "action": ["welcome-call", "retention-call"]})

    assert {action.id for action in latest(office).actions if action.confirmed} == {"welcome-call", "retention-call"}
    assert "has confirmed" in page(browser)
