"""Files that raised a question before anything was stored: kept for an hour, so that the answer need not send them.

Browsers with JavaScript keep the file themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from application.ports.intake import Uploads
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.errors import Conflict


@dataclass(frozen=True, slots=True)
class AskedUploads:
    """Keeps one file for each person, as a temporary upload: a later one replaces it."""

    new_reading: NewUnitOfWork
    uploads: Uploads

    def keep(self, stream: IO[bytes], *, by: Account) -> str:
        """Store the file. Returns its SHA-256, by which the answer names it. Raises NotAllowed."""
        by.must_be_able_to(Permission.PREDICT)
        with self.new_reading() as uow:
            limit = uow.policies.get().upload_limit
        return self.uploads.receive(_draft_of(by), stream, limit=limit).sha256

    def path(self, sha256: str, *, by: Account) -> Path:
        """The file that was kept. Raises NotAllowed, and Conflict if it is gone or was replaced by another."""
        by.must_be_able_to(Permission.PREDICT)
        draft = _draft_of(by)
        try:
            is_same = self.uploads.sha256(draft) == sha256
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise Conflict("The file is no longer kept for your answer. Nothing was stored; choose it again.")
        self.uploads.keep(draft)
        return self.uploads.path(draft)

    def forget(self, *, by: Account) -> None:
        """Delete the file once its question is answered."""
        self.uploads.discard(_draft_of(by))


def _draft_of(by: Account) -> str:
    return f"check-asked-{by.id}"
