"""Texts brought to the spelling that the model was trained with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.numbers import MISSING_WORDS
from domain.likeness import spelling_key
from domain.schema import Column, ColumnKind

TRUE_WORDS = frozenset({"yes", "y", "true", "t", "1", "1.0", "on", "ja", "oui", "si", "sí", "sim", "vrai", "wahr"})
FALSE_WORDS = frozenset({"no", "n", "false", "f", "0", "0.0", "off", "nein", "non", "não", "faux", "falsch"})
EXAMPLES = 5
LONGEST_UNKNOWN = 200
"""Characters of an unknown text that are kept: a file may hold as many of them as rows."""
MISSING = -1


def encoded(array: Any) -> Any:
    """The array as a dictionary of distinct texts, also where the parser left plain ones."""
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


class LevelCaster:
    """Casts one attribute, block by block, and counts what it meets.

    The dictionary that comes out begins with the trained levels in their order; unknown texts follow.
    """

    def __init__(self, column: Column) -> None:
        self._levels = column.levels
        self._exact = {level: place for place, level in enumerate(column.levels)}
        self._by_key = _unambiguous(column.levels)
        if column.kind is ColumnKind.BOOLEAN and len(column.levels) == 2:
            for word, place in boolean_words(*column.levels).items():
                self._by_key.setdefault(word, place)
        self._examples: dict[str, None] = {}
        self.missing = self.unknown = 0

    @property
    def examples(self) -> tuple[str, ...]:
        """The first unknown texts, in file order."""
        return tuple(self._examples)

    def cast(self, array: Any) -> Any:
        """Dictionary of distinct texts → dictionary<int32, string> in trained spelling, null for missing."""
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
        trimmed = (text or "").strip()
        if len(trimmed) > 2 and trimmed[0] == trimmed[-1] and trimmed[0] in "\"'":
            trimmed = trimmed[1:-1].strip()  # quotation marks that were not the file's own
        place = self._exact.get(trimmed)
        if place is None:
            place = self._by_key.get(spelling_key(trimmed))
        if place is not None:
            return place
        if trimmed.casefold() in MISSING_WORDS:
            return MISSING
        shown = trimmed if len(trimmed) <= LONGEST_UNKNOWN else trimmed[: LONGEST_UNKNOWN - 1] + "…"
        return unknown.setdefault(shown, len(self._levels) + len(unknown))

    def _count(self, codes: Any, missing: Any, unknown: dict[str, int]) -> None:
        self.missing += int(missing.sum())
        if unknown:
            self.unknown += int((codes >= len(self._levels)).sum())
        for text in unknown:
            if len(self._examples) < EXAMPLES:
                self._examples.setdefault(text)


def _unambiguous(levels: Iterable[str]) -> dict[str, int]:
    """Keys that belong to one level alone."""
    places: dict[str, list[int]] = {}
    for place, level in enumerate(levels):
        places.setdefault(spelling_key(level), []).append(place)
    return {key: found[0] for key, found in places.items() if len(found) == 1 and key}


def boolean_words(false: str, true: str) -> dict[str, int]:
    """The usual words for no (0) and yes (1), where the trained spellings are such words themselves."""
    usual = spelling_key(false) in FALSE_WORDS or spelling_key(true) in TRUE_WORDS
    return {**dict.fromkeys(FALSE_WORDS, 0), **dict.fromkeys(TRUE_WORDS, 1)} if usual else {}


def truth_words(negative: str | None, positive: str | None) -> dict[str, int]:
    """The spellings (keys) that mean stayed (0) and left (1): the two values, and the usual words where they are such.

    A file is learned from and judged by the same words.
    """
    words: dict[str, int] = {}
    if positive is not None or negative is not None:
        words.update(boolean_words(negative or "", positive or ""))
    if negative is not None:
        words[spelling_key(negative)] = 0
    if positive is not None:
        words[spelling_key(positive)] = 1
    return words


class TruthCaster:
    """Casts the target column to whether the customer left: true, false, or null for anything else."""

    def __init__(self, positive: str | None, negative: str | None) -> None:
        self._words = truth_words(negative, positive)

    def cast(self, array: Any) -> Any:
        """Arrow bool array."""
        source = encoded(array)
        table = [self._words.get(spelling_key(text or ""), -1) for text in source.dictionary.to_pylist()]
        found = np.array(table, dtype=np.int8)[source.indices.to_numpy()] if table else np.empty(0, np.int8)
        return pa.array(found == 1, mask=found < 0)
