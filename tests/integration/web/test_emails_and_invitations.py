"""Emails that are spelled alike or only look like one; invitations that are for one of them alone."""

from __future__ import annotations

import threading

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.errors import DomainError
from tests.integration.web.conftest import Office
from tests.integration.web.moves import NEW_PASSWORD


@pytest.mark.parametrize(
    "email",
    [
        *("VIEWER@telco.example.com", " viewer@TELCO.example.com\t", "viewer@ｔｅｌｃｏ.example.com"),
        *("viewer@telco．example．com", "Viewer@Telco.Example.Com"),
    ],
)
def test_another_spelling_of_an_email_is_the_same_account(office: Office, email: str) -> None:
    before = _accounts(office)

    assert office.browser().register(email, NEW_PASSWORD).status_code in (303, 422)
    assert _accounts(office) == before
    assert office.browser(Role.VIEWER).get("/profile").status_code == 200, "its password is as it was"


@pytest.mark.parametrize(
    "email",
    [
        *("viewer@telco.example.com\0", "vi\0ewer@telco.example.com", "viewer@telco.example.com\r\nBcc: x@y.example"),
        *("viewеr@telco.example.com", "viewer\u200b@telco.example.com", "\u202eviewer@telco.example.com"),
        *('"viewer"@telco.example.com', "viewer@[127.0.0.1]", "viewer(comment)@telco.example.com", "a" * 250 + "@b.cd"),
    ],
)
def test_an_email_that_only_looks_like_one_is_refused(office: Office, email: str) -> None:
    before = _accounts(office)

    assert office.browser().register(email, NEW_PASSWORD).status_code in (400, 422)
    assert _accounts(office) == before
    assert office.browser().log_in(email).status_code in (400, 422)


def test_an_invitation_is_for_its_address_alone_and_gives_no_other_role(office: Office) -> None:
    token = office.application.administration.invite(
        "new@telco.example.com", Role.VIEWER, by=Actor(office.people[Role.ADMIN])
    )
    fields = {"name": "Somebody", "password": NEW_PASSWORD, "confirm": NEW_PASSWORD, "role": "admin"}

    other = office.browser().post(f"/invitation/{token}", {**fields, "email": "other@telco.example.com"})
    place = {"currency": "EUR", "time_zone": "Europe/Zagreb"}
    taken = office.browser().post(f"/setup/{token}", {**fields, **place, "email": "new@telco.example.com"})
    right = office.browser().post(f"/invitation/{token}", {**fields, "email": "new@telco.example.com"})

    assert (other.status_code, taken.status_code, right.status_code) == (422, 404, 303)
    with ports_of(office.application).new_reading() as uow:
        joined = uow.accounts.by_email("new@telco.example.com")
    assert joined
    assert joined.role is Role.VIEWER


def test_an_invitation_whose_address_was_registered_meanwhile_changes_nothing(office: Office) -> None:
    token = office.application.administration.invite(
        "new@telco.example.com", Role.ADMIN, by=Actor(office.people[Role.ADMIN])
    )
    office.add("new@telco.example.com", Role.VIEWER)
    fields = {"name": "X", "email": "new@telco.example.com", "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}

    assert office.browser().post(f"/invitation/{token}", fields).status_code == 422

    with ports_of(office.application).new_reading() as uow:
        account = uow.accounts.by_email("new@telco.example.com")
    assert account
    assert account.role is Role.VIEWER
    assert office.browser().log_in("new@telco.example.com", NEW_PASSWORD).status_code == 422


def test_a_link_used_twice_concurrently_works_once(office: Office) -> None:
    _, token = office.application.administration.create_reset_link(
        office.people[Role.VIEWER].id, by=Actor(office.people[Role.ADMIN])
    )
    together, outcomes = threading.Barrier(2), []

    def use(password: str) -> None:
        together.wait()
        try:
            office.application.accounts.reset_password(token, password, address="")
            outcomes.append("done")
        except DomainError:
            outcomes.append("refused")

    threads = [threading.Thread(target=use, args=(f"{NEW_PASSWORD} {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]


def _accounts(office: Office) -> set[tuple[str, str]]:
    with ports_of(office.application).new_reading() as uow:
        return {(account.email, account.password_hash) for account in uow.accounts.all()}
