"""Second factor: setting it up, logging in with it, recovery codes, turning it off, resetting it for others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from application.ports.security import QrCodes, RecoveryCodes, Secrets, TimeCodes
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.accounts.sessions import enter, log_in_attempts
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, AccountId, Permission
from domain.actor import Actor
from domain.errors import AccountNotFound, Conflict, InvalidInput, LogInExpired
from domain.second_factor import (
    RECOVERY_CODES,
    PendingLogIn,
    SecondFactor,
    accepted_steps,
    code_digits,
    drift_in_words,
    needs_second_factor,
    normalised_recovery_code,
    reported_steps,
    shown_key,
    shown_recovery_code,
)

REFUSED = (
    "This code is not right. Each code works once and for about a minute: wait for the next one. If none is accepted, "
    "compare the clock of your phone with this machine’s clock."
)
RECOVERY_REFUSED = "This recovery code is not right, or it has been used. Each one works once."
KEY_CHANGED = (
    "This installation’s secret.key has changed since the second factor was set up, so the app’s codes are no longer "
    "right. Use a recovery code, or ask an administrator to reset your second factor."
)
ENROLMENT_EXPIRED = "The key on this page has expired. Nothing was changed. Start again to get a new one."
NOT_ENABLED = "There is no second factor to change. Set one up first."
REQUIRED = "Your role needs a second factor, so it cannot be turned off. You can set it up on another device."
OWN_FACTOR = "Turn off your own second factor in your profile, where your password is asked for."


class Proof(StrEnum):
    """The second factor that a person entered."""

    CODE = "code"
    RECOVERY_CODE = "recovery code"


@dataclass(frozen=True, slots=True)
class Passed:
    """A completed log-in. `codes_left` counts unused recovery codes; None if the app's code was used."""

    account: Account
    session: str
    codes_left: int | None


@dataclass(frozen=True, slots=True)
class PassSecondFactor:
    """The second step of a log-in: checks a code of the app or a recovery code, and begins the session."""

    new_uow: NewUnitOfWork
    codes: TimeCodes
    secrets: Secrets
    clock: Clock

    def __call__(self, pending: str, given: str, *, address: str, browser: str) -> Passed:
        """Raises LogInExpired, InvalidInput (field "code") for a wrong code, or TooManyAttempts."""
        now, hashed = self.clock.now(), self.secrets.digest(pending)
        with self.new_uow() as uow:
            account, factor = self._waiting(uow, hashed, now)
            attempts = log_in_attempts(uow, self.secrets, "second factor", account.email, address, now)
            attempts.begin(uow, now)
            proof = self._proof(uow, factor, given, now)
            if proof is None:
                note(uow, self.clock, Actor(account, address), "gave a wrong second factor")
                uow.commit()
                raise InvalidInput(REFUSED if code_digits(given) else RECOVERY_REFUSED, field="code")
            attempts.succeeded(uow, now)
            uow.pending_log_ins.remove(hashed)
            if proof is Proof.RECOVERY_CODE:
                note(uow, self.clock, Actor(account, address), "used a recovery code")
            left = uow.second_factors.codes_left(account.id) if proof is Proof.RECOVERY_CODE else None
            account, token = enter(
                uow, self.secrets, account, now=now, address=address, browser=browser, proof=proof.value
            )
            uow.commit()
        return Passed(account, token, left)

    def _waiting(self, uow: UnitOfWork, hashed: str, now: datetime) -> tuple[Account, SecondFactor]:
        """The account and its second factor, read again: both may have changed since the password was checked."""
        pending = uow.pending_log_ins.get(hashed)
        if pending is None or pending.expired(now):
            raise LogInExpired
        try:
            account = uow.accounts.get(pending.account_id)
        except AccountNotFound:
            raise LogInExpired from None
        factor = uow.second_factors.get(account.id)
        if factor is None or not factor.enabled or not account.may_log_in or _outdated(pending, account):
            raise LogInExpired
        return account, factor

    def _proof(self, uow: UnitOfWork, factor: SecondFactor, given: str, now: datetime) -> Proof | None:
        digits, plain = code_digits(given), normalised_recovery_code(given)
        if digits is not None:
            return Proof.CODE if self._code_fits(uow, factor, digits, now) else None
        if plain is None:
            return None
        used = uow.second_factors.use_code(factor.account_id, self.secrets.digest(plain), at=now)
        return Proof.RECOVERY_CODE if used else None

    def _code_fits(self, uow: UnitOfWork, factor: SecondFactor, digits: str, now: datetime) -> bool:
        if factor.key_mark != self.codes.key_mark():
            raise InvalidInput(KEY_CHANGED, field="code")
        steps = accepted_steps(now, last_step=factor.last_step)
        step = self.codes.matching_step(factor.seed or "", digits, steps=steps)
        if step is None:
            return False
        uow.second_factors.save(replace(factor, last_step=step))
        return True


