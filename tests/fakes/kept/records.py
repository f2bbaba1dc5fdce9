"""Playbooks, the policy, the audit log, workers, uploads and failed attempts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.accounts import ATTEMPTS_KEPT
from application.ports.audit import AuditEntry, AuditQuery
from application.ports.job_records import JobTotal
from application.ports.stored_files import UploadRecord
from domain.errors import Conflict, NotFound
from domain.playbook import Playbook
from domain.playbook_versions import OVERTAKEN, PlaybookVersion
from domain.policy import InstallationPolicy
from tests.fakes.kept.everything import Kept, isolated


@dataclass(frozen=True, slots=True)
class FakePlaybooks:
    kept: Kept

    def latest(self) -> Playbook:
        return self.get(max(self.kept.playbooks, default=0))

    def get(self, version: int) -> Playbook:
        return self.version(version).playbook

    def version(self, number: int) -> PlaybookVersion:
        if number not in self.kept.playbooks:
            raise NotFound("There is no such version of the playbook.")
        return isolated(self.kept.playbooks[number])

    def versions(self) -> list[PlaybookVersion]:
        return [self.version(number) for number in sorted(self.kept.playbooks, reverse=True)]

    def add(self, version: PlaybookVersion) -> None:
        if version.number in self.kept.playbooks:
            raise Conflict(OVERTAKEN)
        self.kept.playbooks[version.number] = isolated(version)


@dataclass(frozen=True, slots=True)
class FakePolicies:
    kept: Kept

    def get(self) -> InstallationPolicy:
        return isolated(self.kept.policy) or InstallationPolicy()

    def save(self, policy: InstallationPolicy) -> None:
        self.kept.policy = isolated(policy)


@dataclass(frozen=True, slots=True)
class FakeAuditLog:
    kept: Kept

    def record(self, entry: AuditEntry) -> None:
        self.kept.audit.append(isolated(entry))

    def find(self, query: AuditQuery) -> tuple[Sequence[AuditEntry], int]:
        text = query.search.strip().casefold()
        matching = [
            entry
            for entry in self.kept.audit
            if text in "\n".join((entry.actor, entry.action, entry.subject, entry.address)).casefold()
            and (not query.action or entry.action == query.action)
            and (query.since is None or entry.at >= query.since)
            and (query.until is None or entry.at < query.until)
        ]
        newest = sorted(matching, key=lambda entry: entry.at)[::-1]
        return isolated(newest[query.offset : query.offset + query.limit]), len(matching)

    def actions(self) -> Sequence[str]:
        return sorted({entry.action for entry in self.kept.audit})


@dataclass(frozen=True, slots=True)
class FakeWorkers:
    kept: Kept

    def heartbeat(self, name: str, *, at: datetime) -> None:
        self.kept.workers[name] = at

    def last_seen(self, *, until: datetime | None = None) -> datetime | None:
        return max((at for at in self.kept.workers.values() if until is None or at <= until), default=None)


@dataclass(frozen=True, slots=True)
class FakeUploadLog:
    kept: Kept

    def add(self, record: UploadRecord) -> None:
        if record.id in self.kept.uploads:
            raise Conflict("There is already an upload with this id.")
        self.kept.uploads[record.id] = isolated(record)

    def get(self, upload_id: str) -> UploadRecord | None:
        return isolated(self.kept.uploads.get(upload_id))

    def remove(self, upload_id: str) -> None:
        self.kept.uploads.pop(upload_id, None)

    def all(self) -> Sequence[UploadRecord]:
        return isolated(sorted(self.kept.uploads.values(), key=lambda own: (own.at, own.id), reverse=True))


@dataclass(frozen=True, slots=True)
class FakeThrottle:
    kept: Kept

    def failures(self, key: str, *, since: datetime) -> Sequence[datetime]:
        return sorted(at for own, at in self.kept.attempts if own == key and at >= since)

    def record(self, key: str, *, at: datetime) -> None:
        self.forget_before(at - ATTEMPTS_KEPT)
        self.kept.attempts.append((key, at))

    def clear(self, key: str) -> None:
        self.kept.attempts[:] = [attempt for attempt in self.kept.attempts if attempt[0] != key]

    def forget(self, key: str, *, at: datetime) -> None:
        if (key, at) in self.kept.attempts:
            self.kept.attempts.remove((key, at))

    def forget_before(self, at: datetime) -> None:
        self.kept.attempts[:] = [attempt for attempt in self.kept.attempts if attempt[1] >= at]


@dataclass(frozen=True, slots=True)
class FakeJobTotals:
    kept: Kept

    def add(self, more: JobTotal) -> None:
        key = (more.kind, more.outcome)
        old = self.kept.job_totals.get(key, JobTotal(more.kind, more.outcome))
        self.kept.job_totals[key] = JobTotal(
            more.kind,
            more.outcome,
            old.jobs + more.jobs,
            old.seconds + more.seconds,
            old.rows + more.rows,
            old.rejected + more.rejected,
        )

    def all(self) -> Sequence[JobTotal]:
        return [self.kept.job_totals[key] for key in sorted(self.kept.job_totals)]
