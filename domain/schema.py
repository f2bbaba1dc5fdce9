"""The columns a model was trained on, and how a file's header is matched to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.likeness import guesses, normalise


class ColumnKind(StrEnum):
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"


class ColumnRole(StrEnum):
    """What a column means to the business, beside being an attribute."""

    ID = "id"
    TARGET = "target"
    TENURE = "tenure"
    MONTHLY_REVENUE = "monthly_revenue"
    SNAPSHOT_MONTH = "snapshot_month"


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of the customers a model learned from.

    `levels` (categorical: most frequent first; boolean: the spelling of false, then of true) and `minimum`/`maximum`
    (numeric) are those of the training data. `importance` is the share (0…1) of all influence in training: mean
    absolute SHAP value over the sum of all. `typical` is the median or the most frequent level, as text.
    """

    name: str
    kind: ColumnKind
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    missing_rate: float = 0.0
    importance: float = 0.0
    typical: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a column needs a name")
        if not 0.0 <= self.missing_rate <= 1.0:
            raise ValueError(f"a missing rate lies in [0, 1], not {self.missing_rate}")

    @property
    def label(self) -> str:
        """The name in plain words: "MonthlyCharges" → "Monthly charges"."""
        return plain_words(self.name)


@dataclass(frozen=True, slots=True)
class CustomerSchema:
    """The attributes in model order, and the columns that play a role (None where the file had none)."""

    columns: tuple[Column, ...]
    id_column: str | None = None
    target_column: str | None = None
    positive_value: str | None = None
    negative_value: str | None = None
    tenure_column: str | None = None
    revenue_column: str | None = None
    month_column: str | None = None

    def __post_init__(self) -> None:
        repeated = [name for name, times in Counter(self.names).items() if times > 1]
        if repeated:
            raise ValueError(f"a schema names each column once; {repeated[0]!r} stands twice")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Raises KeyError for a name that is no attribute."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def needed(self) -> tuple[str, ...]:
        """Every name that is looked for in a file to score: attributes, then id, month and target if present."""
        extra = (self.id_column, self.month_column, self.target_column)
        return self.names + tuple(name for name in extra if name is not None and name not in self.names)


MONTH_NAMES = frozenset({"snapshotmonth", "reportmonth", "reportingmonth", "yearmonth", "billingmonth"})
"""Normalised names under which a file tells its snapshot month, also to a model that learned without one."""


def with_month_of(schema: CustomerSchema, header: Sequence[str]) -> CustomerSchema:
    """The schema, taking the file's snapshot month where its own training file had none."""
    if schema.month_column is not None:
        return schema
    found = [name.strip() for name in header if normalise(name) in MONTH_NAMES and name.strip() not in schema.names]
    return replace(schema, month_column=found[0]) if found else schema


class MatchKind(StrEnum):
    EXACT = "exact"
    NORMALISED = "normalised"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"


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
    """Names that stand twice or more in the header and that the schema does not need."""

    def position_of(self, column: str) -> int | None:
        return next((match.position for match in self.matches if match.column == column), None)

    def with_confirmed(self, schema: CustomerSchema, header: Sequence[str], chosen: dict[str, int]) -> HeaderMatch:
        """The match with a person's choices (schema column → header position) taken over its own."""
        return match_header(schema, header, confirmed=chosen)


def plain_words(name: str) -> str:
    """A column name as a person would write it: "PaperlessBilling" → "Paperless billing"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\s]+", " ", name).strip()
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in spaced.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if text else name


def match_header(
    schema: CustomerSchema,
    header: Sequence[str],
    *,
    confirmed: dict[str, int] | None = None,
    sample: Sequence[Sequence[str]] = (),
) -> HeaderMatch:
    """Match a header to the schema: confirmed by a person → exact → normalised → suggested by similarity.

    A name that stands twice in the header and that the schema needs is `ambiguous`, unless confirmed. `sample` holds
    the file's first rows: what stands in a column helps to guess which one it is.
    """
    stripped = [name.strip() for name in header]
    by_exact = _positions(stripped)
    by_normal = _positions([normalise(name) for name in _without_table(stripped)])
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
    found = {match.column for match in matches}
    missing = tuple(name for name in schema.names if name not in found)
    sought = [name for name in schema.needed if name not in found and name not in ambiguous]
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


def _without_table(names: Sequence[str]) -> Sequence[str]:
    """Names without the table's, where a query tool wrote it before each: "customers.tenure"."""
    tables = {name.partition(".")[0] if "." in name else "" for name in names}
    return [name.partition(".")[2] for name in names] if len(tables) == 1 and tables != {""} else names


def _stands_twice(positions: Sequence[int], taken: set[int]) -> bool:
    return len(positions) > 1 and not taken.intersection(positions)


def _positions(names: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name:
            positions.setdefault(name, []).append(position)
    return positions
