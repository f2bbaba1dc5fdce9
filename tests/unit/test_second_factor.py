"""The rules of the second factor: time steps, typed codes, pending enrolments and log-ins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.account import AccountId, Role
from domain.second_factor import (
    PendingLogIn,
    SecondFactor,
    accepted_steps,
    code_digits,
    drift_in_words,
    needs_second_factor,
    normalised_recovery_code,
    shown_key,
    shown_recovery_code,
    time_step,
)

STEP_1000 = datetime(1970, 1, 1, 8, 20, 0, tzinfo=UTC)
"""The first second of time step 1000."""
PLAIN = "0123456789abcdefghjkmnpqrstv"


def test_a_step_lasts_thirty_seconds() -> None:
    assert time_step(STEP_1000) == 1000
    assert time_step(STEP_1000 + timedelta(seconds=29, microseconds=999_999)) == 1000
    assert time_step(STEP_1000 + timedelta(seconds=30)) == 1001
    assert time_step(STEP_1000 - timedelta(microseconds=1)) == 999


@pytest.mark.parametrize(
    ("last_step", "accepted"),
    [
        (0, (999, 1000, 1001)),
        (998, (999, 1000, 1001)),
        (999, (1000, 1001)),
        (1000, (1001,)),
        (1001, ()),
        (1002, (999, 1000, 1001)),
    ],
)
def test_codes_of_three_steps_are_accepted_and_none_up_to_the_last_one_used(
    last_step: int, accepted: tuple[int, ...]
) -> None:
    """The last case: a step from the future means that the clock was set back, which must not keep people out."""
    assert accepted_steps(STEP_1000, last_step=last_step) == accepted


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1003, "about 2 minutes ahead of this machine's clock"),
        (1002, "about 1 minute ahead of this machine's clock"),
        (992, "about 4 minutes behind this machine's clock"),
    ],
)
def test_the_difference_of_the_clocks_is_named(step: int, words: str) -> None:
    assert drift_in_words(step, STEP_1000) == words


@pytest.mark.parametrize(("given", "digits"), [("123456", "123456"), (" 123 456 ", "123456"), ("000000", "000000")])
def test_a_code_has_six_digits_and_spaces_do_not_matter(given: str, digits: str) -> None:
    assert code_digits(given) == digits


@pytest.mark.parametrize("given", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "１２３４５６", "-12345", "12345\u00b2"])
def test_other_texts_are_not_codes(given: str) -> None:
    assert code_digits(given) is None


@pytest.mark.parametrize(
    "given",
    [
        PLAIN,
        "0123-4567-89ab-cdef-ghjk-mnpq-rstv",
        "0123 4567 89AB CDEF GHJK MNPQ RSTV",
        "O123-4567-89ab-cdef-ghjk-mnpq-rstv",
    ],
)
def test_a_recovery_code_is_read_whatever_its_hyphens_and_capitals(given: str) -> None:
    assert normalised_recovery_code(given) == PLAIN


@pytest.mark.parametrize("given", ["", PLAIN[:-1], PLAIN + "0", PLAIN[:-1] + "u", PLAIN[:-1] + "é"])
def test_other_texts_are_not_recovery_codes(given: str) -> None:
    assert normalised_recovery_code(given) is None


def test_codes_and_keys_are_shown_in_groups_of_four() -> None:
    assert shown_recovery_code(PLAIN) == "0123-4567-89ab-cdef-ghjk-mnpq-rstv"
    assert shown_key("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_a_key_waits_thirty_minutes_for_its_first_code() -> None:
    factor = SecondFactor(AccountId("a"), "mark").begun("seed", "mark", now=STEP_1000)

    assert factor.waiting_seed(STEP_1000 + timedelta(minutes=30)) == "seed"
    assert factor.waiting_seed(STEP_1000 + timedelta(minutes=30, microseconds=1)) is None
    assert not factor.enabled


def test_a_confirmed_key_counts_its_first_code_as_used() -> None:
    begun = SecondFactor(AccountId("a"), "old").begun("seed", "new", now=STEP_1000)

    factor = begun.confirmed("new", step=1000, now=STEP_1000)

    assert factor == SecondFactor(AccountId("a"), "new", "seed", STEP_1000, last_step=1000)
    assert accepted_steps(STEP_1000, last_step=factor.last_step) == (1001,)


def test_a_new_device_leaves_the_old_one_in_use_until_it_is_confirmed() -> None:
    old = SecondFactor(AccountId("a"), "mark", "old", STEP_1000, last_step=7)

    both = old.begun("new", "other mark", now=STEP_1000)

    assert (both.seed, both.last_step, both.key_mark, both.enabled) == ("old", 7, "mark", True)


@pytest.mark.parametrize(
    ("age", "expired"),
    [(timedelta(0), False), (timedelta(minutes=5), False), (timedelta(minutes=5, microseconds=1), True)],
)
def test_a_password_waits_five_minutes_for_its_code(age: timedelta, expired: bool) -> None:
    assert PendingLogIn("hash", AccountId("a"), STEP_1000).expired(STEP_1000 + age) is expired


def test_a_pending_log_in_from_the_future_has_expired() -> None:
    assert PendingLogIn("hash", AccountId("a"), STEP_1000).expired(STEP_1000 - timedelta(microseconds=1))


def test_a_role_needs_a_second_factor_where_the_policy_names_it() -> None:
    assert needs_second_factor(Role.ADMIN, (Role.ADMIN, Role.MANAGER))
    assert not needs_second_factor(Role.ANALYST, (Role.ADMIN, Role.MANAGER))
    assert not needs_second_factor(Role.ADMIN, ())


@pytest.mark.parametrize("fields", [{"seed": "x"}, {"enabled_at": STEP_1000}, {"pending_seed": "x"}])
def test_an_incomplete_second_factor_is_rejected(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="seed"):
        SecondFactor(AccountId("a"), "mark", **fields)  # type: ignore[arg-type]
