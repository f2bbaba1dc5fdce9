"""Second factor: setting it up, logging in with it, recovery codes, turning it off, resetting it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from application.ports.persistence import AuditQuery
from application.use_cases.departure import take_leave
from application.use_cases.passwords import CurrentPassword
from application.use_cases.second_factor import (
    BeginEnrolment,
    ConfirmEnrolment,
    DisableSecondFactor,
    Passed,
    PassSecondFactor,
    RenewRecoveryCodes,
    ResetSecondFactor,
    ResetSecondFactorOf,
    ViewSecondFactor,
)
from application.use_cases.sessions import Admitted, LogIn, ReadSession, WhoEnrols, WhoIs, open_session
from domain.account import Account, AccountId, Role
from domain.errors import AccountNotFound, Conflict, InvalidInput, LogInExpired, NotAllowed, TooManyAttempts
from domain.second_factor import time_step
from tests.builders import a_policy, an_account
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import (
    CountedRecoveryCodes,
    CountedSecrets,
    FixedClock,
    PlainHasher,
    ReadableTimeCodes,
    WrittenQrCodes,
)

PASSWORD = "correct horse battery staple 9"
HOME = "10.0.0.7"


class House:
    """One person with a session, an administrator, and everything about second factors."""

    def __init__(self) -> None:
        self.new_uow = partial(FakeUnitOfWork, FakeDatabase())
        reading = partial(FakeUnitOfWork, self.new_uow.args[0], reading=True)
        self.clock, self.hasher, self.secrets = FixedClock(), PlainHasher(), CountedSecrets()
        self.codes = ReadableTimeCodes()
        current, recovery = CurrentPassword(self.new_uow, self.hasher, self.clock), CountedRecoveryCodes()
        self.log_in_by = LogIn(self.new_uow, self.hasher, self.secrets, self.clock)
        self.pass_by = PassSecondFactor(self.new_uow, self.codes, self.secrets, self.clock)
        read = ReadSession(self.new_uow, reading, self.secrets, self.clock)
        self.who_is, self.who_enrols = WhoIs(read), WhoEnrols(read)
        self.view = ViewSecondFactor(reading, self.codes, WrittenQrCodes(), self.clock)
        self.begin = BeginEnrolment(self.new_uow, self.codes, self.clock)
        self.confirm = ConfirmEnrolment(self.new_uow, current, self.codes, recovery, self.secrets, self.clock)
        self.renew = RenewRecoveryCodes(self.new_uow, current, recovery, self.secrets, self.clock)
        self.disable = DisableSecondFactor(self.new_uow, current, self.secrets, self.clock)
        self.reset = ResetSecondFactor(self.new_uow, self.clock)
        self.reset_of = ResetSecondFactorOf(reading, self.reset)
        self.person = self.add("person", Role.ANALYST)
        self.admin = self.add("admin", Role.ADMIN)
        self.token = self.session_of(self.person)

    def add(self, name: str, role: Role) -> Account:
        hashed = self.hasher.hash(PASSWORD)
        account = an_account(id=name, email=f"{name}@telco.example.com", password_hash=hashed, role=role)
        with self.new_uow() as uow:
            uow.accounts.add(account)
            uow.commit()
        return account

    def session_of(self, account: Account) -> str:
        with self.new_uow() as uow:
            token = open_session(uow, self.secrets, account, now=self.clock.now(), address=HOME, browser="")
            uow.commit()
        return token

    def code(self, *, later: int = 0, seed: str | None = None) -> str:
        with self.new_uow() as uow:
            factor = uow.second_factors.get(self.person.id)
        assert factor is not None
        return self.codes.code(seed or factor.pending_seed or factor.seed or "", time_step(self.clock.now()) + later)

    def enrol(self) -> tuple[str, ...]:
        self.begin(by=self.person)
        codes = self.confirm(PASSWORD, self.code(), by=self.person, token=self.token)
        self.clock.move(seconds=30)
        return codes

    def require(self, *roles: Role) -> None:
        with self.new_uow() as uow:
            uow.policies.save(a_policy(second_factor_roles=roles))
            uow.commit()

    def change(self, **fields: object) -> None:
        with self.new_uow() as uow:
            uow.accounts.save(replace(uow.accounts.get(self.person.id), **fields))  # type: ignore[arg-type]
            uow.commit()

    def log_in(self, password: str = PASSWORD, *, address: str = HOME) -> Admitted:
        return self.log_in_by(self.person.email, password, address=address, browser="")

    def pending(self) -> str:
        admitted = self.log_in()
        assert admitted.session is None
        assert admitted.pending is not None
        return admitted.pending

    def second_step(self, pending: str, given: str, *, address: str = HOME) -> Passed:
        return self.pass_by(pending, given, address=address, browser="")

    def last_log_in(self) -> str:
        """What the audit log says of the latest one."""
        with self.new_uow() as uow:
            entries, _ = uow.audit.find(AuditQuery(action="logged in"))
        return entries[0].subject

    def audit(self) -> list[str]:
        """Oldest first."""
        with self.new_uow() as uow:
            entries, _ = uow.audit.find(AuditQuery(limit=1000))
        return [entry.action for entry in reversed(entries)]


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

    house.confirm(PASSWORD, house.code(), by=house.person, token=house.token)

    view = house.view(by=house.person)
    assert (view.waiting, view.enabled_at, view.codes_left) == (None, house.clock.now(), 10)
    assert house.audit() == ["enabled the second factor"]


def test_enrolment_asks_for_the_password_and_a_right_code(house: House) -> None:
    house.begin(by=house.person)
    with pytest.raises(InvalidInput) as wrong_password:
        house.confirm("another password", house.code(), by=house.person, token=house.token)
    with pytest.raises(InvalidInput) as wrong_code:
        house.confirm(PASSWORD, "000000", by=house.person, token=house.token)
    with pytest.raises(InvalidInput) as no_code:
        house.confirm(PASSWORD, "12345", by=house.person, token=house.token)

    assert [error.value.field for error in (wrong_password, wrong_code, no_code)] == [
        "current_password",
        "code",
        "code",
    ]
    assert house.view(by=house.person).enabled_at is None


def test_a_phone_whose_clock_is_wrong_is_told_by_how_much(house: House) -> None:
    house.begin(by=house.person)
    with pytest.raises(InvalidInput, match="phone’s clock is about 10 minutes behind this machine's clock"):
        house.confirm(PASSWORD, house.code(later=-20), by=house.person, token=house.token)


def test_a_key_expires_after_thirty_minutes(house: House) -> None:
    house.begin(by=house.person)
    house.clock.move(minutes=30, seconds=1)
    assert house.view(by=house.person).waiting is None
    with pytest.raises(Conflict, match="expired"):
        house.confirm(PASSWORD, house.code(), by=house.person, token=house.token)


def test_enabling_ends_the_other_sessions_and_keeps_this_one(house: House) -> None:
    other = house.session_of(house.person)
    house.enrol()
    assert house.who_is(other) is None
    assert house.who_is(house.token) is not None


def test_the_password_alone_opens_nothing_once_a_second_factor_is_on(house: House) -> None:
    house.enrol()

    pending = house.pending()

    assert house.who_is(pending) is None
    assert house.who_enrols(pending) is None
    with house.new_uow() as uow:
        assert len(uow.sessions.of(house.person.id)) == 1  # the one that enrolled
        assert uow.accounts.get(house.person.id).last_login_at is None
    assert "logged in" not in house.audit()


def test_a_code_completes_the_log_in_once(house: House) -> None:
    house.enrol()
    pending, code = house.pending(), house.code()

    passed = house.second_step(pending, code)

    assert house.who_is(passed.session) == passed.account
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
    house.confirm(PASSWORD, code, by=house.person, token=house.token)
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), code)


@pytest.mark.parametrize("later", [-2, 2])
def test_codes_of_other_steps_are_refused(house: House, later: int) -> None:
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


def test_a_clock_that_was_set_back_keeps_nobody_out(house: House) -> None:
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
        house.renew("another password", by=house.person)

    new = house.renew(PASSWORD, by=house.person)

    assert len(set(new)) == 10
    assert not set(new) & set(old)
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), old[0])
    assert house.second_step(house.pending(), new[0]).codes_left == 9


def test_recovery_codes_are_stored_as_hashes_alone(house: House) -> None:
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
def test_a_person_shut_out_meanwhile_does_not_get_in(house: House, fields: dict[str, object]) -> None:
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


def test_a_secret_that_waits_for_nothing_is_refused(house: House) -> None:
    for pending in ("", "nonsense", house.token):
        with pytest.raises(LogInExpired):
            house.second_step(pending, "000000")


def test_under_another_installation_secret_recovery_codes_still_work(house: House) -> None:
    codes = house.enrol()
    house.codes.mark = "mark-2"
    with pytest.raises(InvalidInput, match=r"secret\.key has changed"):
        house.second_step(house.pending(), house.code())
    assert house.second_step(house.pending(), codes[0]).session


def test_another_device_takes_over_with_its_first_code(house: House) -> None:
    house.enrol()
    house.begin(by=house.person)
    assert house.second_step(house.pending(), house.code(seed="s")).session  # the old app works until then
    house.clock.move(seconds=30)

    house.confirm(PASSWORD, house.code(), by=house.person, token=house.token)

    house.clock.move(seconds=30)
    assert "moved the second factor to another device" in house.audit()
    with pytest.raises(InvalidInput):
        house.second_step(house.pending(), house.code(seed="s"))
    assert house.second_step(house.pending(), house.code(seed="ss")).session


def test_turning_it_off_asks_for_the_password_and_ends_other_sessions(house: House) -> None:
    house.enrol()
    other = house.session_of(house.person)
    pending = house.pending()
    with pytest.raises(InvalidInput):
        house.disable("another password", by=house.person, token=house.token)

    house.disable(PASSWORD, by=house.person, token=house.token)

    assert house.who_is(other) is None
    assert house.who_is(house.token) is not None
    assert house.audit()[-1] == "disabled the second factor"
    assert house.log_in().session is not None
    with pytest.raises(LogInExpired):
        house.second_step(pending, "000000")


def test_nothing_is_turned_off_or_renewed_where_there_is_nothing(house: House) -> None:
    for attempt in (
        lambda: house.disable(PASSWORD, by=house.person, token=house.token),
        lambda: house.renew(PASSWORD, by=house.person),
    ):
        with pytest.raises(Conflict, match="no second factor"):
            attempt()


def test_a_role_that_needs_one_cannot_turn_it_off(house: House) -> None:
    house.enrol()
    house.require(Role.ANALYST)
    assert house.view(by=house.person).required
    with pytest.raises(Conflict, match="role needs"):
        house.disable(PASSWORD, by=house.person, token=house.token)


def test_a_person_whose_role_needs_one_is_nobody_until_it_is_set_up(house: House) -> None:
    house.require(Role.ANALYST)

    assert house.who_is(house.token) is None
    assert house.who_enrols(house.token) == house.person
    assert house.who_is(house.session_of(house.admin)) == house.admin

    house.enrol()
    assert house.who_is(house.token) == house.person


def test_a_change_of_role_asks_for_one_at_the_next_request(house: House) -> None:
    house.require(Role.ADMIN)
    assert house.who_is(house.token) is not None
    house.change(role=Role.ADMIN)
    assert house.who_is(house.token) is None


def test_an_administrator_resets_anothers_second_factor(house: House) -> None:
    codes = house.enrol()
    pending = house.pending()

    house.reset(house.person.id, by=house.admin)

    assert house.who_is(house.token) is None
    assert house.audit()[-1] == "reset a second factor"
    with pytest.raises(LogInExpired):
        house.second_step(pending, codes[0])
    assert house.log_in().session is not None


def test_who_may_reset_what(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.reset(house.admin.id, by=house.person)
    with pytest.raises(Conflict, match="your own"):
        house.reset(house.admin.id, by=house.admin)
    with pytest.raises(Conflict, match="no second factor"):
        house.reset(house.person.id, by=house.admin)
    with pytest.raises(AccountNotFound):
        house.reset(AccountId("nobody"), by=house.admin)


def test_the_command_line_resets_by_email(house: House) -> None:
    house.enrol()
    assert house.reset_of("  Person@Telco.example.com ", by=house.admin).id == house.person.id
    with pytest.raises(AccountNotFound):
        house.reset_of("nobody@telco.example.com", by=house.admin)


def test_a_deleted_account_leaves_no_second_factor(house: House) -> None:
    house.enrol()
    house.pending()
    with house.new_uow() as uow:
        take_leave(uow, house.person, now=house.clock.now())
        uow.commit()
    kept = house.new_uow.args[0].kept
    assert (kept.second_factors, kept.recovery_codes, kept.pending_log_ins) == ({}, {}, {})
