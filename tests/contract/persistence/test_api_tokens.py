"""Personal tokens, on the fake and on the database."""

from __future__ import annotations

import pytest

from domain.account import AccountId
from domain.errors import Conflict, NotFound
from tests import builders as a
from tests.contract.persistence.full import NewUow

ONE, OTHER = AccountId("one"), AccountId("other")


@pytest.fixture
def people(new_uow: NewUow) -> NewUow:
    with new_uow() as uow:
        for account_id in (ONE, OTHER):
            uow.accounts.add(a.an_account(id=account_id, email=f"{account_id}@telco.example.com"))
        for key, owner, minutes in (("t1", ONE, 0), ("t2", ONE, 5), ("t3", OTHER, 1)):
            uow.api_tokens.add(
                a.a_token(
                    id=key,
                    account_id=owner,
                    token_hash=f"hash-{key}",
                    created_at=a.at(minutes=minutes),
                    expires_at=a.at(minutes=60 + minutes),
                )
            )
        uow.commit()
    return new_uow


def test_a_token_comes_back_with_every_field(people: NewUow) -> None:
    with people() as uow:
        assert uow.api_tokens.by_hash("hash-t2") == a.a_token(
            id="t2", account_id=ONE, token_hash="hash-t2", created_at=a.at(minutes=5), expires_at=a.at(minutes=65)
        )
        assert uow.api_tokens.by_hash("t2") is None
        assert [own.id for own in uow.api_tokens.of(ONE)] == ["t2", "t1"]


def test_two_tokens_never_have_one_secret_and_each_has_an_owner(people: NewUow) -> None:
    with people() as uow, pytest.raises(Conflict):
        uow.api_tokens.add(a.a_token(id="t4", account_id=OTHER, token_hash="hash-t1"))
    with people() as uow, pytest.raises(Conflict):
        uow.api_tokens.add(a.a_token(id="t5", account_id=AccountId("nobody"), token_hash="hash-t5"))


def test_a_use_is_noted(people: NewUow) -> None:
    with people() as uow:
        uow.api_tokens.touch("t1", at=a.at(minutes=30))
        uow.api_tokens.touch("gone", at=a.at(minutes=30))
        assert [own.used_at for own in uow.api_tokens.of(ONE)] == [a.at(minutes=2), a.at(minutes=30)]


def test_only_its_owner_removes_a_token(people: NewUow) -> None:
    with people() as uow:
        with pytest.raises(NotFound):
            uow.api_tokens.remove("t1", of=OTHER)
        assert uow.api_tokens.remove("t1", of=ONE).id == "t1"
        with pytest.raises(NotFound):
            uow.api_tokens.remove("t1", of=ONE)
        assert uow.api_tokens.by_hash("hash-t1") is None


def test_all_tokens_of_one_person_and_of_a_deleted_account_go(people: NewUow) -> None:
    with people() as uow:
        assert uow.api_tokens.remove_of(ONE) == 2
        assert [own.id for own in uow.api_tokens.of(OTHER)] == ["t3"]
        uow.accounts.remove(OTHER)
        assert uow.api_tokens.by_hash("hash-t3") is None


def test_expired_tokens_go(people: NewUow) -> None:
    with people() as uow:
        assert uow.api_tokens.remove_expired(a.at(minutes=60)) == 0
        assert uow.api_tokens.remove_expired(a.at(minutes=62)) == 2
        assert [own.id for own in (*uow.api_tokens.of(ONE), *uow.api_tokens.of(OTHER))] == ["t2"]
