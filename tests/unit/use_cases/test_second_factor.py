"""Second factor: setting it up, logging in with it, recovery codes, turning it off, resetting it."""

from __future__ import annotations

import pytest

from application.use_cases.accounts.delete_account import remove_account_data
from domain.account import AccountId, Role
from domain.actor import Actor
from domain.errors import AccountNotFound, Conflict, InvalidInput, LogInExpired, NotAllowed, TooManyAttempts
from domain.liveness import Liveness
from tests.unit.use_cases.second_factor_in_memory import PASSWORD, House


@pytest.fixture
def house() -> House:
    return House()


def test_a_key_is_shown_until_its_first_code_is_given(house: House) -> None:
    assert house.view(by=house.person).waiting is None
    house.begin(by=house.person)
    waiting = house.view(by=house.person).waiting
    assert waiting is not None
    assert waiting.key == "AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAA1"
    assert "otpauth://totp/person@telco.example.com" in waiting.qr

    house.confirm(PASSWORD, house.code(), by=Actor(house.person), token=house.token)

    view = house.view(by=house.person)
    assert (view.waiting, view.enabled_at, view.codes_left) == (None, house.clock.now(), 10)
    assert house.audit() == ["enabled the second factor"]


def test_enrolment_needs_the_password_and_a_valid_code(house: House) -> None:
    house.begin(by=house.person)
    with pytest.raises(InvalidInput) as wrong_password:
        house.confirm("another password", house.code(), by=Actor(house.person), token=house.token)
    with pytest.raises(InvalidInput) as wrong_code:
        house.confirm(PASSWORD, "000000", by=Actor(house.person), token=house.token)
    with pytest.raises(InvalidInput) as no_code:
        house.confirm(PASSWORD, "12345", by=Actor(house.person), token=house.token)

    assert [error.value.field for error in (wrong_password, wrong_code, no_code)] == [
        "current_password",
        "code",
        "code",
    ]
    assert house.view(by=house.person).enabled_at is None


def test_a_wrong_phone_clock_is_reported_with_its_offset(house: House) -> None:
    house.begin(by=house.person)
    with pytest.raises(InvalidInput, match="phone’s clock is about 10 minutes behind this machine's clock"):
        house.confirm(PASSWORD, house.code(later=-20), by=Actor(house.person), token=house.token)


def test_a_key_expires_after_thirty_minutes(house: House) -> None:
    house.begin(by=house.person)
    house.clock.move(minutes=30, seconds=1)
    assert house.view(by=house.person).waiting is None
    with pytest.raises(Conflict, match="expired"):
        house.confirm(PASSWORD, house.code(), by=Actor(house.person), token=house.token)


def test_enabling_ends_the_other_sessions_and_keeps_this_one(house: House) -> None:
    other = house.session_of(house.person)
    house.enrol()
    assert house.authenticate_session(other) is None
    assert house.authenticate_session(house.token) is not None


def test_the_password_alone_does_not_log_in_with_a_second_factor(house: House) -> None:
    house.enrol()

    pending = house.pending()

    assert house.authenticate_session(pending) is None
    assert house.authenticate_enrolment(pending) is None
    with house.new_uow() as uow:
        assert len(uow.sessions.of(house.person.id)) == 1  # the one that enrolled
        assert uow.accounts.get(house.person.id).last_login_at is None
    assert "logged in" not in house.audit()


def test_a_code_completes_the_log_in_once(house: House) -> None:
    house.enrol()
    pending, code = house.pending(), house.code()

    passed = house.second_step(pending, code)

    assert house.authenticate_session(passed.session) == passed.account
    assert passed.account.last_login_at == house.clock.now()
    assert passed.codes_left is None
    assert house.last_log_in() == "with a code"
    assert house.audit()[-1] == "logged in"
    with pytest.raises(LogInExpired):
        house.second_step(pending, house.code(later=1))
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), code)


def test_the_code_that_confirmed_the_enrolment_is_used_up(house: House) -> None:
    house.begin(by=house.person)
    code = house.code()
    house.confirm(PASSWORD, code, by=Actor(house.person), token=house.token)
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), code)


