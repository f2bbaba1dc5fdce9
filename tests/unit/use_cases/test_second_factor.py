"""Second factor: setting it up, logging in with it, recovery codes, turning it off, resetting it."""

from __future__ import annotations

import pytest

from application.use_cases.accounts.delete_account import remove_account_data
from domain.account import AccountId, Role
from domain.actor import Actor
from domain.errors import AccountNotFound, Conflict, InvalidInput, LogInExpired, NotAllowed, TooManyAttempts
from domain.liveness import Liveness
from tests.unit.use_cases.second_factor_in_memory import PASSWORD, Installation


@pytest.fixture
def installation() -> Installation:
    return Installation()


def test_a_key_is_shown_until_its_first_code_is_given(installation: Installation) -> None:
    assert installation.view(by=installation.person).waiting is None
    installation.begin(by=installation.person)
    waiting = installation.view(by=installation.person).waiting
    assert waiting is not None
    assert waiting.key == "AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAA1"
    assert "otpauth://totp/person@telco.example.com" in waiting.qr

    installation.confirm(PASSWORD, installation.code(), by=Actor(installation.person), token=installation.token)

    view = installation.view(by=installation.person)
    assert (view.waiting, view.enabled_at, view.codes_left) == (None, installation.clock.now(), 10)
    assert installation.audit() == ["enabled the second factor"]


def test_enrolment_needs_the_password_and_a_valid_code(installation: Installation) -> None:
    installation.begin(by=installation.person)
    with pytest.raises(InvalidInput) as wrong_password:
        installation.confirm(
            "another password", installation.code(), by=Actor(installation.person), token=installation.token
        )
    with pytest.raises(InvalidInput) as wrong_code:
        installation.confirm(PASSWORD, "000000", by=Actor(installation.person), token=installation.token)
    with pytest.raises(InvalidInput) as no_code:
        installation.confirm(PASSWORD, "12345", by=Actor(installation.person), token=installation.token)

    assert [error.value.field for error in (wrong_password, wrong_code, no_code)] == [
        "current_password",
        "code",
        "code",
    ]
    assert installation.view(by=installation.person).enabled_at is None


def test_a_wrong_phone_clock_is_reported_with_its_offset(installation: Installation) -> None:
    installation.begin(by=installation.person)
    with pytest.raises(InvalidInput, match="phone’s clock is about 10 minutes behind this machine's clock"):
        installation.confirm(
            PASSWORD, installation.code(later=-20), by=Actor(installation.person), token=installation.token
        )


def test_a_key_expires_after_thirty_minutes(installation: Installation) -> None:
    installation.begin(by=installation.person)
    installation.clock.move(minutes=30, seconds=1)
    assert installation.view(by=installation.person).waiting is None
    with pytest.raises(Conflict, match="expired"):
        installation.confirm(PASSWORD, installation.code(), by=Actor(installation.person), token=installation.token)


def test_enabling_ends_the_other_sessions_and_keeps_this_one(installation: Installation) -> None:
    other = installation.session_of(installation.person)
    installation.enrol()
    assert installation.authenticate_session(other) is None
    assert installation.authenticate_session(installation.token) is not None


def test_the_password_alone_does_not_log_in_with_a_second_factor(installation: Installation) -> None:
    installation.enrol()

    pending = installation.pending()

    assert installation.authenticate_session(pending) is None
    assert installation.authenticate_enrolment(pending) is None
    with installation.new_uow() as uow:
        assert len(uow.sessions.of(installation.person.id)) == 1  # the one that enrolled
        assert uow.accounts.get(installation.person.id).last_login_at is None
    assert "logged in" not in installation.audit()


def test_a_code_completes_the_log_in_once(installation: Installation) -> None:
    installation.enrol()
    pending, code = installation.pending(), installation.code()

    passed = installation.second_step(pending, code)

    assert installation.authenticate_session(passed.session) == passed.account
    assert passed.account.last_login_at == installation.clock.now()
    assert passed.codes_left is None
    assert installation.last_log_in() == "with a code"
    assert installation.audit()[-1] == "logged in"
    with pytest.raises(LogInExpired):
        installation.second_step(pending, installation.code(later=1))
    with pytest.raises(InvalidInput):
        installation.second_step(installation.pending(), code)


def test_the_code_that_confirmed_the_enrolment_is_used_up(installation: Installation) -> None:
    installation.begin(by=installation.person)
    code = installation.code()
    installation.confirm(PASSWORD, code, by=Actor(installation.person), token=installation.token)
    with pytest.raises(InvalidInput):
        installation.second_step(installation.pending(), code)