def _outdated(pending: PendingLogIn, account: Account) -> bool:
    changed = account.password_changed_at
    return changed is not None and changed > pending.created_at


@dataclass(frozen=True, slots=True)
class CheckPendingLogIn:
    """Checks whether a log-in with a correct password still needs its code. Raises LogInExpired otherwise."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, pending: str) -> None:
        with self.new_uow() as uow:
            log_in = uow.pending_log_ins.get(self.secrets.digest(pending))
            if log_in is None or log_in.expired(self.clock.now()):
                raise LogInExpired


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new key that is not confirmed yet, as text in groups and as the <svg> of a QR code."""

    key: str
    qr: str


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """What people see of their second factor. `required`: the role needs one."""

    enabled_at: datetime | None
    codes_left: int
    codes: int
    required: bool
    waiting: Enrolment | None


@dataclass(frozen=True, slots=True)
class ViewSecondFactor:
    new_uow: NewUnitOfWork
    codes: TimeCodes
    qr: QrCodes
    clock: Clock

    def __call__(self, *, by: Account) -> SecondFactorView:
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.id)
            left = uow.second_factors.codes_left(by.id)
            required = needs_second_factor(by.role, uow.policies.get().second_factor_roles)
        seed = factor.waiting_seed(self.clock.now()) if factor else None
        waiting = self._enrolment(seed, by.email) if seed else None
        return SecondFactorView(factor.enabled_at if factor else None, left, RECOVERY_CODES, required, waiting)

    def _enrolment(self, seed: str, email: str) -> Enrolment:
        return Enrolment(shown_key(self.codes.key(seed)), self.qr.svg(self.codes.uri(seed, email=email)))


@dataclass(frozen=True, slots=True)
class BeginEnrolment:
    """Creates a new key, which takes effect when it is confirmed. Until then an existing app keeps working."""

    new_uow: NewUnitOfWork
    codes: TimeCodes
    clock: Clock

    def __call__(self, *, by: Account) -> None:
        mark = self.codes.key_mark()
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.id) or SecondFactor(by.id, mark)
            uow.second_factors.save(factor.begun(self.codes.new_seed(), mark, now=self.clock.now()))
            uow.commit()


