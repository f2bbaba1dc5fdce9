"""Views of the list of customers that people saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.account import AccountId
from domain.saved_view import SavedView


class SavedViews(Protocol):
    """Saved views. They are deleted with the account."""

    def save(self, view: SavedView) -> None:
        """Add the view, or replace the person's view with the same name. Raises Conflict for a deleted account."""

    def of(self, account_id: AccountId) -> Sequence[SavedView]:
        """A person's views by name."""

    def remove(self, view_id: str, *, of: AccountId) -> None:
        """Raises NotFound if the person has no such view."""