@pytest.mark.parametrize("later", [-2, 2])
def test_codes_of_other_steps_are_rejected(installation: Installation, later: int) -> None:
    installation.enrol()
    installation.clock.move(minutes=10)
    with pytest.raises(InvalidInput):
        installation.second_step(installation.pending(), installation.code(later=later))
    assert installation.audit()[-1] == "gave a wrong second factor"


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_codes_one_step_off_are_accepted(installation: Installation, later: int) -> None:
    installation.enrol()
    installation.clock.move(minutes=10)
    assert installation.second_step(installation.pending(), installation.code(later=later)).session


def test_a_clock_that_was_set_back_does_not_block_log_in(installation: Installation) -> None:
    installation.enrol()
    installation.clock.move(days=-2)
    assert installation.second_step(installation.pending(), installation.code()).session


def test_a_recovery_code_works_once_and_the_rest_are_counted(installation: Installation) -> None:
    codes = installation.enrol()

    passed = installation.second_step(installation.pending(), codes[3].upper())

    assert passed.codes_left == 9
    assert installation.audit()[-2:] == ["used a recovery code", "logged in"]
    assert installation.last_log_in() == "with a recovery code"
    with pytest.raises(InvalidInput, match="recovery code"):
        installation.second_step(installation.pending(), codes[3])


def test_new_recovery_codes_replace_the_old_ones_and_ask_for_the_password(installation: Installation) -> None:
    old = installation.enrol()
    with pytest.raises(InvalidInput):
        installation.renew("another password", by=Actor(installation.person))

    new = installation.renew(PASSWORD, by=Actor(installation.person))

    assert len(set(new)) == 10
    assert not set(new) & set(old)
    with pytest.raises(InvalidInput):
        installation.second_step(installation.pending(), old[0])
    assert installation.second_step(installation.pending(), new[0]).codes_left == 9


def test_recovery_codes_are_stored_as_hashes_only(installation: Installation) -> None:
    codes = installation.enrol()
    kept = installation.new_uow.args[0].kept
    assert len(kept.recovery_codes) == 10
    assert not {code.replace("-", "") for code in codes} & kept.recovery_codes.keys()


def test_after_five_wrong_codes_the_right_one_has_to_wait(installation: Installation) -> None:
    installation.enrol()
    pending = installation.pending()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            installation.second_step(pending, "000000")

    with pytest.raises(TooManyAttempts):
        installation.second_step(pending, installation.code())
    installation.clock.move(seconds=3)
    assert installation.second_step(pending, installation.code()).session


def test_giving_the_password_again_does_not_reset_the_count_of_codes(installation: Installation) -> None:
    installation.enrol()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            installation.second_step(installation.pending(), "000000")

    with pytest.raises(TooManyAttempts):
        installation.second_step(installation.pending(), installation.code())


def test_a_log_in_waits_five_minutes_for_its_code(installation: Installation) -> None:
    installation.enrol()
    pending = installation.pending()
    installation.clock.move(minutes=5)
    assert installation.second_step(pending, installation.code()).session
    pending = installation.pending()
    installation.clock.move(minutes=5, seconds=1)
    with pytest.raises(LogInExpired):
        installation.second_step(pending, installation.code())


@pytest.mark.parametrize("fields", [{"disabled": True}, {"approved": False}])
def test_an_account_that_may_no_longer_log_in_is_rejected_at_the_second_step(
    installation: Installation, fields: dict[str, object]
) -> None:
    installation.enrol()
    pending = installation.pending()
    installation.change(**fields)
    with pytest.raises(LogInExpired):
        installation.second_step(pending, installation.code())


def test_a_password_that_changed_meanwhile_has_to_be_given_again(installation: Installation) -> None:
    installation.enrol()
    pending = installation.pending()
    installation.change(password_changed_at=installation.clock.move(seconds=1))
    with pytest.raises(LogInExpired):
        installation.second_step(pending, installation.code())


def test_an_unknown_pending_secret_is_rejected(installation: Installation) -> None:
    for pending in ("", "nonsense", installation.token):
        with pytest.raises(LogInExpired):
            installation.second_step(pending, "000000")


def test_under_another_installation_secret_recovery_codes_still_work(installation: Installation) -> None:
    codes = installation.enrol()
    installation.codes.mark = "mark-2"
    with pytest.raises(InvalidInput, match=r"secret\.key has changed"):
        installation.second_step(installation.pending(), installation.code())
    assert installation.second_step(installation.pending(), codes[0]).session


