"""Guessing which emails have accounts, passwords and links."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from tests.integration.web.conftest import PASSWORD, Browser, JobsLeftAlone, Office
from tests.integration.web.moves import NEW_PASSWORD, movable_clock, reset_by, reset_link


class CountingHasher:
    """Delegates to a hasher, and counts how often it compares."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked = inner, 0

    def hash(self, password: str) -> str:
        return str(self.inner.hash(password))

    def verify(self, password: str, hashed: str | None) -> bool:
        self.asked += 1
        return bool(self.inner.verify(password, hashed))

    def is_outdated(self, hashed: str) -> bool:
        return bool(self.inner.is_outdated(hashed))


def test_log_in_says_the_same_for_unknown_emails_and_wrong_passwords(office: Office) -> None:
    known = office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
    unknown = office.browser().log_in("nobody@telco.example.com", "not the password")

    assert known.status_code == unknown.status_code == 422
    assert _words(known, office.people[Role.VIEWER].email) == _words(unknown, "nobody@telco.example.com")


def test_a_hash_is_compared_for_unknown_emails_too(office: Office) -> None:
    hasher = CountingHasher(office.application.accounts.log_in.hasher)
    office.replace_everywhere("hasher", hasher)

    office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
    office.browser().log_in("nobody@telco.example.com", "not the password")

    assert hasher.asked == 2


