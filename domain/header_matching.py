"""Matches the header of a file to the columns of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.column_matching import guesses
from domain.schema import CustomerSchema
from domain.vocabulary.months import is_snapshot_month
from domain.vocabulary.spelling import normalise, without_table


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


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A schema column found in a file, at a position of its header."""

    column: str
    header: str
    position: int
    kind: MatchKind


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

    def position_of(self, column: str) -> int | None:
        return next((match.position for match in self.matches if match.column == column), None)


def match_header(
    schema: CustomerSchema,
    header: Sequence[str],
    *,
    confirmed: dict[str, int] | None = None,
    sample: Sequence[Sequence[str]] = (),
) -> HeaderMatch:
    """Match a header to the schema: confirmed by a person → exact → normalised → suggested by similarity.

    A name that occurs twice in the header and that the schema needs is `ambiguous`, unless confirmed. `sample` holds
    the file's first rows: a column's values help to identify it.
    """
    stripped = [name.strip() for name in header]
    by_exact = _positions(stripped)
    by_normal = _positions([normalise(name) for name in without_table(stripped)])
    taken: set[int] = set()
    matches: list[ColumnMatch] = []
    ambiguous: list[str] = []
    for name, position in (confirmed or {}).items():
        matches.append(ColumnMatch(name, stripped[position], position, MatchKind.CONFIRMED))
        taken.add(position)
    for kind, positions, key in (
        (MatchKind.EXACT, by_exact, str),
        (MatchKind.NORMALISED, by_normal, normalise),
    ):
        for name in schema.needed:
            if any(match.column == name for match in matches) or name in ambiguous:
                continue
            free = [position for position in positions.get(key(name), ()) if position not in taken]
            if len(free) > 1:
                ambiguous.append(name)
            elif free:
                matches.append(ColumnMatch(name, stripped[free[0]], free[0], kind))
                taken.add(free[0])
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
        repeated=tuple(name for name, positions in by_exact.items() if _stands_twice(positions, taken)),
    )


def _stands_twice(positions: Sequence[int], taken: set[int]) -> bool:
    return len(positions) > 1 and not taken.intersection(positions)


def _positions(names: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name:
            positions.setdefault(name, []).append(position)
    return positions
