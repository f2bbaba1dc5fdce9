"""Which requests of programs were carried out, by the keys that the programs gave them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.account import AccountId
from domain.submission import Submission, SubmissionKind


class Submissions(Protocol):
    """Submissions. They are deleted with the account, and after a day."""

    def add(self, submission: Submission) -> None:
        """Raises Conflict if the account has used the key for this kind, or was deleted."""

    def find(self, account_id: AccountId, kind: SubmissionKind, key: str) -> Submission | None: ...
    def of(self, account_id: AccountId) -> Sequence[Submission]:
        """A person's submissions, the newest first."""

    def forget_before(self, at: datetime) -> None: ...
