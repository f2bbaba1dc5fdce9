"""Repositories of runs and of searches for customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.account import AccountId
from domain.progress import Progress
from domain.run import JobState, Run, RunId

SEARCHES_VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """A customer search. URLs hold its key instead of the text, because the text may be a customer's id."""

    key: str
    account_id: AccountId
    text: str
    at: datetime


class Searches(Protocol):
    """Customer searches. They are deleted with the account, and after `SEARCHES_VALID`."""

    def save(self, search: CustomerSearch, *, keep: int) -> None:
        """Add the search, or update the one with its key. Keeps the latest `keep` searches of the account."""

    def get(self, key: str) -> CustomerSearch | None: ...
    def find(self, account_id: AccountId, text: str) -> CustomerSearch | None: ...
    def forget_before(self, at: datetime) -> None: ...
    def forget_all(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs, in what order. `visible_to` selects an account's own runs and the shared ones (None: all runs).

    `sort` is one of created, file, customers, leaving; `search` is part of a file's or an owner's name. The period
    includes `since` and excludes `until`.
    """

    visible_to: str | None = None
    owner: str | None = None
    search: str = ""
    states: tuple[JobState, ...] = ()
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "created"
    descending: bool = True
    offset: int = 0
    limit: int | None = 25
    """None for no limit."""
    also_deleted: bool = False
    """Also the runs whose deletion can still be undone; for what deals with everything that is stored."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs; the number of all matching runs, and of the customers scored in them."""

    runs: tuple[Run, ...]
    total: int
    customers: int


class Runs(Protocol):
    """Scoring runs."""

    def add(self, run: Run) -> None: ...
    def get(self, run_id: RunId) -> Run:
        """Raises RunNotFound."""

    def save(self, run: Run) -> None:
        """Update a run. Deletes the contact list of a run that ended without a result. Raises RunNotFound."""

    def remove(self, run_id: RunId) -> None:
        """Delete the run and its contact list. Raises RunNotFound."""

    def find(self, query: RunQuery) -> RunPage: ...
    def claim(self, run_id: RunId, *, worker: str, now: datetime, stale_before: datetime) -> Run | None:
        """Claim a queued run, or one whose heartbeat is older than `stale_before`. None if another worker has it."""

    def heartbeat(self, run_id: RunId, *, worker: str, at: datetime, progress: Progress) -> bool:
        """Store progress of a run that this worker has claimed. False if the claim was lost or the run cancelled."""

    def unfinished(self) -> Sequence[Run]:
        """Queued and running runs, oldest first."""
