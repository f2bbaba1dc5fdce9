"""Saved views of the list of customers, on the fake and on the database."""

from __future__ import annotations

import pytest

from domain.account import AccountId
from domain.customer_query import AttributeFilter, CustomerQuery, Grouping
from domain.errors import Conflict, NotFound
from domain.prediction import RiskBand
from domain.saved_view import SavedView
from tests import builders as a
from tests.contract.persistence.full import NewUow

ONE, OTHER = AccountId("one"), AccountId("other")
QUERY = CustomerQuery(
    0.5,
    likely=True,
    worth_contacting=False,
    bands=(RiskBand.HIGH,),
    action="discount",
    attributes=(AttributeFilter("Contract", level="One year"), AttributeFilter("tenure", low=1.0, high=2.5)),
    sort="revenue",
    descending=False,
    reasons=("Contract", "tenure"),
)


@pytest.fixture
def people(new_uow: NewUow) -> NewUow:
    with new_uow() as uow:
        for account_id in (ONE, OTHER):
            uow.accounts.add(a.an_account(id=account_id, email=f"{account_id}@telco.example.com"))
        uow.commit()
    return new_uow


def view(key: str, name: str, account_id: AccountId = ONE) -> SavedView:
    return SavedView(key, account_id, name, QUERY, Grouping.REASONS)


def test_a_view_comes_back_with_every_field_and_by_name(people: NewUow) -> None:
    with people() as uow:
        uow.saved_views.save(view("v1", "worth a call"))
        uow.saved_views.save(SavedView("v2", ONE, "All by bill", CustomerQuery(0.5, sort="revenue")))
        uow.saved_views.save(view("v3", "theirs", OTHER))
        uow.commit()
    with people() as uow:
        all_by_bill = SavedView("v2", ONE, "All by bill", CustomerQuery(0.5, sort="revenue"))
        assert list(uow.saved_views.of(ONE)) == [all_by_bill, view("v1", "worth a call")]


def test_the_same_name_replaces_a_persons_own_view(people: NewUow) -> None:
    with people() as uow:
        uow.saved_views.save(view("v1", "calls"))
        uow.saved_views.save(view("v2", "calls", OTHER))
        uow.saved_views.save(view("v3", "calls"))
        assert [own.id for own in uow.saved_views.of(ONE)] == ["v3"]
        assert [own.id for own in uow.saved_views.of(OTHER)] == ["v2"]


def test_only_its_owner_removes_a_view(people: NewUow) -> None:
    with people() as uow:
        uow.saved_views.save(view("v1", "calls"))
        with pytest.raises(NotFound):
            uow.saved_views.remove("v1", of=OTHER)
        uow.saved_views.remove("v1", of=ONE)
        with pytest.raises(NotFound):
            uow.saved_views.remove("v1", of=ONE)


def test_views_go_with_the_account(people: NewUow) -> None:
    with people() as uow:
        uow.saved_views.save(view("v1", "calls"))
        uow.accounts.remove(ONE)
        uow.commit()
    with people() as uow:
        assert list(uow.saved_views.of(ONE)) == []
        with pytest.raises(Conflict):
            uow.saved_views.save(view("v2", "late"))
