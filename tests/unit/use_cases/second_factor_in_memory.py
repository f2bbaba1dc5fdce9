"""The use cases of the second factor in memory, and one person who uses them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from application.ports.audit import AuditQuery
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.accounts.second_factor import (
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
from application.use_cases.accounts.sessions import (
    Admitted,
    AuthenticateEnrolment,
    AuthenticateSession,
    LogIn,
    ReadSession,
    open_session,
)
from domain.account import Account, Role
from domain.actor import Actor
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


class Installation:
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
        self.authenticate_session, self.authenticate_enrolment = AuthenticateSession(read), AuthenticateEnrolment(read)
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
        codes = self.confirm(PASSWORD, self.code(), by=Actor(self.person), token=self.token)
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
