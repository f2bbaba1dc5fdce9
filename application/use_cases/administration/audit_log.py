"""Reading and exporting the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from application.ports.audit import AuditEntry, AuditQuery
from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the number of matching entries, and the actions to filter by."""

    entries: tuple[AuditEntry, ...]
    total: int
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadAudit:
    new_uow: NewUnitOfWork

    def __call__(self, query: AuditQuery, *, by: Account) -> AuditPage:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            entries, total = uow.audit.find(query)
            return AuditPage(tuple(entries), total, tuple(uow.audit.actions()))


AUDIT_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ExportAudit:
    """All matching entries in chunks, newest first. The export itself is recorded."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, query: AuditQuery, *, by: Actor) -> Iterator[Sequence[AuditEntry]]:
        by.account.must_be_able_to(Permission.ADMINISTER)
        until = min(query.until or self.clock.now(), self.clock.now())
        with self.new_uow() as uow:
            note(uow, self.clock, by, "exported the audit log")
            uow.commit()
        return self._chunks(replace(query, until=until, offset=0, limit=AUDIT_CHUNK))

    def _chunks(self, query: AuditQuery) -> Iterator[Sequence[AuditEntry]]:
        # New entries are added before those read so far. A fixed end of the period keeps the pages from shifting.
        while True:
            with self.new_reading() as uow:
                entries, _ = uow.audit.find(query)
            if not entries:
                return
            yield entries
            query = replace(query, offset=query.offset + len(entries))
