"""Requests of programs that are carried out once, on the fake and on the database."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.account import AccountId
from domain.errors import Conflict, InvalidInput
from domain.submission import Submission, SubmissionKind, checked_key
from tests import builders as a
from tests.contract.persistence.full import NewUow

ONE, OTHER = AccountId("one"), AccountId("other")


def submission(key: str, made: str, *, of: AccountId = ONE, at: datetime = a.NOON) -> Submission:
    return Submission(of, SubmissionKind.RUN, key, made, at)


@pytest.fixture
def people(new_uow: NewUow) -> NewUow:
    with new_uow() as uow:
        for account_id in (ONE, OTHER):
            uow.accounts.add(a.an_account(id=account_id, email=f"{account_id}@telco.example.com"))
        uow.submissions.add(submission("k1", "run-1"))
        uow.submissions.add(submission("k1", "run-2", of=OTHER, at=a.at(minutes=5)))
        uow.submissions.add(submission("k2", "run-3", at=a.at(minutes=9)))
        uow.commit()
    return new_uow


def test_a_key_is_one_accounts_own_and_one_kinds(people: NewUow) -> None:
    with people() as uow:
        assert uow.submissions.find(ONE, SubmissionKind.RUN, "k1") == submission("k1", "run-1")
        assert uow.submissions.find(ONE, SubmissionKind.TRAINING, "k1") is None
        assert uow.submissions.find(ONE, SubmissionKind.RUN, "k3") is None
        assert [own.object_id for own in uow.submissions.of(ONE)] == ["run-3", "run-1"]
        uow.submissions.add(Submission(ONE, SubmissionKind.TRAINING, "k1", "training-1", a.NOON))


def test_a_key_is_used_once_and_has_an_account(people: NewUow) -> None:
    with people() as uow, pytest.raises(Conflict):
        uow.submissions.add(submission("k1", "run-9"))
    with people() as uow, pytest.raises(Conflict):
        uow.submissions.add(submission("k9", "run-9", of=AccountId("nobody")))


def test_keys_are_forgotten_and_go_with_the_account(people: NewUow) -> None:
    with people() as uow:
        uow.submissions.forget_before(a.at(minutes=5))
        assert uow.submissions.find(ONE, SubmissionKind.RUN, "k1") is None
        assert uow.submissions.find(OTHER, SubmissionKind.RUN, "k1") is not None
        uow.accounts.remove(OTHER)
        assert list(uow.submissions.of(OTHER)) == []


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 201, "a\n"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(InvalidInput):
        checked_key(key)


def test_what_is_a_key() -> None:
    assert checked_key("x" * 200) == "x" * 200
    assert checked_key("!~") == "!~"
