"""Audit entries for refused requests. Their number is limited, so that they cannot fill the log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from application.ports.audit import AuditEntry
from application.ports.security import HourlyCounter
from application.ports.system import Clock
from application.use_cases.accounts.login_throttling import client_network
from application.use_cases.accounts.sessions import NOBODY
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.formats import NO_CURRENCY, FormatsOf

RECORDED_AT = frozenset((1, 10, 100, 1_000, 10_000))
"""The counts within one hour at which refusals of one kind, person and address are recorded."""
MANY = "(many)"


class Refusal(StrEnum):
    """Kinds of refusals, in the audit log's words."""

    THROTTLED = "was throttled"
    NO_TOKEN = "sent a form without a valid token"  # noqa: S105 (words)
    NOT_THEIRS = "asked for something that is not there or not theirs"


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Records the first, tenth, hundredth … refusal of an account at an IP address within an hour.

    An entry holds the account, the IP address and the route. It holds no ids and no request data.
    """

    new_uow: NewUnitOfWork
    counter: HourlyCounter
    clock: Clock
    formats_of: FormatsOf

    def __call__(self, kind: Refusal, *, by: Account | None, address: str, place: str) -> None:
        """`place` is the name of the route."""
        now, actor = self.clock.now(), by.email if by else NOBODY
        number = self.counter.count(f"{kind} {actor} {client_network(address)}", at=now)
        if number is None:  # the limit of keys for this hour is reached: these refusals share one count
            number, actor, address, place = self.counter.count(MANY, at=now) or 0, MANY, "", ""
        if number not in RECORDED_AT:
            return
        times = "" if number == 1 else f"{self.formats_of(NO_CURRENCY).number(number)} times this hour"
        entry = AuditEntry(now, actor, kind.value, ", ".join(filter(None, (place, times))), address)
        with self.new_uow() as uow:
            uow.audit.record(entry)
            uow.commit()
