"""Submissions of programs in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.persistence.submissions import CLASH
from domain.account import AccountId
from domain.errors import Conflict
from domain.submission import Submission, SubmissionKind
from tests.fakes.kept.everything import Kept


@dataclass
class FakeSubmissions:
    kept: Kept

    def add(self, submission: Submission) -> None:
        key = f"{submission.account_id} {submission.kind} {submission.key}"
        if key in self.kept.submissions or submission.account_id not in self.kept.accounts:
            raise Conflict(CLASH)
        self.kept.submissions[key] = submission

    def find(self, account_id: AccountId, kind: SubmissionKind, key: str) -> Submission | None:
        return self.kept.submissions.get(f"{account_id} {kind} {key}")

    def of(self, account_id: AccountId) -> Sequence[Submission]:
        own = [one for one in self.kept.submissions.values() if one.account_id == account_id]
        return sorted(sorted(own, key=lambda one: one.key), key=lambda one: one.at, reverse=True)

    def forget_before(self, at: datetime) -> None:
        for key in [key for key, own in self.kept.submissions.items() if own.at < at]:
            del self.kept.submissions[key]