def test_log_in_says_the_same_for_disabled_and_unknown_accounts(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    office.application.administration.disable_account(viewer.id, by=Actor(office.people[Role.ADMIN]))

    disabled = office.browser().log_in(viewer.email)
    unknown = office.browser().log_in("nobody@telco.example.com")

    assert _words(disabled, viewer.email) == _words(unknown, "nobody@telco.example.com")


def test_registration_says_the_same_for_new_and_taken_emails(office: Office) -> None:
    answers = []
    for email in (office.people[Role.VIEWER].email, "new@telco.example.com"):
        browser = office.browser()
        answer = browser.register(email)
        answers.append((answer.status_code, answer.headers["Location"], _words(browser.get("/login"), email)))

    assert answers[0] == answers[1]
    assert office.browser().log_in(office.people[Role.VIEWER].email).status_code == 303, "its password is as it was"


def test_a_hundred_wrong_passwords_are_throttled_and_the_right_one_works_after_waiting(office: Office) -> None:
    clock = movable_clock(office)
    person = office.people[Role.VIEWER]
    browser = office.browser()
    refused = slowed = 0
    for _ in range(100):
        answer = browser.log_in(person.email, "not the password")
        refused += answer.status_code == 422
        slowed += answer.status_code == 429
    waiting = browser.log_in(person.email)

    assert refused == 5, "then every attempt has to wait"
    assert slowed == 95
    assert waiting.status_code == 429
    assert 0 < int(_seconds(waiting)) <= 300
    clock.move(minutes=5)
    assert browser.log_in(person.email).status_code == 303


def test_throttling_is_the_same_for_emails_without_an_account(office: Office) -> None:
    movable_clock(office)
    browser = office.browser()

    answers = [browser.log_in("nobody@telco.example.com", "not the password").status_code for _ in range(7)]

    assert answers == [422] * 5 + [429] * 2


def test_throttling_survives_a_restart(office: Office) -> None:
    for _ in range(12):
        answer = office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
        if answer.status_code == 422:
            continue
        break

    again = create_application(Settings(data_dir=office.folder, bcrypt_cost=4, test=True), jobs=JobsLeftAlone())

    try:
        assert Browser(again).log_in(office.people[Role.VIEWER].email).status_code == 429
    finally:
        with again.app_context():
            again.extensions["sqlalchemy"].engine.dispose()


def test_repeated_registration_is_throttled_equally_for_known_and_new_emails(office: Office) -> None:
    clock = movable_clock(office)
    answers = []
    for email in (office.people[Role.VIEWER].email, "new@telco.example.com"):
        browser = office.browser()
        answers.append([browser.register(email).status_code for _ in range(7)])
        clock.move(minutes=5)
        answers[-1].append(browser.register(email).status_code)

    assert answers[0] == answers[1] == [303] * 5 + [429] * 2 + [303]


def test_one_address_cannot_register_accounts_without_end(office: Office) -> None:
    movable_clock(office)
    browser = office.browser()

    answers = [browser.register(f"shop{number}@telco.example.com").status_code for number in range(22)]

    assert answers == [303] * 20 + [429] * 2
    with ports_of(office.application).new_reading() as uow:
        assert sum(account.email.startswith("shop") for account in uow.accounts.all()) == 20


@pytest.mark.parametrize(
    ("url", "field", "others"),
    [
        ("/profile/password", "current_password", {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}),
        ("/profile", "account-current_password", {"account-name": "Shop", "account-email": "new@telco.example.com"}),
        ("/profile/delete", "delete-current_password", {"delete-sure": "y"}),
    ],
)
def test_attempts_at_the_current_password_are_throttled(
    office: Office, url: str, field: str, others: dict[str, str]
) -> None:
    clock = movable_clock(office)
    browser = office.browser(Role.ANALYST)

    guesses = [browser.post(url, {**others, field: "not it at all"}, htmx=True) for _ in range(7)]
    right_too_soon = browser.post(url, {**others, field: PASSWORD}, htmx=True)

    assert [answer.status_code for answer in guesses] == [422] * 5 + [429] * 2
    assert right_too_soon.status_code == 429
    assert int(right_too_soon.headers["Retry-After"]) > 0
    assert "Please wait" in right_too_soon.get_data(as_text=True), "in place, as the form itself"
    clock.move(minutes=5)
    assert browser.post(url, {**others, field: PASSWORD}, htmx=True).headers["HX-Redirect"]


def test_throttling_applies_to_every_form_that_asks_for_the_current_password(office: Office) -> None:
    movable_clock(office)
    browser = office.browser(Role.ANALYST)
    change = {"current_password": "not it at all", "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    for _ in range(5):
        browser.post("/profile/password", change)

    answer = browser.post("/profile/delete", {"delete-sure": "y", "delete-current_password": PASSWORD})

    assert answer.status_code == 429
    assert browser.get("/profile").status_code == 200


@pytest.mark.parametrize("kind", ["reset", "setup", "invitation"])
def test_guessing_links_is_throttled(office: Office, kind: str) -> None:
    clock = movable_clock(office)
    browser = office.browser()

    guesses = [browser.get(f"/{kind}/guess-{number}").status_code for number in range(22)]
    posted = browser.post(f"/{kind}/another-guess", {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD})

    assert guesses == [404] * 20 + [429] * 2
    assert posted.status_code == 429
    assert int(posted.headers["Retry-After"]) > 0
    clock.move(minutes=5)
    assert browser.get(f"/{kind}/yet-another").status_code == 404


def test_a_valid_link_works_after_others_were_throttled(office: Office) -> None:
    clock = movable_clock(office)
    token = reset_link(office)
    for number in range(25):
        office.browser().get(f"/reset/guess-{number}")

    assert office.browser().get(f"/reset/{token}").status_code == 429, "slowed down from this address"
    clock.move(minutes=5)
    assert reset_by(office, token, NEW_PASSWORD) == 303


def _words(answer: Any, email: str) -> str:
    """The page without what differs from one asking to the next."""
    page = answer.get_data(as_text=True).replace(email, "EMAIL")
    page = re.sub(r'(csrf_token"[^>]*value=")[^"]+', r"\1TOKEN", page)
    return re.sub(r'(X-CSRFToken": ")[^"]+', r"\1TOKEN", page)


def _seconds(answer: Any) -> str:
    seconds = re.search(r"wait (\d+) second", answer.get_data(as_text=True))
    assert seconds
    return seconds[1]
