"""Matches the header of a file to the columns of a model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.column_matching import content_excludes, guesses
from domain.errors import MatchesUnclear
from domain.remembered_matches import RememberedMatch
from domain.schema import CustomerSchema
from domain.vocabulary.months import is_snapshot_month
from domain.vocabulary.spelling import normalise, plain_words, without_table


def with_month_of(
    schema: CustomerSchema, header: Sequence[str], sample: Sequence[Sequence[str]] = ()
) -> CustomerSchema:
    """The schema with the file's snapshot month, where its own training file had none.

    `sample`: the file's first rows. An ambiguous name counts if its column holds months in these rows.
    """
    if schema.month_column is not None:
        return schema
    for place, name in enumerate(map(str.strip, header)):
        if name not in schema.names and is_snapshot_month(name, (row[place] for row in sample if place < len(row))):
            return replace(schema, month_column=name)
    return schema


class MatchKind(StrEnum):
    EXACT = "exact"
    NORMALISED = "normalised"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    """The only plausible column of the file for the customers' ids."""
    REMEMBERED = "remembered"
    """Confirmed for an earlier file with the same header."""


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A schema column found in a file, at a position of its header."""

    column: str
    header: str
    position: int
    kind: MatchKind
    confirmed_at: datetime | None = None
    """Of a remembered match: when and for which file a person confirmed it."""
    confirmed_in: str = ""

    @property
    def key(self) -> str:
        """The header in the form in which remembered ones are compared."""
        return normalise(self.header)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The model's columns that a file was scored without.

    `waiting`: similar columns of the file, about which nobody said anything. `left_out`: by a person's choice.
    `absent`: the file has them in no form.
    """

    waiting: tuple[ColumnMatch, ...]
    left_out: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """How a file's header fits a schema. `missing_importance` is the share of influence that is not in the file."""

    matches: tuple[ColumnMatch, ...]
    suggestions: tuple[ColumnMatch, ...]
    missing: tuple[str, ...]
    missing_importance: float
    extra: tuple[str, ...]
    ambiguous: tuple[str, ...]
    repeated: tuple[str, ...] = ()
    """Names that occur more than once in the header and that the schema does not need."""
    doubts: tuple[str, ...] = ()
    """Why a remembered match is not used: its column has other content than before."""
    left_out: tuple[str, ...] = ()
    """Missing columns for which a person wanted no column of the file."""

    @property
    def known_importance(self) -> float:
        """Share of the model's influence that is in the file."""
        return 1.0 - self.missing_importance

    def with_id(self, column: str, header: Sequence[str], position: int) -> HeaderMatch:
        """The match with a column of the file that nothing else uses as the customers' ids."""
        own = ColumnMatch(column, header[position].strip(), position, MatchKind.ASSUMED)
        taken = {match.position for match in self.matches} | {position}
        return replace(
            self,
            matches=tuple(sorted((*self.matches, own), key=lambda match: match.position)),
            suggestions=tuple(s for s in self.suggestions if s.column != column and s.position != position),
            extra=tuple(name.strip() for place, name in enumerate(header) if place not in taken),
        )

    @property
    def waiting(self) -> tuple[ColumnMatch, ...]:
        """The suggestions that nobody has used or left out."""
        return tuple(own for own in self.suggestions if own.column not in self.left_out)

    @property
    def unmatched(self) -> Unmatched:
        elsewhere = {own.column for own in self.suggestions} | set(self.left_out)
        absent = tuple(name for name in self.missing if name not in elsewhere)
        return Unmatched(self.waiting, self.left_out, absent)

    def must_be_decided(self) -> None:
        """Raises MatchesUnclear while suggestions wait for an answer."""
        if self.waiting:
            raise MatchesUnclear(tuple((own.header, plain_words(own.column)) for own in self.waiting))

    def position_of(self, column: str) -> int | None:
        return next((match.position for match in self.matches if match.column == column), None)


