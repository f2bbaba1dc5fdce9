"""What happens to somebody who is logged in, or halfway through a change, while rights are taken away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from domain.account import Role
from domain.errors import ChurnDeskError
from tests.integration.web.conftest import PASSWORD, Office
from tests.integration.web.moves import NEW_PASSWORD


def test_a_demoted_persons_open_session_loses_the_rights_at_once(office: Office) -> None:
    second = office.add("second@telco.example.com", Role.ADMIN)
    browser = office.browser()
    browser.log_in(second.email)
    assert browser.get("/admin/users").status_code == 200

    office.desk.change_role(second.id, Role.VIEWER, by=office.people[Role.ADMIN])

    assert browser.get("/admin/users").status_code == 403
    assert browser.post(f"/admin/users/{office.people[Role.VIEWER].id}/approve").status_code == 403


def test_a_disabled_persons_open_session_ends_at_once_and_does_not_come_back(office: Office) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    browser = office.browser(Role.MANAGER)

    office.desk.disable_account(manager.id, by=admin)
    assert browser.get("/history").status_code == 303
    office.desk.enable_account(manager.id, by=admin)

    assert browser.get("/history").status_code == 303, "enabling brings no old session back"


def test_a_deleted_persons_open_session_ends_at_once(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    office.desk.remove_account(office.people[Role.MANAGER].id, by=office.people[Role.ADMIN])

    assert browser.get("/history").status_code == 303
    assert browser.post("/history/delete", {"run": "x"}).status_code in (303, 400)


class Meanwhile:
    """Compares and hashes as told, and lets something happen just before it answers."""

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
def test_a_change_of_ones_own_account_does_not_undo_what_an_administrator_did_meanwhile(
    office: Office, url: str, fields: dict[str, str]
) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    browser = office.browser(Role.MANAGER)
    hasher = office.desk.log_in.hasher
    office.replace_everywhere(
        "hasher", Meanwhile(hasher, lambda: office.desk.change_role(manager.id, Role.VIEWER, by=admin))
    )

    assert browser.post(url, fields).status_code == 303

    with office.desk.new_reading() as uow:
        assert uow.accounts.get(manager.id).role is Role.VIEWER


def test_who_is_disabled_while_the_password_is_compared_does_not_get_in(office: Office) -> None:
    manager, admin = office.people[Role.MANAGER], office.people[Role.ADMIN]
    hasher = office.desk.log_in.hasher
    office.replace_everywhere("hasher", Meanwhile(hasher, lambda: office.desk.disable_account(manager.id, by=admin)))

    assert office.browser().log_in(manager.email).status_code == 422
    with office.desk.new_reading() as uow:
        assert uow.sessions.of(manager.id) == []


def test_changing_the_password_makes_an_open_reset_link_worthless(office: Office) -> None:
    _, token = office.desk.offer_reset(office.people[Role.VIEWER].id, by=office.people[Role.ADMIN])
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}

    assert office.browser(Role.VIEWER).post("/profile/password", change).status_code == 303

    assert office.browser().get(f"/reset/{token}").status_code == 404


def test_two_administrators_who_remove_each_other_at_once_leave_one(office: Office) -> None:
    first, second = office.people[Role.ADMIN], office.add("second@telco.example.com", Role.ADMIN)
    together, outcomes = threading.Barrier(2), []

    def demote(by: Any, whom: Any) -> None:
        together.wait()
        try:
            office.desk.change_role(whom.id, Role.VIEWER, by=by)
            outcomes.append("done")
        except ChurnDeskError:
            outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    with office.desk.new_reading() as uow:
        assert sum(account.role is Role.ADMIN for account in uow.accounts.all()) == 1
