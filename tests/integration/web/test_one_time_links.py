"""One-time links: used once, for a while, and stored as hashes alone."""

from __future__ import annotations

from domain.account import LinkPurpose, Role
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


def test_of_sessions_and_links_only_hashes_are_stored(office: Office) -> None:
    office.browser(Role.ANALYST)
    token = reset_link(office)

    stored = b"".join(file.read_bytes() for file in office.folder.glob("netone.db*"))

    assert token.encode() not in stored
    assert office.desk.check_link(token, LinkPurpose.RESET).token_hash.encode() in stored