def match_header(
    schema: CustomerSchema,
    header: Sequence[str],
    *,
    confirmed: dict[str, int] | None = None,
    sample: Sequence[Sequence[str]] = (),
    remembered: Sequence[RememberedMatch] = (),
    left_out: Collection[str] = (),
) -> HeaderMatch:
    """Match a header to the schema: confirmed by a person → exact → normalised → remembered → suggested by similarity.

    `remembered` are the matches in force, newest first. `left_out` are columns of the schema for which a person wants
    none of them in this file.

    A name that occurs twice in the header and that the schema needs is `ambiguous`, unless confirmed. `sample` holds
    the file's first rows: a column's values help to identify it.
    """
    stripped = [name.strip() for name in header]
    matches = [
        _confirmed(name, stripped[position], position, remembered) for name, position in (confirmed or {}).items()
    ]
    ambiguous = _match_by_name(schema, stripped, matches)
    wanted = [name for name in schema.needed if name not in ambiguous and name not in left_out]
    doubts = _match_remembered(schema, stripped, sample, remembered, wanted, matches)
    taken = {match.position for match in matches}
    matched = {match.column for match in matches}
    missing = tuple(column.name for column in schema.file_columns if column.name not in matched)
    sought = [name for name in schema.needed if name not in matched and name not in ambiguous]
    unused = {position: name for position, name in enumerate(stripped) if position not in taken}
    return HeaderMatch(
        matches=tuple(sorted(matches, key=lambda match: match.position)),
        suggestions=tuple(
            ColumnMatch(guess.column, stripped[guess.position], guess.position, MatchKind.SUGGESTED)
            for guess in guesses(schema, sought, unused, sample)
        ),
        missing=missing,
        missing_importance=sum(schema.column(name).importance for name in missing),
        extra=tuple(unused.values()),
        ambiguous=tuple(ambiguous),
        repeated=tuple(name for name, own in _positions(stripped).items() if _stands_twice(own, taken)),
        doubts=tuple(doubts),
        left_out=tuple(name for name in missing if name in left_out),
    )


def _match_by_name(schema: CustomerSchema, header: Sequence[str], matches: list[ColumnMatch]) -> list[str]:
    """Add matches by exact and by normalised names. Returns names that several free columns have."""
    ambiguous: list[str] = []
    taken = {match.position for match in matches}
    for kind, positions, key in (
        (MatchKind.EXACT, _positions(header), str),
        (MatchKind.NORMALISED, _positions([normalise(name) for name in without_table(header)]), normalise),
    ):
        for name in schema.needed:
            if any(match.column == name for match in matches) or name in ambiguous:
                continue
            free = [position for position in positions.get(key(name), ()) if position not in taken]
            if len(free) > 1:
                ambiguous.append(name)
            elif free:
                matches.append(ColumnMatch(name, header[free[0]], free[0], kind))
                taken.add(free[0])
    return ambiguous


def _match_remembered(
    schema: CustomerSchema,
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    remembered: Sequence[RememberedMatch],
    wanted: Sequence[str],
    matches: list[ColumnMatch],
) -> list[str]:
    """Add what people confirmed for earlier files. Returns why some of it is not used: the content is another."""
    doubts = []
    positions = _positions([normalise(name) for name in header])
    for own in remembered:
        taken, found = {match.position for match in matches}, {match.column for match in matches}
        places = positions.get(own.key, ())
        if own.attribute not in wanted or own.attribute in found or len(places) != 1 or places[0] in taken:
            continue
        cells = [row[places[0]] for row in sample if places[0] < len(row)]
        if own.attribute in schema.names and content_excludes(schema.column(own.attribute), cells):
            doubts.append(_other_content(own))
        else:
            matches.append(_as_remembered(own, header[places[0]], places[0]))
    return doubts


def _confirmed(name: str, header: str, position: int, remembered: Sequence[RememberedMatch]) -> ColumnMatch:
    """A person's choice. It may be what was remembered, and is then certain for that reason."""
    key = normalise(header)
    before = next((own for own in remembered if own.key == key and own.attribute == name), None)
    if before is not None:
        return _as_remembered(before, header, position)
    return ColumnMatch(name, header, position, MatchKind.CONFIRMED)


def _as_remembered(own: RememberedMatch, header: str, position: int) -> ColumnMatch:
    return ColumnMatch(own.attribute, header, position, MatchKind.REMEMBERED, own.at, own.file_name)


def _other_content(own: RememberedMatch) -> str:
    return (
        f"“{own.header}” was used as {own.attribute} in {own.file_name}, but its values here cannot be those of "
        f"{own.attribute}. Say again which column it is."
    )


def _stands_twice(positions: Sequence[int], taken: set[int]) -> bool:
    return len(positions) > 1 and not taken.intersection(positions)


def _positions(names: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name:
            positions.setdefault(name, []).append(position)
    return positions
