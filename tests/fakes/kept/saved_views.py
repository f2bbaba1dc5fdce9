"""Saved views in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.persistence.saved_views import MISSING
from domain.account import AccountId
from domain.errors import Conflict, NotFound
from domain.saved_view import SavedView
from tests.fakes.kept.everything import Kept


@dataclass
class FakeSavedViews:
    kept: Kept

    def save(self, view: SavedView) -> None:
        if view.account_id not in self.kept.accounts:
            raise Conflict("The account was deleted.")
        for old in [own for own in self.of(view.account_id) if own.name == view.name]:
            del self.kept.saved_views[old.id]
        self.kept.saved_views[view.id] = view

    def of(self, account_id: AccountId) -> Sequence[SavedView]:
        own = [view for view in self.kept.saved_views.values() if view.account_id == account_id]
        return sorted(own, key=lambda view: view.name.casefold())

    def remove(self, view_id: str, *, of: AccountId) -> None:
        view = self.kept.saved_views.get(view_id)
        if view is None or view.account_id != of:
            raise NotFound(MISSING)
        del self.kept.saved_views[view_id]
