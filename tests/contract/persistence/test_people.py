"""Accounts, sessions and links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.account import AccountId, LinkPurpose
from domain.errors import AccountNotFound, Conflict, NotFound
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, a_full_account, check_every_field_is_filled, with_account


def test_an_account_comes_back_with_every_field(new_uow: NewUow) -> None:
    account = a_full_account()
    check_every_field_is_filled(account)
    with new_uow() as uow:
        uow.accounts.add(account)
        uow.commit()
    with new_uow() as uow:
        assert uow.accounts.get(account.id) == account
        assert uow.accounts.by_email(account.email) == account
        assert uow.accounts.by_email("nobody@telco.example.com") is None


def test_an_account_is_saved_with_every_field(new_uow: NewUow) -> None:
    changed = a_full_account(name="Branch South", email="branch@telco.example.com")
    with new_uow() as uow:
        with_account(uow)
        uow.accounts.save(changed)
        uow.commit()
    with new_uow() as uow:
        assert uow.accounts.get(changed.id) == changed


def test_a_missing_account_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.accounts.get, uow.accounts.remove):
            with pytest.raises(AccountNotFound):
                attempt(AccountId("nobody"))
        with pytest.raises(AccountNotFound):
            uow.accounts.save(a.an_account())


def test_ids_and_emails_of_accounts_are_unique(new_uow: NewUow) -> None:
    with new_uow() as uow:
        first = with_account(uow, id="first")
        second = with_account(uow, id="second")
        with pytest.raises(Conflict):
            uow.accounts.add(a.an_account(id="first", email="new@telco.example.com"))
        with pytest.raises(Conflict):
            uow.accounts.add(a.an_account(id="third", email=first.email))
        with pytest.raises(Conflict):
            uow.accounts.save(replace(second, email=first.email))


def test_accounts_are_listed_by_name_and_then_email_whatever_their_case(new_uow: NewUow) -> None:
    names = {"1": "élan Vital", "2": "Zanele", "3": "anesu", "4": "Anesu", "5": "Élan Alpha"}
    with new_uow() as uow:
        for account_id, name in names.items():
            with_account(uow, id=account_id, name=name, email=f"{9 - int(account_id)}@telco.example.com")
        assert [account.id for account in uow.accounts.all()] == ["4", "3", "2", "5", "1"]


def test_sessions_and_links_go_with_their_account(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account = with_account(uow)
        uow.sessions.add(a.a_login_session())
        uow.links.add(a.a_link(account_id=account.id))
        uow.links.add(a.a_link(token_hash="of nobody"))
        uow.accounts.remove(account.id)
        assert uow.sessions.get("session-1") is None
        assert uow.links.get("link-1") is None
        assert uow.links.get("of nobody") is not None


def test_a_session_comes_back_with_every_field(new_uow: NewUow) -> None:
    session = a.a_login_session()
    check_every_field_is_filled(session)
    with new_uow() as uow:
        with_account(uow)
        uow.sessions.add(session)
        assert uow.sessions.get(session.token_hash) == session
        assert uow.sessions.get("unknown") is None
        with pytest.raises(Conflict):
            uow.sessions.add(session)


def test_a_session_needs_its_account(new_uow: NewUow) -> None:
    with new_uow() as uow, pytest.raises(Conflict):
        uow.sessions.add(a.a_login_session())


def test_a_touched_session_was_seen_and_is_listed_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        for minutes, token in enumerate(("one", "two", "three")):
            uow.sessions.add(a.a_login_session(token_hash=token, seen_at=at(minutes=minutes)))
        uow.sessions.touch("one", at=at(minutes=30))
        uow.sessions.touch("unknown", at=at(minutes=30))
        assert [own.token_hash for own in uow.sessions.of(AccountId("account-1"))] == ["one", "three", "two"]
        assert uow.sessions.get("one").seen_at == at(minutes=30)  # type: ignore[union-attr]
        assert uow.sessions.of(AccountId("nobody")) == []


def test_sessions_end_one_by_one_or_all_but_one(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account, other = with_account(uow), with_account(uow, id="other")
        for token in ("one", "two", "three", "four"):
            uow.sessions.add(a.a_login_session(token_hash=token))
        uow.sessions.add(a.a_login_session(token_hash="other's", account_id=other.id))
        uow.sessions.remove("four")
        uow.sessions.remove("unknown")
        assert uow.sessions.remove_of(account.id, but="two") == 2
        assert [own.token_hash for own in uow.sessions.of(account.id)] == ["two"]
        assert uow.sessions.remove_of(account.id) == 1
        assert len(uow.sessions.of(other.id)) == 1


def test_a_link_comes_back_with_every_field(new_uow: NewUow) -> None:
    link = a.a_link(account_id=AccountId("account-1"), used_at=at(minutes=3), purpose=LinkPurpose.RESET)
    check_every_field_is_filled(link)
    bare = a.a_link(token_hash="bare", email=None, role=None)
    with new_uow() as uow:
        with_account(uow)
        uow.links.add(link)
        uow.links.add(bare)
        assert uow.links.get(link.token_hash) == link
        assert uow.links.get("bare") == bare
        assert uow.links.get("unknown") is None
        with pytest.raises(Conflict):
            uow.links.add(link)
        with pytest.raises(Conflict):
            uow.links.add(a.a_link(token_hash="new", account_id=AccountId("nobody")))


def test_open_links_are_the_unused_ones_newest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account = with_account(uow)
        for minutes, token in enumerate(("old", "used", "new")):
            uow.links.add(a.a_link(token_hash=token, created_at=at(minutes=minutes), account_id=account.id))
        uow.links.save(replace(uow.links.get("used"), used_at=at(minutes=9)))  # type: ignore[type-var]
        assert [link.token_hash for link in uow.links.open()] == ["new", "old"]
        with pytest.raises(NotFound):
            uow.links.save(a.a_link(token_hash="unknown"))
        uow.links.remove_of(account.id)
        assert uow.links.open() == []
