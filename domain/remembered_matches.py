"""Matches of columns that a person confirmed: the next file with the same header needs no second confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from domain.formats import Formats
from domain.vocabulary.spelling import normalise

MatchId = NewType("MatchId", str)


@dataclass(frozen=True, slots=True)
class RememberedMatch:
    """A header of a file and the column of the model that a person said it is.

    `by` is an account, or the system for the command line. `used` counts the files that were read by it.
    """

    id: MatchId
    header: str
    attribute: str
    by: str
    at: datetime
    file_name: str
    used: int = 0
    used_at: datetime | None = None

    @property
    def key(self) -> str:
        return normalise(self.header)


def in_force(matches: Iterable[RememberedMatch]) -> tuple[RememberedMatch, ...]:
    """The newest match of each header, newest first: a later confirmation replaces an earlier one."""
    newest: dict[str, RememberedMatch] = {}
    for own in sorted(matches, key=lambda own: (own.at, own.id), reverse=True):
        newest.setdefault(own.key, own)
    return tuple(newest.values())


def new_pairs(
    confirmed: Mapping[str, str], header: Sequence[str], known: Sequence[RememberedMatch]
) -> list[tuple[str, str]]:
    """Header and attribute of what a person confirmed (attribute → header) and what is not remembered already.

    Nothing is remembered about a header that is the attribute's own name, has no letters or occurs twice in the file.
    """
    names = [normalise(name) for name in header]
    remembered = {own.key: own.attribute for own in in_force(known)}
    return [
        (name, attribute)
        for attribute, name in confirmed.items()
        if (key := normalise(name))
        and key != normalise(attribute)
        and names.count(key) == 1
        and remembered.get(key) != attribute
    ]


def origin_words(at: datetime, file_name: str, formats: Formats, *, by: str = "") -> str:
    """ "as confirmed on 14 Oct 2026 by Ana, in customers-2026-10.csv"."""
    person = f" by {by}" if by else ""
    return f"as confirmed on {formats.date(at)}{person}, in {file_name}"
