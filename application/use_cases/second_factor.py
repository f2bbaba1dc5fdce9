"""Second factor: setting it up, logging in with it, recovery codes, turning it off, resetting it for somebody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from application.ports.persistence import UnitOfWork
from application.ports.security import QrCodes, RecoveryCodes, Secrets, TimeCodes
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.passwords import CurrentPassword
from application.use_cases.sessions import enter, log_in_attempts
from domain.account import Account, AccountId, Permission
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
    """What was given as second factor."""

    CODE = "code"
    RECOVERY_CODE = "recovery code"


@dataclass(frozen=True, slots=True)
class Passed:
    """A complete log-in. `codes_left` counts recovery codes, and is None unless one was used."""

    account: Account
    session: str
    codes_left: int | None


@dataclass(frozen=True, slots=True)
class PassSecondFactor:
    """The second step of a log-in: a code of the app, or a recovery code. Begins the session."""

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
                note(uow, self.clock, account, "gave a wrong second factor", address=address)
                uow.commit()
                raise InvalidInput(REFUSED if code_digits(given) else RECOVERY_REFUSED, field="code")
            attempts.succeeded(uow, now)
            uow.pending_log_ins.remove(hashed)
            if proof is Proof.RECOVERY_CODE:
                note(uow, self.clock, account, "used a recovery code", address=address)
            left = uow.second_factors.codes_left(account.id) if proof is Proof.RECOVERY_CODE else None
            account, token = enter(
                uow, self.secrets, account, now=now, address=address, browser=browser, proof=proof.value
            )
            uow.commit()
        return Passed(account, token, left)

    def _waiting(self, uow: UnitOfWork, hashed: str, now: datetime) -> tuple[Account, SecondFactor]:
        """The account and its factor as they are now: both may have changed since the password was given."""
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
    """Whether a correct password still waits for its code. Raises LogInExpired."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, pending: str) -> None:
        with self.new_uow() as uow:
            found = uow.pending_log_ins.get(self.secrets.digest(pending))
            if found is None or found.expired(self.clock.now()):
                raise LogInExpired


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A key that waits for its first code, as text in groups and as the <svg> of a QR code."""

    key: str
    qr: str


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """What a person sees of their own second factor. `required`: the role needs one."""

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
    """Makes a new key, which waits for its first code. An app that is in use keeps working until then."""

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
    """Puts the waiting key into use, given the current password and its first code. Ends the other sessions."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    codes: TimeCodes
    recovery: RecoveryCodes
    secrets: Secrets
    clock: Clock

    def __call__(
        self, current_password: str, code: str, *, by: Account, token: str, address: str = ""
    ) -> tuple[str, ...]:
        """New recovery codes, which are stored as hashes and shown this once.

        Raises InvalidInput (fields "current_password", "code"), TooManyAttempts, or Conflict for an expired key.
        """
        self.current.must_be(current_password, of=by, address=address)
        now = self.clock.now()
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.id)
            seed = factor.waiting_seed(now) if factor else None
            if factor is None or seed is None:
                raise Conflict(ENROLMENT_EXPIRED)
            step = self._step(seed, code, now)
            uow.second_factors.save(factor.confirmed(self.codes.key_mark(), step=step, now=now))
            shown = new_recovery_codes(uow, self.recovery, self.secrets, by.id)
            end_others(uow, self.secrets, by.id, but=token)
            deed = "moved the second factor to another device" if factor.enabled else "enabled the second factor"
            note(uow, self.clock, by, deed, address=address)
            uow.commit()
        return shown

    def _step(self, seed: str, code: str, now: datetime) -> int:
        """Raises InvalidInput, naming the difference of the clocks where the code is right for another time."""
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
    """New recovery codes in place of all earlier ones. Asks for the current password."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    recovery: RecoveryCodes
    secrets: Secrets
    clock: Clock

    def __call__(self, current_password: str, *, by: Account, address: str = "") -> tuple[str, ...]:
        self.current.must_be(current_password, of=by, address=address)
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.id)
            if factor is None or not factor.enabled:
                raise Conflict(NOT_ENABLED)
            shown = new_recovery_codes(uow, self.recovery, self.secrets, by.id)
            note(uow, self.clock, by, "made new recovery codes", address=address)
            uow.commit()
        return shown


@dataclass(frozen=True, slots=True)
class DisableSecondFactor:
    """Asks for the current password; ends the person's other sessions. Refused where the role needs one."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    secrets: Secrets
    clock: Clock

    def __call__(self, current_password: str, *, by: Account, token: str, address: str = "") -> None:
        """Raises InvalidInput, TooManyAttempts or Conflict."""
        self.current.must_be(current_password, of=by, address=address)
        with self.new_uow() as uow:
            factor = uow.second_factors.get(by.id)
            if factor is None or not factor.enabled:
                raise Conflict(NOT_ENABLED)
            if needs_second_factor(uow.accounts.get(by.id).role, uow.policies.get().second_factor_roles):
                raise Conflict(REQUIRED)
            uow.second_factors.remove(by.id)
            end_others(uow, self.secrets, by.id, but=token)
            note(uow, self.clock, by, "disabled the second factor", address=address)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """For somebody who lost their phone and their recovery codes: removes both and ends the person's sessions."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        """Raises Conflict for one's own account and for an account without a second factor."""
        by.must_be_able_to(Permission.ADMINISTER)
        if account_id == by.id:
            raise Conflict(OWN_FACTOR)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            if not uow.second_factors.remove(account.id):
                raise Conflict(f"{account.email} has no second factor.")
            uow.sessions.remove_of(account.id)
            uow.pending_log_ins.remove_of(account.id)
            note(uow, self.clock, by, "reset a second factor", account.email, address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class ResetSecondFactorOf:
    """The same by email, for the command line."""

    new_uow: NewUnitOfWork
    reset: ResetSecondFactor

    def __call__(self, email: str, *, by: Account) -> Account:
        """Raises AccountNotFound or Conflict."""
        with self.new_uow() as uow:
            account = uow.accounts.by_email(email.strip().lower())
        if account is None:
            raise AccountNotFound
        return self.reset(account.id, by=by)


def new_recovery_codes(
    uow: UnitOfWork, recovery: RecoveryCodes, secrets: Secrets, account_id: AccountId
) -> tuple[str, ...]:
    """Stores hashes of ten new codes within the unit of work; the codes as they are shown."""
    plain = [recovery.new_code() for _ in range(RECOVERY_CODES)]
    uow.second_factors.replace_codes(account_id, [secrets.digest(code) for code in plain])
    return tuple(shown_recovery_code(code) for code in plain)


def end_others(uow: UnitOfWork, secrets: Secrets, account_id: AccountId, *, but: str) -> None:
    """End the person's other sessions and log-ins that wait for a code."""
    uow.sessions.remove_of(account_id, but=secrets.digest(but))
    uow.pending_log_ins.remove_of(account_id)
