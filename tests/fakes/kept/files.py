"""The installation's record, pending deletions and hashes of files in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.stored_files import FileHash, FileKind, PendingDeletion
from domain.installation import InstallationId
from tests.fakes.kept.everything import Kept, isolated


@dataclass(frozen=True, slots=True)
class FakeInstallation:
    kept: Kept

    def get(self) -> InstallationId | None:
        return self.kept.installation

    def begin(self, proposed: InstallationId) -> InstallationId:
        self.kept.installation = self.kept.installation or proposed
        return self.kept.installation

    def sequence(self) -> int:
        return self.kept.sequence

    def advance(self, *, beyond: int = 0) -> int:
        self.kept.sequence = max(self.kept.sequence, beyond) + 1
        return self.kept.sequence


@dataclass(frozen=True, slots=True)
class FakeDeletions:
    kept: Kept

    def add(self, deletion: PendingDeletion) -> PendingDeletion:
        added = replace(deletion, id=max(self.kept.deletions, default=0) + 1)
        self.kept.deletions[added.id] = isolated(added)
        return added

    def remove(self, deletion_id: int) -> None:
        self.kept.deletions.pop(deletion_id, None)

    def remove_of(self, subject: str) -> None:
        for key in [key for key, own in self.kept.deletions.items() if own.subject == subject]:
            del self.kept.deletions[key]

    def all(self) -> Sequence[PendingDeletion]:
        return [isolated(self.kept.deletions[key]) for key in sorted(self.kept.deletions)]


@dataclass(frozen=True, slots=True)
class FakeFileHashes:
    kept: Kept

    def accept(self, accepted: FileHash) -> None:
        if accepted.sha256 not in self.of(accepted.kind, accepted.subject):
            self.kept.hashes.append(accepted)

    def settle(self, only: FileHash) -> None:
        self.remove(only.kind, only.subject)
        self.accept(only)

    def remove(self, kind: FileKind, subject: str) -> None:
        self.kept.hashes[:] = [own for own in self.kept.hashes if (own.kind, own.subject) != (kind, subject)]

    def all(self, kind: FileKind) -> Sequence[FileHash]:
        hashes = [own for own in self.kept.hashes if own.kind is kind]
        return sorted(hashes, key=lambda own: (own.subject, own.sha256))

    def of(self, kind: FileKind, subject: str) -> frozenset[str]:
        return frozenset(own.sha256 for own in self.kept.hashes if (own.kind, own.subject) == (kind, subject))
