"""Limits of sessions, one-time links, names and passwords, at their boundaries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.account import Account, LinkPurpose, LoginSession, OneTimeLink, check_password, checked_name, system_account
from domain.errors import InvalidInput
from tests.builders import a_link, a_login_session, an_account

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session(*, begun: timedelta, seen: timedelta) -> LoginSession:
    """A session that was begun and last seen so long ago."""
    return a_login_session(created_at=NOW - begun, seen_at=NOW - seen)


@pytest.mark.parametrize(
    ("begun", "seen", "expired"),
    [
        (timedelta(hours=8), timedelta(hours=8), False),
        (timedelta(hours=8, seconds=1), timedelta(hours=8, seconds=1), True),
        (timedelta(days=7), timedelta(0), False),
        (timedelta(days=7, seconds=1), timedelta(0), True),
        (timedelta(minutes=-5), timedelta(minutes=-5), False),
        (timedelta(minutes=-5, seconds=-1), timedelta(0), True),
        (timedelta(hours=1), timedelta(minutes=-5, seconds=-1), True),
    ],
)
def test_a_session_ends_after_8_hours_idle_or_7_days_or_when_it_is_from_the_future(
    begun: timedelta, seen: timedelta, expired: bool
) -> None:
    assert session(begun=begun, seen=seen).expired(NOW) is expired


def link(
    *, made: timedelta = timedelta(hours=1), left: timedelta = timedelta(hours=1), used: bool = False
) -> OneTimeLink:
    return a_link(
        purpose=LinkPurpose.RESET, created_at=NOW - made, expires_at=NOW + left, used_at=NOW - SECOND if used else None
    )


def test_a_link_works_once_and_until_it_expires() -> None:
    assert link(left=SECOND).usable(NOW)
    assert not link(left=timedelta(0)).usable(NOW)
    assert not link(used=True).usable(NOW)


def test_a_link_from_more_than_five_minutes_in_the_future_does_not_work() -> None:
    assert link(made=timedelta(minutes=-5)).usable(NOW)
    assert not link(made=timedelta(minutes=-5, seconds=-1)).usable(NOW)


@pytest.mark.parametrize(
    ("name", "initials"), [("Rudo Billing Dube", "RD"), ("Rudo", "R"), ("rudo dube", "RD"), ("  Rudo  Dube ", "RD")]
)
def test_initials_are_those_of_the_first_and_the_last_name(name: str, initials: str) -> None:
    assert an_account(name=name).initials == initials


def test_a_name_has_1_to_100_characters_and_single_spaces() -> None:
    assert checked_name("x" * 100) == "x" * 100
    assert checked_name(" Rudo \t\u0007Dube ") == "Rudo Dube"
    for wrong in ("", " \n ", "x" * 101):
        with pytest.raises(InvalidInput, match="between 1 and 100") as refused:
            checked_name(wrong)
        assert refused.value.field == "name"


@pytest.mark.parametrize("changes", [{"email": ""}, {"email": "A@x.org"}, {"email": " a@x.org"}, {"name": "  "}])
def test_an_account_without_a_tidy_email_and_a_name_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"an account"):
        an_account(**changes)


@pytest.mark.parametrize(
    ("approved", "disabled", "may"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_only_approved_accounts_that_are_not_disabled_may_log_in(approved: bool, disabled: bool, may: bool) -> None:
    assert an_account(approved=approved, disabled=disabled).may_log_in is may


def test_the_command_line_may_do_everything_and_never_logs_in() -> None:
    system: Account = system_account(NOW)

    assert (system.role_label, system.may_log_in) == ("Administrator", False)


def broken(password: str, *, score: int = 4, personal: tuple[str, ...] = (), breached: bool | None = None) -> list[str]:
    rules = check_password(password, score=score, personal=personal, breached=breached)
    return [rule.text for rule in rules if not rule.ok]


def test_a_password_has_12_to_256_characters() -> None:
    assert broken("x" * 11) == ["12 characters or more"]
    assert broken("x" * 12) == []
    assert broken("x" * 256) == []
    assert broken("x" * 257) == ["At most 256 characters"]


def test_a_password_has_a_strength_of_three_of_four() -> None:
    assert broken("purple lanterns", score=3) == []
    assert broken("purple lanterns", score=2) == ["Hard to guess: no common password, pattern or keyboard row"]


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("purple RUDO lanterns", False),
        ("purple dube@lanterns", False),
        ("purple telco.example lanterns", True),
        ("purple telco.example.com lanterns", False),
        ("purple ann lanterns", True),
    ],
)
def test_a_password_has_no_word_of_four_letters_of_one_s_name_or_email(password: str, fits: bool) -> None:
    personal = ("Rudo Ann Dube", "shop@telco.example.com")

    assert broken(password, personal=personal) == ([] if fits else ["Not your name or email"])


def test_the_list_of_breached_passwords_is_mentioned_where_there_is_one() -> None:
    assert broken("purple lanterns", breached=True) == ["Not known from a data breach"]
    assert broken("purple lanterns", breached=False) == []
    assert len(check_password("purple lanterns", score=4, personal=(), breached=None)) == 4
    assert len(check_password("purple lanterns", score=4, personal=(), breached=False)) == 5