@pytest.mark.parametrize("later", [-2, 2])
def test_codes_of_other_steps_are_rejected(house: House, later: int) -> None:
    house.enrol()
    house.clock.move(minutes=10)
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), house.code(later=later))
    assert house.audit()[-1] == "gave a wrong second factor"


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_codes_one_step_off_are_accepted(house: House, later: int) -> None:
    house.enrol()
    house.clock.move(minutes=10)
    assert house.second_step(house.pending(), house.code(later=later)).session


def test_a_clock_that_was_set_back_does_not_block_log_in(house: House) -> None:
    house.enrol()
    house.clock.move(days=-2)
    assert house.second_step(house.pending(), house.code()).session


def test_a_recovery_code_works_once_and_the_rest_are_counted(house: House) -> None:
    codes = house.enrol()

    passed = house.second_step(house.pending(), codes[3].upper())

    assert passed.codes_left == 9
    assert house.audit()[-2:] == ["used a recovery code", "logged in"]
    assert house.last_log_in() == "with a recovery code"
    with pytest.raises(InvalidInput, match="recovery code"):
        house.second_step(house.pending(), codes[3])


def test_new_recovery_codes_replace_the_old_ones_and_ask_for_the_password(house: House) -> None:
    old = house.enrol()
    with pytest.raises(InvalidInput):
        house.renew("another password", by=Actor(house.person))

    new = house.renew(PASSWORD, by=Actor(house.person))

    assert len(set(new)) == 10
    assert not set(new) & set(old)
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), old[0])
    assert house.second_step(house.pending(), new[0]).codes_left == 9


def test_recovery_codes_are_stored_as_hashes_only(house: House) -> None:
    codes = house.enrol()
    kept = house.new_uow.args[0].kept
    assert len(kept.recovery_codes) == 10
    assert not {code.replace("-", "") for code in codes} & kept.recovery_codes.keys()


def test_after_five_wrong_codes_the_right_one_has_to_wait(house: House) -> None:
    house.enrol()
    pending = house.pending()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            house.second_step(pending, "000000")

    with pytest.raises(TooManyAttempts):
        house.second_step(pending, house.code())
    house.clock.move(seconds=3)
    assert house.second_step(pending, house.code()).session


def test_giving_the_password_again_does_not_reset_the_count_of_codes(house: House) -> None:
    house.enrol()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            house.second_step(house.pending(), "000000")

    with pytest.raises(TooManyAttempts):
        house.second_step(house.pending(), house.code())


def test_a_log_in_waits_five_minutes_for_its_code(house: House) -> None:
    house.enrol()
    pending = house.pending()
    house.clock.move(minutes=5)
    assert house.second_step(pending, house.code()).session
    pending = house.pending()
    house.clock.move(minutes=5, seconds=1)
    with pytest.raises(LogInExpired):
        house.second_step(pending, house.code())


@pytest.mark.parametrize("fields", [{"disabled": True}, {"approved": False}])
def test_an_account_that_may_no_longer_log_in_is_rejected_at_the_second_step(
    house: House, fields: dict[str, object]
) -> None:
    house.enrol()
    pending = house.pending()
    house.change(**fields)
    with pytest.raises(LogInExpired):
        house.second_step(pending, house.code())


def test_a_password_that_changed_meanwhile_has_to_be_given_again(house: House) -> None:
    house.enrol()
    pending = house.pending()
    house.change(password_changed_at=house.clock.move(seconds=1))
    with pytest.raises(LogInExpired):
        house.second_step(pending, house.code())


def test_an_unknown_pending_secret_is_rejected(house: House) -> None:
    for pending in ("", "nonsense", house.token):
        with pytest.raises(LogInExpired):
            house.second_step(pending, "000000")


def test_under_another_installation_secret_recovery_codes_still_work(house: House) -> None:
    codes = house.enrol()
    house.codes.mark = "mark-2"
    with pytest.raises(InvalidInput, match=r"secret\.key has changed"):
        house.second_step(house.pending(), house.code())
    assert house.second_step(house.pending(), codes[0]).session


