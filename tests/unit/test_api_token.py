"""Rules of personal tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.account import Permission, Role
from domain.api_token import Scope, checked_token
from domain.errors import InvalidInput, NotAllowed
from tests.builders import a_token, an_account, at


def test_a_token_works_until_the_moment_it_expires() -> None:
    token = a_token(created_at=at(minutes=0), expires_at=at(minutes=60))
    assert token.works(at(minutes=59))
    assert not token.works(at(minutes=60))
    assert token.works(at(minutes=-5))
    assert not token.works(at(minutes=-6))


@pytest.mark.parametrize(
    ("scope", "permitted"),
    [
        (Scope.READ, {Permission.READ, Permission.SEE_ALL_RUNS}),
        (Scope.SCORE, {Permission.READ, Permission.PREDICT}),
        (Scope.TRAIN, {Permission.READ, Permission.TRAIN}),
        (Scope.MANAGE, {Permission.READ, Permission.PREDICT, Permission.SEE_ALL_RUNS, Permission.PROMOTE}),
    ],
)
def test_a_scope_permits_part_of_what_an_administrator_may(scope: Scope, permitted: set[Permission]) -> None:
    limited = a_token(scopes=(scope,)).limited(an_account(role=Role.ADMIN))
    assert {permission for permission in Permission if limited.can(permission)} == permitted


def test_a_token_gives_nothing_that_the_role_does_not_give() -> None:
    limited = a_token(scopes=tuple(Scope)).limited(an_account(role=Role.VIEWER))
    assert {permission for permission in Permission if limited.can(permission)} == {Permission.READ}


def test_a_refusal_says_whether_the_role_or_the_token_is_in_the_way() -> None:
    limited = a_token(scopes=(Scope.READ,)).limited(an_account(role=Role.ANALYST))
    with pytest.raises(NotAllowed, match="Your role \\(analyst\\) does not permit this"):
        limited.must_be_able_to(Permission.PROMOTE)
    with pytest.raises(NotAllowed, match="This token's scopes do not permit this"):
        limited.must_be_able_to(Permission.TRAIN)


def test_name_scopes_and_days_are_put_in_order() -> None:
    assert checked_token("  nightly\n scoring ", ["train", "read"], 366) == (
        "nightly scoring",
        (Scope.READ, Scope.TRAIN),
        timedelta(days=366),
    )
    assert checked_token("x" * 60, ["score"], 1)[2] == timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "field"),
    [
        (" ", ["read"], 7, "name"),
        ("x" * 61, ["read"], 7, "name"),
        ("job", [], 7, "scopes"),
        ("job", ["read", "administer"], 7, "scopes"),
        ("job", ["read"], 0, "days"),
        ("job", ["read"], 367, "days"),
    ],
)
def test_what_a_token_cannot_be(name: str, scopes: list[str], days: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_token(name, scopes, days)
    assert refused.value.field == field
