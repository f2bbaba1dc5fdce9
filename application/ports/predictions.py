"""Contacts of finished runs: the customers that are kept in SQL with prediction and recommendation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.customer import Customer
from domain.prediction import Prediction
from domain.recommendation import Recommendation
from domain.run import RunId


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of a run's contact list. It does not change after the run."""

    customer: Customer
    prediction: Prediction
    recommendation: Recommendation
    monthly_revenue: float | None
    position: int
    """Rank by expected gain, from 1."""
    month: str | None = None
    """Snapshot month of the customer's row, "YYYY-MM"; None if the file has no months."""


@dataclass(frozen=True, slots=True)
class PastRisk:
    """A customer's risk in one run."""

    run_id: RunId
    file_name: str
    at: datetime
    month: str | None
    probability: float
    mean_probability: float


MAX_IDS_TRIED = 20
"""Ids with a beginning that a search looks at, so that its cost does not depend on how many there are."""


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer in the newest finished run that the person may see."""

    customer_id: str
    run_id: RunId
    row: int
    file_name: str
    at: datetime
    probability: float


@dataclass(frozen=True, slots=True)
class EncodedContacts:
    """A run's contact list in the form that a repository stores. Only that repository reads `rows`."""

    run_id: RunId
    rows: Sequence[object]

    def parts(self, size: int) -> Sequence[EncodedContacts]:
        """The list in parts of at most `size` entries; one empty part for an empty list."""
        starts = range(0, max(len(self.rows), 1), size)
        return [EncodedContacts(self.run_id, self.rows[start : start + size]) for start in starts]


class ContactEncoder(Protocol):
    """Prepares a contact list for `Predictions.store`. Call it outside a transaction, so that writers don't wait."""

    def __call__(self, run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts: ...


class Predictions(Protocol):
    """The contact lists: customer, prediction and recommendation, stored in the database."""

    def store(self, encoded: EncodedContacts) -> int:
        """Store a list. Returns the number of entries. Raises Conflict if the run is missing or has entries."""

    def remove_of(self, run_id: RunId) -> None:
        """Remove a run's list."""

    def add(self, run_id: RunId, contacts: Iterable[Contact]) -> int:
        """Encode and store a run's list. Returns the number of entries. Raises Conflict as `store` does."""

    def of_run(self, run_id: RunId, *, offset: int = 0, limit: int = 50) -> Sequence[Contact]:
        """Entries of the run, the highest expected gain first."""

    def get(self, run_id: RunId, row: int) -> Contact | None: ...
    def history_of(self, customer_id: str, *, visible_to: str | None) -> Sequence[PastRisk]:
        """The customer's risk in finished runs that the account may see, oldest first."""

    def find(self, beginning: str, *, visible_to: str | None, limit: int) -> Sequence[FoundCustomer]:
        """Customers of contact lists whose id begins so, by ascending id; the exact id always counts.

        Looks at the first `MAX_IDS_TRIED` ids. Ids are compared as they are written.
        """

    def of_customer(self, customer_id: str) -> Sequence[tuple[RunId, Contact]]:
        """Every entry of a customer with its run, oldest first."""

    def erase_customer(self, customer_id: str) -> int:
        """Delete the customer's entries, and redact the id in attributes of others. Returns how many were deleted."""
