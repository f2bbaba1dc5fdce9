"""Similarity of a file's column and a model's column, by name and by values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from domain.dates import form_of
from domain.schema import Column, CustomerSchema
from domain.vocabulary.columns import CUSTOMER_IDS
from domain.vocabulary.spelling import normalise, spelling_key
from domain.vocabulary.values import FALSE_WORDS, MISSING_WORDS, TRUE_WORDS

SIMILAR_ENOUGH = 0.72
"""Likeness from which a match is suggested. A suggestion is only used after a person has confirmed it."""
MAX_PAIRS = 100_000
"""Pairs of columns that are compared; a file with thousands of columns has more pairs than a person can check."""
TELLING, GENERAL, NUMERIC = 0.75, 0.25, 0.2
"""How far equal content makes up for a different name: for levels that one column alone has, for levels that several
share (yes and no), for numbers in the trained range."""
SURE_NAME = 0.9
"""Likeness of names from which other content doesn't matter."""

_YES_NO = TRUE_WORDS | FALSE_WORDS
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column of the model and a position of the header that may belong together."""

    likeness: float
    column: str
    position: int


@dataclass(frozen=True, slots=True)
class _FileColumn:
    """A file's column: its place, normalised name, and first values."""

    position: int
    name: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell not in MISSING_WORDS]


def guesses(
    schema: CustomerSchema,
    missing: Sequence[str],
    free: Mapping[int, str],
    sample: Sequence[Sequence[str]],
) -> list[Candidate]:
    """Pairs that are alike enough, the most alike first, each column and position once.

    `free`: the header's positions that are not taken, with their names. `sample`: the file's first rows.
    """
    wanted = [name for name in missing if name in schema.names]
    wanted.sort(key=lambda name: -schema.column(name).importance)
    seen = [
        _FileColumn(position, normalise(name), _cells_at(sample, position))
        for position, name in list(free.items())[: MAX_PAIRS // max(len(wanted), 1)]
        if name
    ]
    shared = Counter(_level_keys(column) for column in schema.file_columns)
    candidates = [guess for name in wanted for guess in _guesses_for(schema.column(name), seen, shared)]
    if schema.id_column in missing and schema.id_column is not None:
        candidates += _guesses_of_id(schema.id_column, seen)
    return _each_once(sorted(candidates, key=lambda guess: (-guess.likeness, guess.column, guess.position)))


def _cells_at(sample: Sequence[Sequence[str]], position: int) -> tuple[str, ...]:
    return tuple(spelling_key(row[position]) for row in sample if len(row) > position)


def _level_keys(column: Column) -> frozenset[str]:
    return frozenset(map(spelling_key, column.levels))


def _guesses_for(column: Column, seen: Sequence[_FileColumn], shared: Mapping[frozenset[str], int]) -> list[Candidate]:
    names = SequenceMatcher(None, "", normalise(column.name))
    keys = _level_keys(column)
    telling = shared[keys] == 1 and not keys <= _YES_NO
    candidates = []
    for one in seen:
        boost = _boost(column, keys, one.filled, telling=telling)
        likeness = _likeness(names, one.name, boost)
        if likeness >= SIMILAR_ENOUGH:
            candidates.append(Candidate(likeness, column.name, one.position))
    return candidates


def content_excludes(column: Column, cells: Sequence[str]) -> bool:
    """Whether a file's first values cannot be those of the column: words for numbers, no known level, no dates."""
    filled = [key for cell in cells if (key := spelling_key(cell)) not in MISSING_WORDS]
    return _boost(column, _level_keys(column), filled, telling=False) is None


def _boost(column: Column, keys: frozenset[str], cells: Sequence[str], *, telling: bool) -> float | None:
    """How much equal content makes up for a different name; None if the content rules the pair out."""
    if not cells:
        return 0.0
    if column.date_form is not None:
        return 0.0 if form_of(column.name, cells, expected=True) else None
    if not column.levels:
        inside = _share_in_range(column, cells)
        return None if inside is None else NUMERIC * inside
    known = keys | _YES_NO if keys <= _YES_NO else keys
    fitting = sum(cell in known for cell in cells) / len(cells)
    if not fitting:
        return None
    several = len(set(cells)) > 1
    return fitting * (TELLING if telling and several else GENERAL) if fitting >= 0.8 else 0.0


def _share_in_range(column: Column, cells: Sequence[str]) -> float | None:
    """The values as numbers; None if most are not numbers. Currencies and thousands separators are ignored."""
    bare = [re.sub(r"[^\d.,eE+-]", "", cell).replace(",", ".") for cell in cells]
    numbers = [float(text) for text in bare if _NUMBER.fullmatch(text)]
    if len(numbers) < 0.5 * len(cells):
        return None
    low = column.minimum if column.minimum is not None else float("-inf")
    high = column.maximum if column.maximum is not None else float("inf")
    return sum(low <= number <= high for number in numbers) / len(cells)


def _likeness(names: SequenceMatcher[str], name: str, boost: float | None) -> float:
    """The names' likeness, raised by similar content; 0 if it cannot reach the minimum."""
    needed = SURE_NAME if boost is None else (SIMILAR_ENOUGH - boost) / (1.0 - boost)
    names.set_seq1(name)
    if names.real_quick_ratio() < needed or names.quick_ratio() < needed:
        return 0.0
    likeness = names.ratio()
    if likeness < needed:
        return 0.0
    return likeness + (1.0 - likeness) * (boost or 0.0)


def _guesses_of_id(id_column: str, seen: Sequence[_FileColumn]) -> list[Candidate]:
    """Columns called like an id whose first values are all there and all different."""
    candidates = []
    for one in seen:
        if one.cells and (len(one.filled) < len(one.cells) or len(set(one.cells)) < len(one.cells)):
            continue
        alike = SequenceMatcher(None, one.name, normalise(id_column)).ratio()
        likeness = max(alike, SURE_NAME if one.name in CUSTOMER_IDS else 0.0)
        if likeness >= SIMILAR_ENOUGH:
            candidates.append(Candidate(likeness, id_column, one.position))
    return candidates


def _each_once(ordered: Sequence[Candidate]) -> list[Candidate]:
    columns: set[str] = set()
    positions: set[int] = set()
    chosen = []
    for guess in ordered:
        if guess.column not in columns and guess.position not in positions:
            chosen.append(guess)
            columns.add(guess.column)
            positions.add(guess.position)
    return chosen
