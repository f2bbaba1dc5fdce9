"""A view of the list of customers that a person saved under a name: filters, order and grouping, for all runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from domain.account import AccountId
from domain.customer_query import CustomerQuery, Grouping
from domain.errors import InvalidInput

MAX_NAME = 60
MAX_SAVED_VIEWS = 30
"""Saved views of one person."""
ANY_THRESHOLD = 0.5
"""A view has no threshold: each run has its own. This stands in its place."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query` has neither threshold, search nor page: what was searched for may be a customer's id."""

    id: str
    account_id: AccountId
    name: str
    query: CustomerQuery
    group: Grouping | None = None

    def missing_in(self, attributes: Collection[str]) -> tuple[str, ...]:
        """The attributes of the view that a run does not have."""
        own = (*(chosen.attribute for chosen in self.query.attributes), *self.query.reasons)
        return tuple(dict.fromkeys(name for name in own if name not in attributes))

    def at(self, query: CustomerQuery) -> CustomerQuery:
        """The view's filters and order, with the threshold and the page size of a query."""
        return replace(self.query, threshold=query.threshold, limit=query.limit)


def saved_query(query: CustomerQuery) -> CustomerQuery:
    """What a view keeps of a query."""
    return replace(query, threshold=ANY_THRESHOLD, search="", offset=0, limit=CustomerQuery(ANY_THRESHOLD).limit)


def checked_name(name: str) -> str:
    """Raises InvalidInput for an empty name and one that is too long."""
    own = " ".join(name.split())
    if not own or len(own) > MAX_NAME:
        raise InvalidInput(f"A name has between 1 and {MAX_NAME} characters.", field="name")
    return own