@dataclass(frozen=True, slots=True)
class ConfirmEnrolment:
    """Confirms the new key with its first code and the current password. Ends the person's other sessions."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    codes: TimeCodes
    recovery: RecoveryCodes
    secrets: Secrets
    clock: Clock

    def __call__(self, current_password: str, code: str, *, by: Actor, token: str) -> tuple[str, ...]:
        """Returns the new recovery codes. They are stored as hashes and shown only once.

        Raises InvalidInput (fields "current_password", "code"), TooManyAttempts, or Conflict for an expired key.
        """
        self.current.must_be(current_password, of=by)
        now = self.clock.now()
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.account.id)
            seed = factor.waiting_seed(now) if factor else None
            if factor is None or seed is None:
                raise Conflict(ENROLMENT_EXPIRED)
            step = self._step(seed, code, now)
            uow.second_factors.save(factor.confirmed(self.codes.key_mark(), step=step, now=now))
            shown = new_recovery_codes(uow, self.recovery, self.secrets, by.account.id)
            end_others(uow, self.secrets, by.account.id, but=token)
            deed = "moved the second factor to another device" if factor.enabled else "enabled the second factor"
            note(uow, self.clock, by, deed)
            uow.commit()
        return shown

    def _step(self, seed: str, code: str, now: datetime) -> int:
        """The time step of the code.

        Raises InvalidInput for a wrong one; the message names the clocks' difference if known.
        """
        digits = code_digits(code)
        if digits is None:
            raise InvalidInput("A code has six digits.", field="code")
        step = self.codes.matching_step(seed, digits, steps=accepted_steps(now, last_step=0))
        if step is not None:
            return step
        other = self.codes.matching_step(seed, digits, steps=reported_steps(now))
        if other is None:
            raise InvalidInput(REFUSED, field="code")
        raise InvalidInput(
            f"This code is for another time: your phone’s clock is {drift_in_words(other, now)}. "
            "Set both to the right time, then give a new code.",
            field="code",
        )


@dataclass(frozen=True, slots=True)
class RenewRecoveryCodes:
    """Replaces all recovery codes by new ones. Needs the current password."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    recovery: RecoveryCodes
    secrets: Secrets
    clock: Clock

    def __call__(self, current_password: str, *, by: Actor) -> tuple[str, ...]:
        self.current.must_be(current_password, of=by)
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.account.id)
            if factor is None or not factor.enabled:
                raise Conflict(NOT_ENABLED)
            shown = new_recovery_codes(uow, self.recovery, self.secrets, by.account.id)
            note(uow, self.clock, by, "made new recovery codes")
            uow.commit()
        return shown


@dataclass(frozen=True, slots=True)
class DisableSecondFactor:
    """Turns off the second factor. Needs the current password; ends the person's other sessions.

    Raises Conflict if the role needs a second factor.
    """

    new_uow: NewUnitOfWork
    current: CurrentPassword
    secrets: Secrets
    clock: Clock

    def __call__(self, current_password: str, *, by: Actor, token: str) -> None:
        """Raises InvalidInput, TooManyAttempts or Conflict."""
        self.current.must_be(current_password, of=by)
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.account.id)
            if factor is None or not factor.enabled:
                raise Conflict(NOT_ENABLED)
            if needs_second_factor(uow.accounts.get(by.account.id).role, uow.policies.get().second_factor_roles):
                raise Conflict(REQUIRED)
            uow.second_factors.remove(by.account.id)
            end_others(uow, self.secrets, by.account.id, but=token)
            note(uow, self.clock, by, "disabled the second factor")
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """Removes the app and recovery codes of another person who lost them, and ends that person's sessions."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> Account:
        """Raises Conflict for one's own account and for an account without a second factor."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        if account_id == by.account.id:
            raise Conflict(OWN_FACTOR)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            if not uow.second_factors.remove(account.id):
                raise Conflict(f"{account.email} has no second factor.")
            uow.sessions.remove_of(account.id)
            uow.pending_log_ins.remove_of(account.id)
            note(uow, self.clock, by, "reset a second factor", account.email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class ResetSecondFactorOf:
    """Like ResetSecondFactor, by email, for the command line."""

    new_uow: NewUnitOfWork
    reset: ResetSecondFactor

    def __call__(self, email: str, *, by: Actor) -> Account:
        """Raises AccountNotFound or Conflict."""
        with self.new_uow() as uow:
            account = uow.accounts.by_email(email.strip().lower())
        if account is None:
            raise AccountNotFound
        return self.reset(account.id, by=by)


def new_recovery_codes(
    uow: UnitOfWork, recovery: RecoveryCodes, secrets: Secrets, account_id: AccountId
) -> tuple[str, ...]:
    """Store the hashes of ten new codes within the unit of work. Returns the codes as they are shown."""
    plain = [recovery.new_code() for _ in range(RECOVERY_CODES)]
    uow.second_factors.replace_codes(account_id, [secrets.digest(code) for code in plain])
    return tuple(shown_recovery_code(code) for code in plain)


def end_others(uow: UnitOfWork, secrets: Secrets, account_id: AccountId, *, but: str) -> None:
    """End the person's other sessions and their log-ins that still need a code."""
    uow.sessions.remove_of(account_id, but=secrets.digest(but))
    uow.pending_log_ins.remove_of(account_id)