def test_a_new_device_replaces_the_old_one_with_its_first_code(house: House) -> None:
    house.enrol()
    house.begin(by=house.person)
    assert house.second_step(house.pending(), house.code(seed="s")).session  # the old app works until then
    house.clock.move(seconds=30)

    house.confirm(PASSWORD, house.code(), by=Actor(house.person), token=house.token)

    house.clock.move(seconds=30)
    assert "moved the second factor to another device" in house.audit()
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), house.code(seed="s"))
    assert house.second_step(house.pending(), house.code(seed="ss")).session


def test_turning_off_the_second_factor_needs_the_password_and_ends_other_sessions(house: House) -> None:
    house.enrol()
    other = house.session_of(house.person)
    pending = house.pending()
    with pytest.raises(InvalidInput):
        house.disable("another password", by=Actor(house.person), token=house.token)

    house.disable(PASSWORD, by=Actor(house.person), token=house.token)

    assert house.authenticate_session(other) is None
    assert house.authenticate_session(house.token) is not None
    assert house.audit()[-1] == "disabled the second factor"
    assert house.log_in().session is not None
    with pytest.raises(LogInExpired):
        house.second_step(pending, "000000")


def test_turning_off_or_renewing_needs_an_enabled_second_factor(house: House) -> None:
    for attempt in (
        lambda: house.disable(PASSWORD, by=Actor(house.person), token=house.token),
        lambda: house.renew(PASSWORD, by=Actor(house.person)),
    ):
        with pytest.raises(Conflict, match="no second factor"):
            attempt()


def test_a_role_that_needs_a_second_factor_cannot_turn_it_off(house: House) -> None:
    house.enrol()
    house.require(Role.ANALYST)
    assert house.view(by=house.person).required
    with pytest.raises(Conflict, match="role needs"):
        house.disable(PASSWORD, by=Actor(house.person), token=house.token)


def test_an_account_whose_role_needs_a_second_factor_is_not_authenticated_before_enrolment(house: House) -> None:
    house.require(Role.ANALYST)

    assert house.authenticate_session(house.token) is None
    assert house.authenticate_enrolment(house.token) == house.person
    assert house.authenticate_session(house.session_of(house.admin)) == house.admin

    house.enrol()
    assert house.authenticate_session(house.token) == house.person


def test_a_changed_role_requires_a_second_factor_from_the_next_request(house: House) -> None:
    house.require(Role.ADMIN)
    assert house.authenticate_session(house.token) is not None
    house.change(role=Role.ADMIN)
    assert house.authenticate_session(house.token) is None


def test_an_administrator_resets_anothers_second_factor(house: House) -> None:
    codes = house.enrol()
    pending = house.pending()

    house.reset(house.person.id, by=Actor(house.admin))

    assert house.authenticate_session(house.token) is None
    assert house.audit()[-1] == "reset a second factor"
    with pytest.raises(LogInExpired):
        house.second_step(pending, codes[0])
    assert house.log_in().session is not None


def test_invalid_resets_of_a_second_factor_are_rejected(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.reset(house.admin.id, by=Actor(house.person))
    with pytest.raises(Conflict, match="your own"):
        house.reset(house.admin.id, by=Actor(house.admin))
    with pytest.raises(Conflict, match="no second factor"):
        house.reset(house.person.id, by=Actor(house.admin))
    with pytest.raises(AccountNotFound):
        house.reset(AccountId("nobody"), by=Actor(house.admin))


def test_the_command_line_resets_by_email(house: House) -> None:
    house.enrol()
    assert house.reset_of("  Person@Telco.example.com ", by=Actor(house.admin)).id == house.person.id
    with pytest.raises(AccountNotFound):
        house.reset_of("nobody@telco.example.com", by=Actor(house.admin))


def test_a_deleted_account_leaves_no_second_factor(house: House) -> None:
    house.enrol()
    house.pending()
    with house.new_uow() as uow:
        remove_account_data(uow, house.person, now=house.clock.now(), liveness=Liveness())
        uow.commit()
    kept = house.new_uow.args[0].kept
    assert (kept.second_factors, kept.recovery_codes, kept.pending_log_ins) == ({}, {}, {})
