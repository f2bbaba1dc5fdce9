"""One-time links: used once, for a while, and stored as hashes alone."""

from __future__ import annotations

import pytest

from application.use_cases.accounts.one_time_links import usable_link
from bench.ports import ports_of
from domain.account import LinkPurpose, Role, system_account
from domain.actor import Actor
from domain.errors import NotFound
from tests.integration.web.conftest import Office
from tests.integration.web.moves import NEW_PASSWORD, movable_clock, reset_by, reset_link


def test_a_reset_link_works_once(office: Office) -> None:
    token = reset_link(office)

    first = reset_by(office, token, NEW_PASSWORD)
    again = reset_by(office, token, "four green kettles whistle")

    assert (first, again) == (303, 404)
    assert office.browser().log_in(office.people[Role.VIEWER].email, NEW_PASSWORD).status_code == 303


def test_a_reset_link_works_for_a_day(office: Office) -> None:
    clock = movable_clock(office)
    token = reset_link(office)
    clock.move(hours=23, minutes=59)
    assert office.browser().get(f"/reset/{token}").status_code == 200

    clock.move(minutes=2)

    assert office.browser().get(f"/reset/{token}").status_code == 404
    assert reset_by(office, token, NEW_PASSWORD) == 404


def test_a_newer_reset_link_replaces_the_older(office: Office) -> None:
    older, newer = reset_link(office), reset_link(office)

    assert reset_by(office, older, NEW_PASSWORD) == 404
    assert reset_by(office, newer, NEW_PASSWORD) == 303


def test_resetting_ends_every_session_of_the_person(office: Office) -> None:
    viewer = office.browser(Role.VIEWER)

    reset_by(office, reset_link(office), NEW_PASSWORD)

    assert viewer.get("/profile").status_code == 303


def test_sessions_and_links_are_stored_as_hashes_only(office: Office) -> None:
    office.browser(Role.ANALYST)
    token = reset_link(office)

    stored = b"".join(file.read_bytes() for file in office.folder.glob("netone.db*"))

    assert token.encode() not in stored
    assert office.application.accounts.check_link(token, LinkPurpose.RESET, address="").token_hash.encode() in stored


def first_start(office: Office) -> str:
    """The set-up link's secret of an installation that has no administrator."""
    with ports_of(office.application).new_uow() as uow:
        uow.accounts.remove(office.people[Role.ADMIN].id)
        uow.commit()
    token = office.application.accounts.create_set_up_link()
    assert token is not None
    return token


def join_as_administrator(office: Office, token: str, currency: str = "eur", time_zone: str = "Europe/Zagreb") -> int:
    who = {"name": "Late", "email": "late@telco.example.com", "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    where = {"currency": currency, "time_zone": time_zone}
    return office.browser().post(f"/setup/{token}", who | where).status_code


def test_the_set_up_link_makes_the_first_administrator(office: Office) -> None:
    assert join_as_administrator(office, first_start(office)) == 303
    with ports_of(office.application).new_reading() as uow:
        made, policy = uow.accounts.by_email("late@telco.example.com"), uow.policies.get()
    assert made is not None
    assert made.last_login_at is not None, "the set-up logs in"
    assert (policy.currency, policy.time_zone) == ("EUR", "Europe/Zagreb")


@pytest.mark.parametrize("where", [("EUX", "Europe/Zagreb"), ("EURO", "Europe/Zagreb"), ("EUR", "Europe/Nowhere")])
def test_an_unknown_currency_or_zone_makes_no_administrator(office: Office, where: tuple[str, str]) -> None:
    token = first_start(office)
    assert join_as_administrator(office, token, *where) == 422
    with ports_of(office.application).new_reading() as uow:
        assert (uow.policies.get().currency, uow.policies.get().time_zone) == ("USD", "Africa/Harare")
    assert join_as_administrator(office, token) == 303, "the link is not used up"


def test_the_set_up_link_expires_when_the_command_line_adds_an_administrator(office: Office) -> None:
    token = first_start(office)
    office.add("first@telco.example.com", Role.ADMIN)

    assert office.browser().get(f"/setup/{token}").status_code == 404
    assert join_as_administrator(office, token) == 404
    with ports_of(office.application).new_reading() as uow:
        assert uow.accounts.by_email("late@telco.example.com") is None


def test_the_set_up_link_expires_when_an_account_becomes_administrator(office: Office) -> None:
    token = first_start(office)
    system = system_account(office.application.now())
    office.application.administration.change_role(office.people[Role.MANAGER].id, Role.ADMIN, by=Actor(system))

    assert join_as_administrator(office, token) == 404


def test_the_set_up_form_fails_if_an_administrator_was_added_meanwhile(office: Office) -> None:
    token = first_start(office)
    link = office.application.accounts.check_link(token, LinkPurpose.SET_UP, address="")
    office.add("first@telco.example.com", Role.ADMIN)

    with ports_of(office.application).new_uow() as uow, pytest.raises(NotFound):
        usable_link(uow, link.token_hash, LinkPurpose.SET_UP, office.application.now())
