"""Which notices a person has seen, on the fake and on the database."""

from __future__ import annotations

import pytest

from domain.account import AccountId
from domain.errors import Conflict
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow

ONE, OTHER = AccountId("one"), AccountId("other")


@pytest.fixture
def people(new_uow: NewUow) -> NewUow:
    with new_uow() as uow:
        for account_id in (ONE, OTHER):
            uow.accounts.add(a.an_account(id=account_id, email=f"{account_id}@telco.example.com"))
        uow.commit()
    return new_uow


def test_seen_keys_come_back_for_their_person_alone(people: NewUow) -> None:
    with people() as uow:
        uow.notices.mark(ONE, ["run 1 done", "folder Ü 'x'"], at=at(minutes=1))
        uow.notices.mark(OTHER, ["run 1 done"], at=at(minutes=2))
        assert uow.notices.of(ONE) == {"run 1 done": at(minutes=1), "folder Ü 'x'": at(minutes=1)}
        assert uow.notices.of(OTHER) == {"run 1 done": at(minutes=2)}
        assert uow.notices.of(AccountId("nobody")) == {}


def test_seeing_again_gives_the_new_time(people: NewUow) -> None:
    with people() as uow:
        uow.notices.mark(ONE, ["a", "a", "b"], at=at(minutes=1))
        uow.notices.mark(ONE, ["a"], at=at(minutes=5))
        uow.notices.mark(ONE, [], at=at(minutes=9))
        assert uow.notices.of(ONE) == {"a": at(minutes=5), "b": at(minutes=1)}


def test_old_ones_are_forgotten(people: NewUow) -> None:
    with people() as uow:
        uow.notices.mark(ONE, ["old"], at=at(minutes=1))
        uow.notices.mark(ONE, ["new"], at=at(minutes=2))
        uow.notices.forget_before(at(minutes=2))
        assert list(uow.notices.of(ONE)) == ["new"]


def test_they_go_with_the_account_and_are_rolled_back(people: NewUow) -> None:
    with people() as uow:
        uow.notices.mark(ONE, ["a"], at=at(minutes=1))
        uow.commit()
    with people() as uow:
        uow.notices.mark(ONE, ["b"], at=at(minutes=1))
    with people() as uow:
        assert list(uow.notices.of(ONE)) == ["a"]
        uow.accounts.remove(ONE)
        uow.accounts.add(a.an_account(id=ONE, email="one@telco.example.com"))
        assert uow.notices.of(ONE) == {}


def test_nobody_sees_for_a_deleted_account(people: NewUow) -> None:
    with people() as uow, pytest.raises(Conflict):
        uow.notices.mark(AccountId("nobody"), ["a"], at=at(minutes=1))
