"""Customer searches, on the fake and on the database."""

from __future__ import annotations

import pytest

from application.ports.runs import CustomerSearch
from domain.account import AccountId
from domain.errors import Conflict
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow

ONE, OTHER = AccountId("one"), AccountId("other")


def search(key: str, account_id: AccountId = ONE, text: str = "7590-VHVEG", minutes: float = 0) -> CustomerSearch:
    return CustomerSearch(key, account_id, text, at(minutes=minutes))


def with_people(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for account_id in (ONE, OTHER):
            uow.accounts.add(a.an_account(id=account_id, email=f"{account_id}@telco.example.com"))
        uow.commit()


def test_a_search_comes_back_by_its_key_and_by_person_and_text(new_uow: NewUow) -> None:
    with_people(new_uow)
    with new_uow() as uow:
        uow.searches.save(search("k1"), keep=10)
        uow.searches.save(search("k2", text="other text"), keep=10)

        assert uow.searches.get("k1") == search("k1")
        assert uow.searches.get("unknown") is None
        assert uow.searches.find(ONE, "7590-VHVEG") == search("k1")
        assert uow.searches.find(OTHER, "7590-VHVEG") is None


def test_saving_again_renews_a_search(new_uow: NewUow) -> None:
    with_people(new_uow)
    with new_uow() as uow:
        uow.searches.save(search("k1"), keep=10)
        uow.searches.save(search("k1", minutes=5), keep=10)

        assert uow.searches.get("k1") == search("k1", minutes=5)


def test_only_the_latest_searches_of_a_person_are_kept(new_uow: NewUow) -> None:
    with_people(new_uow)
    with new_uow() as uow:
        uow.searches.save(search("other", OTHER), keep=2)
        for number in range(4):
            uow.searches.save(search(f"k{number}", text=str(number), minutes=number), keep=2)

        assert [uow.searches.get(f"k{number}") is not None for number in range(4)] == [False, False, True, True]
        assert uow.searches.get("other") is not None


def test_old_searches_go_and_all_can_go(new_uow: NewUow) -> None:
    with_people(new_uow)
    with new_uow() as uow:
        for number in range(3):
            uow.searches.save(search(f"k{number}", text=str(number), minutes=number), keep=10)
        uow.searches.forget_before(at(minutes=1))
        assert [uow.searches.get(f"k{number}") is not None for number in range(3)] == [False, True, True]

        uow.searches.forget_all()
        assert uow.searches.get("k1") is None


def test_searches_go_with_the_account(new_uow: NewUow) -> None:
    with_people(new_uow)
    with new_uow() as uow:
        uow.searches.save(search("k1"), keep=10)
        uow.accounts.remove(ONE)

        assert uow.searches.get("k1") is None
        with pytest.raises(Conflict):
            uow.searches.save(search("k2"), keep=10)
