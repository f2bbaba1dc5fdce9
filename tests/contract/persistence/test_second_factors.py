"""Authenticator apps, recovery codes, and passwords that wait for a code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.account import AccountId
from domain.errors import Conflict
from domain.second_factor import PendingLogIn, SecondFactor
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled, with_account

ONE = AccountId("account-1")


def a_full_factor() -> SecondFactor:
    return SecondFactor(ONE, "mark", "seed", at(minutes=1), 59_000_000, "next", at(minutes=2))


def test_a_second_factor_comes_back_with_every_field(new_uow: NewUow) -> None:
    factor = a_full_factor()
    check_every_field_is_filled(factor)
    with new_uow() as uow:
        with_account(uow)
        assert uow.second_factors.get(ONE) is None
        uow.second_factors.save(factor)
        uow.commit()
    with new_uow() as uow:
        assert uow.second_factors.get(ONE) == factor


def test_saving_again_replaces_it(new_uow: NewUow) -> None:
    changed = SecondFactor(ONE, "other", pending_seed="new", pending_since=at())
    with new_uow() as uow:
        with_account(uow)
        uow.second_factors.save(a_full_factor())
        uow.second_factors.save(changed)
        assert uow.second_factors.get(ONE) == changed


def test_only_those_in_use_are_listed_as_enabled(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for account_id in ("account-2", "account-1", "account-3"):
            with_account(uow, id=account_id)
            uow.second_factors.save(replace(a_full_factor(), account_id=AccountId(account_id)))
        uow.second_factors.save(SecondFactor(AccountId("account-3"), "mark", pending_seed="x", pending_since=at()))
        assert list(uow.second_factors.enabled()) == ["account-1", "account-2"]


def test_a_second_factor_needs_an_existing_account(new_uow: NewUow) -> None:
    with new_uow() as uow, pytest.raises(Conflict):
        uow.second_factors.save(a_full_factor())
    with new_uow() as uow, pytest.raises(Conflict):
        uow.second_factors.replace_codes(ONE, ["hash"])
    with new_uow() as uow, pytest.raises(Conflict):
        uow.pending_log_ins.add(PendingLogIn("hash", ONE, at()))


def test_a_recovery_code_is_used_once_and_by_its_owner_alone(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        with_account(uow, id="account-2")
        uow.second_factors.replace_codes(ONE, ["hash-1", "hash-2"])
        assert uow.second_factors.codes_left(ONE) == 2
        assert not uow.second_factors.use_code(AccountId("account-2"), "hash-1", at=at())
        assert uow.second_factors.use_code(ONE, "hash-1", at=at())
        assert not uow.second_factors.use_code(ONE, "hash-1", at=at())
        assert not uow.second_factors.use_code(ONE, "unknown", at=at())
        assert uow.second_factors.codes_left(ONE) == 1
        assert list(uow.second_factors.unused_codes(ONE)) == ["hash-2"]
        assert uow.second_factors.codes_left(AccountId("account-2")) == 0


def test_new_codes_replace_all_earlier_ones_of_their_owner(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        with_account(uow, id="account-2")
        uow.second_factors.replace_codes(AccountId("account-2"), ["of another"])
        uow.second_factors.replace_codes(ONE, ["old-1", "old-2"])
        uow.second_factors.replace_codes(ONE, ["new"])
        assert not uow.second_factors.use_code(ONE, "old-1", at=at())
        assert (uow.second_factors.codes_left(ONE), uow.second_factors.codes_left(AccountId("account-2"))) == (1, 1)


def test_removing_it_takes_the_codes_along(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        uow.second_factors.save(a_full_factor())
        uow.second_factors.replace_codes(ONE, ["hash"])
        assert uow.second_factors.remove(ONE)
        assert not uow.second_factors.remove(ONE)
        assert uow.second_factors.get(ONE) is None
        assert not uow.second_factors.use_code(ONE, "hash", at=at())


def test_everything_goes_with_the_account(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        uow.second_factors.save(a_full_factor())
        uow.second_factors.replace_codes(ONE, ["hash"])
        uow.pending_log_ins.add(PendingLogIn("waiting", ONE, at()))
        uow.accounts.remove(ONE)
        assert uow.second_factors.get(ONE) is None
        assert uow.second_factors.codes_left(ONE) == 0
        assert uow.pending_log_ins.get("waiting") is None


def test_a_pending_log_in_comes_back_and_is_there_once(new_uow: NewUow) -> None:
    pending = PendingLogIn("waiting", ONE, at(minutes=3))
    with new_uow() as uow:
        with_account(uow)
        uow.pending_log_ins.add(pending)
        uow.commit()
    with new_uow() as uow:
        assert uow.pending_log_ins.get("waiting") == pending
        assert uow.pending_log_ins.get("another") is None
        with pytest.raises(Conflict):
            uow.pending_log_ins.add(pending)


def test_pending_log_ins_are_removed_one_by_one_by_person_and_by_age(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        with_account(uow, id="account-2")
        for name, account, minutes in (("a", "account-1", 0), ("b", "account-1", 1), ("c", "account-2", 5)):
            uow.pending_log_ins.add(PendingLogIn(name, AccountId(account), at(minutes=minutes)))
        uow.pending_log_ins.remove("a")
        uow.pending_log_ins.remove("not there")
        assert uow.pending_log_ins.get("a") is None
        assert uow.pending_log_ins.remove_expired(at(minutes=6)) == 0
        assert uow.pending_log_ins.remove_expired(at(minutes=6.01)) == 1
        assert uow.pending_log_ins.get("b") is None
        uow.pending_log_ins.remove_of(AccountId("account-2"))
        assert uow.pending_log_ins.get("c") is None
