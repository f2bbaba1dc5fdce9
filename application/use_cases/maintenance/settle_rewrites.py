"""Resolves the hashes of files whose rewriting was interrupted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from application.ports.intake import StoredUpload, Uploads
from application.ports.results import ResultStore
from application.ports.stored_files import FileHash, FileKind
from application.use_cases.permissions import NewUnitOfWork
from application.use_cases.privacy.customer_data import take_over
from domain.errors import ResultMissing
from domain.run import RunId


@dataclass(frozen=True, slots=True)
class SettleRewrites:
    """Resolves files that have two valid hashes because erasing a customer was interrupted: keeps the actual one.

    The hash of a file that was not replaced yet stays valid: another process may be about to replace the file.
    """

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads

    def __call__(self) -> int:
        """Returns how many files were settled."""
        with self.new_uow() as uow:
            counts = Counter(own.subject for own in uow.hashes.all(FileKind.RESULTS))
            expected = uow.hashes.all(FileKind.UPLOAD)
        twice = [RunId(subject) for subject, count in counts.items() if count > 1]
        settled = sum(self._settle_result(run_id) for run_id in twice)
        return settled + sum(self._settle_upload(own) for own in expected)

    def _settle_result(self, run_id: RunId) -> bool:
        try:
            fingerprint = self.results.fingerprint(run_id)
        except ResultMissing:
            return False
        with self.new_uow() as uow:
            if fingerprint is None or fingerprint not in uow.hashes.of(FileKind.RESULTS, run_id):
                return False
            uow.hashes.settle(FileHash(FileKind.RESULTS, run_id, fingerprint))
            uow.commit()
        return True

    def _settle_upload(self, expected: FileHash) -> bool:
        try:
            sha256 = self.uploads.sha256(expected.subject)
        except FileNotFoundError:
            return False
        if sha256 != expected.sha256:
            return False
        with self.new_uow() as uow:
            take_over(uow, expected.subject, StoredUpload(sha256, expected.size))
            uow.commit()
        return True
