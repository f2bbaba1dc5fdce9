"""What was refused, in the audit log: bounded, so that nobody can fill it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from application.ports.persistence import AuditEntry
from application.ports.security import HourlyTally
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.attempts import neighbourhood
from application.use_cases.sessions import NOBODY
from domain.account import Account

RECORDED_AT = frozenset((1, 10, 100, 1_000, 10_000))
"""Which refusals of one kind, person, address and hour are recorded."""
MANY = "(many)"


class Refusal(StrEnum):
    """Kinds of refusals, in the audit log's words."""

    THROTTLED = "was throttled"
    NO_TOKEN = "sent a form without a valid token"  # noqa: S105 (words)
    NOT_THEIRS = "asked for something that is not there or not theirs"


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Records the first, tenth, hundredth … refusal of a person at an address within an hour.

    Holds who, from where, and where on the site: no ids and nothing of what was sent.
    """

    new_uow: NewUnitOfWork
    tally: HourlyTally
    clock: Clock

    def __call__(self, kind: Refusal, *, by: Account | None, address: str, place: str) -> None:
        """`place` is the name of the route."""
        now, actor = self.clock.now(), by.email if by else NOBODY
        number = self.tally.count(f"{kind} {actor} {neighbourhood(address)}", at=now)
        if number is None:  # too many people and addresses in this hour: counted together
            number, actor, address, place = self.tally.count(MANY, at=now) or 0, MANY, "", ""
        if number not in RECORDED_AT:
            return
        times = "" if number == 1 else f"{number:,} times this hour"
        entry = AuditEntry(now, actor, kind.value, ", ".join(filter(None, (place, times))), address)
        with self.new_uow() as uow:
            uow.audit.record(entry)
            uow.commit()
