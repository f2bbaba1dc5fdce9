"""Converts texts to the level spellings that the model was trained with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.numbers import number_of
from adapters.intake.quantities import read_quantities, unit_of_cell
from domain.schema import Column, ColumnKind
from domain.truth import TruthReading
from domain.units import Unit
from domain.vocabulary.spelling import spelling_key
from domain.vocabulary.text_marks import without_text_marks
from domain.vocabulary.values import FALSE_WORDS, MINUS_ONE, MISSING_WORDS, TRUE_WORDS

EXAMPLES = 5
MAX_UNKNOWN_LENGTH = 200
"""Characters kept of an unknown text. A file can have as many unknown texts as rows."""
MAX_OTHERS = 1000
"""Distinct values of a truth column that are counted."""
MISSING = -1
_NOT_UNDERSTOOD = -2
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def encoded(array: Any) -> Any:
    """The array as a dictionary of distinct texts. Encodes it if the parser returned plain text."""
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


class LevelCaster:
    """Casts one attribute, block by block, and counts missing and unknown values.

    The resulting dictionary has the trained levels in their order, followed by unknown texts.
    """

    def __init__(self, column: Column, decimal: str = ".") -> None:
        self._levels = column.levels
        self._decimal = decimal
        known = _known_spellings(column.kind, column.levels)
        self._exact, self._by_key, self._by_number, self._by_quantity = known
        self._examples: dict[str, None] = {}
        self.missing = self.unknown = 0

    @property
    def examples(self) -> tuple[str, ...]:
        """The first unknown texts, in file order."""
        return tuple(self._examples)

    def cast(self, array: Any) -> Any:
        """Dictionary of distinct texts → dictionary<int32, string> with trained spellings, null if missing."""
        source = encoded(array)
        unknown: dict[str, int] = {}
        table = np.array([self._code(text, unknown) for text in source.dictionary.to_pylist()], dtype=np.int32)
        codes = table[source.indices.to_numpy()] if len(table) else np.empty(0, np.int32)
        missing = codes == MISSING
        self._count(codes, missing, unknown)
        dictionary = pa.array([*self._levels, *unknown], pa.string())
        indices = pa.array(codes, mask=missing) if missing.any() else pa.array(codes)
        return pa.DictionaryArray.from_arrays(indices, dictionary)

    def _code(self, text: str | None, unknown: dict[str, int]) -> int:
        written = (text or "").strip()
        place = self._exact.get(written)
        if place is not None:
            return place
        trimmed = without_text_marks(written)
        place = self._place_of(trimmed)
        if place is not None:
            return place
        if trimmed.casefold() in MISSING_WORDS:
            return MISSING
        shown = trimmed if len(trimmed) <= MAX_UNKNOWN_LENGTH else trimmed[: MAX_UNKNOWN_LENGTH - 1] + "…"
        return unknown.setdefault(shown, len(self._levels) + len(unknown))

    def _place_of(self, text: str) -> int | None:
        """The level that a text spells; a number in any spelling is the level with this value."""
        place = self._exact.get(text)
        if place is None:
            place = self._by_key.get(spelling_key(text))
        if place is None and self._by_number:
            readings = (number_of(text, self._decimal), number_of(text, "." if self._decimal == "," else ","))
            place = next((self._by_number[number] for number in readings if number in self._by_number), None)
        if place is None and self._by_quantity:
            place = self._by_quantity.get(_measure_of(text, self._decimal))
        return place

    def _count(self, codes: Any, missing: Any, unknown: dict[str, int]) -> None:
        self.missing += int(missing.sum())
        if unknown:
            self.unknown += int((codes >= len(self._levels)).sum())
        for text in unknown:
            if len(self._examples) < EXAMPLES:
                self._examples.setdefault(text)


@lru_cache(maxsize=2048)
def _known_spellings(
    kind: ColumnKind, levels: tuple[str, ...]
) -> tuple[Mapping[str, int], Mapping[str, int], Mapping[float | None, int], Mapping[tuple[str, float] | None, int]]:
    """Places of the levels by spelling, by key, by number and by quantity: the same for every file of a model."""
    exact = {level: place for place, level in enumerate(levels)}
    by_key = _unambiguous(levels)
    if kind is ColumnKind.BOOLEAN and len(levels) == 2:
        for word, place in boolean_words(*levels).items():
            by_key.setdefault(word, place)
    return exact, by_key, _numbered(levels), _measured(levels)


def _numbered(levels: Iterable[str]) -> dict[float | None, int]:
    """Places of the levels that are plain numbers, unless two levels have the same value, as 1 and 01."""
    places: dict[float | None, list[int]] = {}
    for place, level in enumerate(levels):
        if _PLAIN_NUMBER.fullmatch(level):
            places.setdefault(float(level), []).append(place)
    return {number: own[0] for number, own in places.items() if len(own) == 1}


def _measured(levels: Iterable[str]) -> dict[tuple[str, float] | None, int]:
    """Places of the levels that are numbers with a known unit, unless two levels are equal, as 12 months and 1 year."""
    places: dict[tuple[str, float] | None, list[int]] = {}
    for place, level in enumerate(levels):
        places.setdefault(_measure_of(level, "."), []).append(place)
    return {measure: own[0] for measure, own in places.items() if measure is not None and len(own) == 1}


def _measure_of(text: str, decimal: str) -> tuple[str, float] | None:
    """The dimension of a number with a known unit, and the number in a unit of this dimension that is always the same.

    None for all other texts.
    """
    unit = unit_of_cell(text)
    if not isinstance(unit, Unit) or not unit.is_known:
        return None
    number = read_quantities(pa.array([text]), unit, decimal).values[0]
    return None if np.isnan(number) else (unit.dimension, unit.in_unit(float(number), unit.smallest))


def _unambiguous(levels: Iterable[str]) -> dict[str, int]:
    """Keys that belong to exactly one level."""
    places: dict[str, list[int]] = {}
    for place, level in enumerate(levels):
        places.setdefault(spelling_key(level), []).append(place)
    return {key: own[0] for key, own in places.items() if len(own) == 1 and key}


def boolean_words(false: str, true: str) -> dict[str, int]:
    """The usual words for no (0) and yes (1), if the trained spellings are such words."""
    usual = spelling_key(false) in FALSE_WORDS or spelling_key(true) in TRUE_WORDS
    return {**dict.fromkeys(FALSE_WORDS, 0), **dict.fromkeys(TRUE_WORDS, 1)} if usual else {}


def truth_words(negative: str | None, positive: str | None, *further: str) -> dict[str, int]:
    """The spellings (keys) that mean stayed (0) and left (1): the given values, and if they are usual words for no and
    yes, in either direction, all such words.

    `further` are other values that mean left. Training and evaluation use the same words.
    """
    no, yes = negative or "", positive or ""
    words = boolean_words(no, yes) or {word: 1 - place for word, place in _opposite_words(no, yes).items()}
    if words:
        words[MINUS_ONE] = words["0"]
    if negative is not None:
        words[spelling_key(negative)] = 0
    for value in (positive, *further):
        if value is not None:
            words[spelling_key(value)] = 1
    return words


def _opposite_words(no: str, yes: str) -> dict[str, int]:
    """The usual words where the column is about staying: yes means stayed, and no means left."""
    opposite = spelling_key(no) in TRUE_WORDS and spelling_key(yes) in FALSE_WORDS
    return boolean_words(yes, no) if opposite else {}


class TruthCaster:
    """Casts the target column to whether the customer left: true, false, or null for anything else.

    Counts the rows, and those with other values.
    """

    def __init__(self, positive: str | None, negative: str | None, *further: str) -> None:
        self._words = truth_words(negative, positive, *further)
        self._counts: Counter[int] = Counter()
        self._others: Counter[str] = Counter()

    def cast(self, array: Any) -> Any:
        """The target as an Arrow bool array."""
        source = encoded(array)
        texts = [without_text_marks(text or "") for text in source.dictionary.to_pylist()]
        table = [self._code(text) for text in texts]
        if not table:
            return pa.nulls(len(source), pa.bool_())
        places = source.indices.to_numpy()
        self._count(texts, table, np.bincount(places, minlength=len(texts)).tolist())
        truth_codes = np.array(table, dtype=np.int8)[places]
        return pa.array(truth_codes == 1, mask=truth_codes < 0)

    def _code(self, text: str) -> int:
        known = self._words.get(spelling_key(text))
        if known is not None:
            return known
        return MISSING if text.strip().casefold() in MISSING_WORDS else _NOT_UNDERSTOOD

    def _count(self, texts: Sequence[str], codes: Sequence[int], rows: Sequence[int]) -> None:
        for text, code, count in zip(texts, codes, rows, strict=True):
            self._counts[code] += count
            if code == _NOT_UNDERSTOOD and count and (text in self._others or len(self._others) < MAX_OTHERS):
                self._others[text.strip()[:MAX_UNKNOWN_LENGTH]] += count

    def report(self) -> TruthReading:
        return TruthReading(
            left=self._counts[1],
            stayed=self._counts[0],
            empty=self._counts[MISSING],
            not_understood=self._counts[_NOT_UNDERSTOOD],
            examples=tuple(self._others.most_common(EXAMPLES)),
        )
