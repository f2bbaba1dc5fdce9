"""What happens to somebody who is logged in, or halfway through a change, while rights are taken away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.errors import DomainError
from tests.integration.web.conftest import PASSWORD, Office
from tests.integration.web.moves import NEW_PASSWORD


def test_a_demoted_persons_open_session_loses_the_rights_at_once(office: Office) -> None:
    second = office.add("second@telco.example.com", Role.ADMIN)
    browser = office.browser()
    browser.log_in(second.email)
    assert browser.get("/admin/users").status_code == 200

    office.application.administration.change_role(second.id, Role.VIEWER, by=Actor(office.people[Role.ADMIN]))

    assert browser.get("/admin/users").status_code == 403
    assert browser.post(f"/admin/users/{office.people[Role.VIEWER].id}/approve").status_code == 403


def test_a_disabled_persons_open_session_ends_at_once_and_does_not_come_back(office: Office) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    browser = office.browser(Role.MANAGER)

    office.application.administration.disable_account(manager.id, by=Actor(admin))
    assert browser.get("/history").status_code == 303
    office.application.administration.enable_account(manager.id, by=Actor(admin))

    assert browser.get("/history").status_code == 303, "enabling brings no old session back"


def test_a_deleted_persons_open_session_ends_at_once(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    office.application.administration.remove_account(
        office.people[Role.MANAGER].id, by=Actor(office.people[Role.ADMIN])
    )

    assert browser.get("/history").status_code == 303
    assert browser.post("/history/delete", {"run": "x"}).status_code in (303, 400)


class Meanwhile:
    """Delegates to a hasher, and runs a function just before it answers."""

    def __init__(self, inner: Any, deed: Callable[[], object]) -> None:
        self.inner, self.deed = inner, deed

    def hash(self, password: str) -> str:
        self.deed()
        return str(self.inner.hash(password))

    def verify(self, password: str, hashed: str | None) -> bool:
        self.deed()
        return bool(self.inner.verify(password, hashed))

    def is_outdated(self, hashed: str) -> bool:
        return bool(self.inner.is_outdated(hashed))


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("/profile/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}),
        (
            "/profile",
            {
                "account-name": "Shop",
                "account-email": "new@telco.example.com",
                "account-current_password": PASSWORD,
            },
        ),
    ],
)
def test_a_profile_change_keeps_a_concurrent_change_by_an_administrator(
    office: Office, url: str, fields: dict[str, str]
) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    browser = office.browser(Role.MANAGER)
    hasher = office.application.accounts.log_in.hasher
    office.replace_everywhere(
        "hasher",
        Meanwhile(
            hasher, lambda: office.application.administration.change_role(manager.id, Role.VIEWER, by=Actor(admin))
        ),
    )

    assert browser.post(url, fields).status_code == 303

    with ports_of(office.application).new_reading() as uow:
        assert uow.accounts.get(manager.id).role is Role.VIEWER


def test_an_account_disabled_during_log_in_is_not_logged_in(office: Office) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    hasher = office.application.accounts.log_in.hasher
    office.replace_everywhere(
        "hasher",
        Meanwhile(hasher, lambda: office.application.administration.disable_account(manager.id, by=Actor(admin))),
    )

    assert office.browser().log_in(manager.email).status_code == 422
    with ports_of(office.application).new_reading() as uow:
        assert uow.sessions.of(manager.id) == []


def test_changing_the_password_invalidates_an_open_reset_link(office: Office) -> None:
    _, token = office.application.administration.create_reset_link(
        office.people[Role.VIEWER].id, by=Actor(office.people[Role.ADMIN])
    )
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}

    assert office.browser(Role.VIEWER).post("/profile/password", change).status_code == 303

    assert office.browser().get(f"/reset/{token}").status_code == 404


def test_two_administrators_who_remove_each_other_concurrently_leave_one(office: Office) -> None:
    first, second = office.people[Role.ADMIN], office.add("second@telco.example.com", Role.ADMIN)
    together, outcomes = threading.Barrier(2), []

    def demote(by: Any, whom: Any) -> None:
        together.wait()
        try:
            office.application.administration.change_role(whom.id, Role.VIEWER, by=Actor(by))
            outcomes.append("done")
        except DomainError:
            outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    with ports_of(office.application).new_reading() as uow:
        assert sum(account.role is Role.ADMIN for account in uow.accounts.all()) == 1
