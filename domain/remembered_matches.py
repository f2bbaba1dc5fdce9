"""Matches of columns that a person confirmed: the next file with the same header needs no second confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from domain.formats import Formats
from domain.question import AS_WRITTEN
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
    unit: str = ""
    """What the person said the numbers without a unit are in, as `FormatChoice.units`; "" for a match of columns."""

    @property
    def key(self) -> str:
        return normalise(self.header)


def in_force(matches: Iterable[RememberedMatch]) -> tuple[RememberedMatch, ...]:
    """The newest match and the newest unit of each header, newest first: a later answer replaces an earlier one."""
    newest: dict[tuple[str, bool], RememberedMatch] = {}
    for own in sorted(matches, key=lambda own: (own.at, own.id), reverse=True):
        newest.setdefault((own.key, bool(own.unit)), own)
    return tuple(newest.values())


def matches_in_force(matches: Iterable[RememberedMatch]) -> tuple[RememberedMatch, ...]:
    return tuple(own for own in in_force(matches) if not own.unit)


def unit_in_force(header: str, attribute: str, matches: Iterable[RememberedMatch]) -> RememberedMatch | None:
    """The unit that a person said for an earlier file with this header and the same column of the model."""
    key = normalise(header)
    return next((own for own in in_force(matches) if own.unit and (own.key, own.attribute) == (key, attribute)), None)


@dataclass(frozen=True, slots=True)
class RememberedUnit:
    """A question about the unit of a file's column that was answered as for an earlier file."""

    header: str
    unit: str
    confirmed_at: datetime
    confirmed_in: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person has just said about a file: columns of the model that were chosen, and units by header."""

    columns: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)


def new_pairs(
    confirmed: Mapping[str, str], header: Sequence[str], known: Sequence[RememberedMatch]
) -> list[tuple[str, str]]:
    """Header and attribute of what a person confirmed (attribute → header) and what is not remembered already.

    Nothing is remembered about a header that is the attribute's own name, has no letters or occurs twice in the file.
    """
    names = [normalise(name) for name in header]
    remembered = {own.key: own.attribute for own in matches_in_force(known)}
    return [
        (name, attribute)
        for attribute, name in confirmed.items()
        if (key := normalise(name))
        and key != normalise(attribute)
        and names.count(key) == 1
        and remembered.get(key) != attribute
    ]


def new_units(
    said: Mapping[str, str], columns: Mapping[str, str], known: Sequence[RememberedMatch]
) -> list[tuple[str, str, str]]:
    """Header, attribute and unit of answers that are not remembered already. `columns`: header → attribute."""
    found = []
    for header, unit in said.items():
        attribute = columns.get(header)
        if attribute is not None and normalise(header):
            before = unit_in_force(header, attribute, known)
            if before is None or before.unit != unit:
                found.append((header, attribute, unit))
    return found


def unit_words(unit: str) -> str:
    """What follows "are read as"."""
    return {"%": "percentages", "share": "shares", AS_WRITTEN: "they are written"}.get(unit, unit)


def origin_words(at: datetime, file_name: str, formats: Formats, *, by: str = "") -> str:
    """ "as confirmed on 14 Oct 2026 by Ana, in customers-2026-10.csv"."""
    person = f" by {by}" if by else ""
    return f"as confirmed on {formats.date(at)}{person}, in {file_name}"
