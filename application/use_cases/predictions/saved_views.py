"""Views of the list of customers that a person saves, lists and removes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.system import Ids
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.customer_query import CustomerQuery, Grouping
from domain.errors import Conflict
from domain.saved_view import MAX_SAVED_VIEWS, SavedView, checked_name, saved_query


@dataclass(frozen=True, slots=True)
class SaveView:
    """Saves a view for the person. One with the same name is replaced. Raises Conflict if there are too many."""

    new_uow: NewUnitOfWork
    ids: Ids

    def __call__(self, name: str, query: CustomerQuery, group: Grouping | None, *, by: Account) -> SavedView:
        by.must_be_able_to(Permission.READ)
        view = SavedView(self.ids.new(), by.id, checked_name(name), saved_query(query), group)
        with self.new_uow() as uow:
            others = [own for own in uow.saved_views.of(by.id) if own.name != view.name]
            if len(others) >= MAX_SAVED_VIEWS:
                raise Conflict(f"You have {MAX_SAVED_VIEWS} saved views. Remove one first.")
            uow.saved_views.save(view)
            uow.commit()
        return view


@dataclass(frozen=True, slots=True)
class ListViews:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> Sequence[SavedView]:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            return uow.saved_views.of(by.id)


@dataclass(frozen=True, slots=True)
class RemoveView:
    """Raises NotFound if the person has no such view."""

    new_uow: NewUnitOfWork

    def __call__(self, view_id: str, *, by: Account) -> None:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            uow.saved_views.remove(view_id, of=by.id)
            uow.commit()
