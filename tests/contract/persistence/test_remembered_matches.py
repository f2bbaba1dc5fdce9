"""Remembered matches, on the fake and on the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Conflict, NotFound
from domain.remembered_matches import MatchId, RememberedMatch
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def a_match(match_id: str = "m-1", *, minutes: float = 0) -> RememberedMatch:
    return RememberedMatch(
        MatchId(match_id), "Vertrag (€)", "Contract", "person-1", at(minutes=minutes), "oct.csv", 3, at(minutes=9), "GB"
    )


def test_a_match_comes_back_with_every_field(new_uow: NewUow) -> None:
    check_every_field_is_filled(a_match())
    with new_uow() as uow:
        uow.remembered_matches.add(a_match())
        uow.commit()
    with new_uow() as uow:
        assert uow.remembered_matches.get(MatchId("m-1")) == a_match()
        with pytest.raises(Conflict):
            uow.remembered_matches.add(a_match())


def test_all_are_listed_newest_first_and_the_same_header_may_come_twice(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert list(uow.remembered_matches.all()) == []
        for own in (a_match("m-1"), a_match("m-3", minutes=5), a_match("m-2", minutes=5)):
            uow.remembered_matches.add(own)
        assert [own.id for own in uow.remembered_matches.all()] == ["m-3", "m-2", "m-1"]


def test_uses_are_counted_with_the_last_and_those_removed_meanwhile_are_ignored(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.remembered_matches.add(a_match())
        uow.remembered_matches.count_use([MatchId("m-1"), MatchId("gone")], at=at(minutes=60))
        assert uow.remembered_matches.get(MatchId("m-1")) == replace(a_match(), used=4, used_at=at(minutes=60))


def test_what_is_removed_is_gone(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.remembered_matches.add(a_match())
        uow.remembered_matches.remove(MatchId("m-1"))
        for access in (uow.remembered_matches.get, uow.remembered_matches.remove):
            with pytest.raises(NotFound, match="not remembered any more"):
                access(MatchId("m-1"))
