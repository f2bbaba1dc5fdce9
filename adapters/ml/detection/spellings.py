"""Merges different spellings of one value in a column of a training file, as scoring does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from adapters.ml.detection.text_columns import TextColumn
from domain.vocabulary.spelling import spelling_key
from domain.vocabulary.values import TRUE_WORDS


def merged_spellings(column: TextColumn) -> TextColumn:
    """The column with the most frequent spelling of each value: "yes" and "YES" are one value, so are 1 and 1.00.

    In a column of yes and no, all words for yes are one value. Numbers that measure something stay as they are.
    """
    if column.says_yes_and_no:
        return _merged(column, lambda text: "yes" if spelling_key(text) in TRUE_WORDS else "")
    return column if column.is_numeric else _merged(column, spelling_key)


def _merged(column: TextColumn, key_of: Callable[[str], str]) -> TextColumn:
    groups: dict[str, list[int]] = {}
    for code, value in enumerate(column.values):
        groups.setdefault(key_of(value), []).append(code)
    if len(groups) == len(column.values):
        return column
    place = np.full(len(column.values) + 1, -1, np.int32)
    values = []
    for fresh, codes in enumerate(groups.values()):
        place[codes] = fresh
        values.append(column.values[max(codes, key=lambda code: int(column.counts[code]))])
    return replace(column, codes=place[column.codes], values=tuple(values))
