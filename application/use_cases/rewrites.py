"""Hashes of files that were rewritten: settled after an interruption."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from application.ports.intake import StoredUpload, Uploads
from application.ports.persistence import FileHash, FileKind
from application.ports.results import ResultStore
from application.use_cases.access import NewUnitOfWork
from application.use_cases.privacy import take_over
from domain.errors import ResultMissing
from domain.run import RunId


@dataclass(frozen=True, slots=True)
class SettleRewrites:
    """Where erasing a customer was interrupted, a file may have two hashes: keep the one that it has.

    The hash of a file that was not replaced yet stays acceptable: erasing may be about to replace it.
    """

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads

    def __call__(self) -> int:
        """How many files were settled."""
        with self.new_uow() as uow:
            counts = Counter(own.subject for own in uow.hashes.all(FileKind.RESULTS))
            expected = uow.hashes.all(FileKind.UPLOAD)
        twice = [RunId(subject) for subject, count in counts.items() if count > 1]
        settled = sum(self._settle_result(run_id) for run_id in twice)
        return settled + sum(self._settle_upload(own) for own in expected)

    def _settle_result(self, run_id: RunId) -> bool:
        try:
            found = self.results.fingerprint(run_id)
        except ResultMissing:
            return False
        with self.new_uow() as uow:
            if found is None or found not in uow.hashes.of(FileKind.RESULTS, run_id):
                return False
            uow.hashes.settle(FileHash(FileKind.RESULTS, run_id, found))
            uow.commit()
        return True

    def _settle_upload(self, expected: FileHash) -> bool:
        try:
            found = self.uploads.sha256(expected.subject)
        except FileNotFoundError:
            return False
        if found != expected.sha256:
            return False
        with self.new_uow() as uow:
            take_over(uow, expected.subject, StoredUpload(found, expected.size))
            uow.commit()
        return True