def test_a_new_device_replaces_the_old_one_with_its_first_code(installation: Installation) -> None:
    installation.enrol()
    installation.begin(by=installation.person)
    assert installation.second_step(
        installation.pending(), installation.code(seed="s")
    ).session  # the old app works until then
    installation.clock.move(seconds=30)

    installation.confirm(PASSWORD, installation.code(), by=Actor(installation.person), token=installation.token)

    installation.clock.move(seconds=30)
    assert "moved the second factor to another device" in installation.audit()
    with pytest.raises(InvalidInput):
        installation.second_step(installation.pending(), installation.code(seed="s"))
    assert installation.second_step(installation.pending(), installation.code(seed="ss")).session


def test_turning_off_the_second_factor_needs_the_password_and_ends_other_sessions(installation: Installation) -> None:
    installation.enrol()
    other = installation.session_of(installation.person)
    pending = installation.pending()
    with pytest.raises(InvalidInput):
        installation.disable("another password", by=Actor(installation.person), token=installation.token)

    installation.disable(PASSWORD, by=Actor(installation.person), token=installation.token)

    assert installation.authenticate_session(other) is None
    assert installation.authenticate_session(installation.token) is not None
    assert installation.audit()[-1] == "disabled the second factor"
    assert installation.log_in().session is not None
    with pytest.raises(LogInExpired):
        installation.second_step(pending, "000000")


def test_turning_off_or_renewing_needs_an_enabled_second_factor(installation: Installation) -> None:
    for attempt in (
        lambda: installation.disable(PASSWORD, by=Actor(installation.person), token=installation.token),
        lambda: installation.renew(PASSWORD, by=Actor(installation.person)),
    ):
        with pytest.raises(Conflict, match="no second factor"):
            attempt()


def test_a_role_that_needs_a_second_factor_cannot_turn_it_off(installation: Installation) -> None:
    installation.enrol()
    installation.require(Role.ANALYST)
    assert installation.view(by=installation.person).required
    with pytest.raises(Conflict, match="role needs"):
        installation.disable(PASSWORD, by=Actor(installation.person), token=installation.token)


def test_an_account_whose_role_needs_a_second_factor_is_not_authenticated_before_enrolment(
    installation: Installation,
) -> None:
    installation.require(Role.ANALYST)

    assert installation.authenticate_session(installation.token) is None
    assert installation.authenticate_enrolment(installation.token) == installation.person
    assert installation.authenticate_session(installation.session_of(installation.admin)) == installation.admin

    installation.enrol()
    assert installation.authenticate_session(installation.token) == installation.person


def test_a_changed_role_requires_a_second_factor_from_the_next_request(installation: Installation) -> None:
    installation.require(Role.ADMIN)
    assert installation.authenticate_session(installation.token) is not None
    installation.change(role=Role.ADMIN)
    assert installation.authenticate_session(installation.token) is None


def test_an_administrator_resets_anothers_second_factor(installation: Installation) -> None:
    codes = installation.enrol()
    pending = installation.pending()

    installation.reset(installation.person.id, by=Actor(installation.admin))

    assert installation.authenticate_session(installation.token) is None
    assert installation.audit()[-1] == "reset a second factor"
    with pytest.raises(LogInExpired):
        installation.second_step(pending, codes[0])
    assert installation.log_in().session is not None


def test_invalid_resets_of_a_second_factor_are_rejected(installation: Installation) -> None:
    with pytest.raises(NotAllowed):
        installation.reset(installation.admin.id, by=Actor(installation.person))
    with pytest.raises(Conflict, match="your own"):
        installation.reset(installation.admin.id, by=Actor(installation.admin))
    with pytest.raises(Conflict, match="no second factor"):
        installation.reset(installation.person.id, by=Actor(installation.admin))
    with pytest.raises(AccountNotFound):
        installation.reset(AccountId("nobody"), by=Actor(installation.admin))


def test_the_command_line_resets_by_email(installation: Installation) -> None:
    installation.enrol()
    assert (
        installation.reset_of("  Person@Telco.example.com ", by=Actor(installation.admin)).id == installation.person.id
    )
    with pytest.raises(AccountNotFound):
        installation.reset_of("nobody@telco.example.com", by=Actor(installation.admin))


def test_a_deleted_account_leaves_no_second_factor(installation: Installation) -> None:
    installation.enrol()
    installation.pending()
    with installation.new_uow() as uow:
        remove_account_data(uow, installation.person, now=installation.clock.now(), liveness=Liveness())
        uow.commit()
    kept = installation.new_uow.args[0].kept
    assert (kept.second_factors, kept.recovery_codes, kept.pending_log_ins) == ({}, {}, {})
