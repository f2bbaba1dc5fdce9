"""Watches columns of numbers whose marks begin late in the file, while it is read.

Whole numbers are the same under both decimal marks. So rows before the first mark of a column were read correctly, and
only from there on the column's mark matters: it is then decided by the evidence of the whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.intake.limits import ReadingLimits
from adapters.intake.number_marks import collect, evidence_of_file
from domain.file_format import FileFormat
from domain.header_matching import HeaderMatch
from domain.number_marks import (
    COMMA,
    OTHER_MARK,
    POINT,
    JudgedColumn,
    MarkEvidence,
    Spelling,
    decimal_marks,
    mixed_marks,
)
from domain.schema import Column, ColumnKind, CustomerSchema

_PROOF = {
    COMMA: r"(^|[^0-9.,])0+,[0-9]|,[0-9]{1,2}([^0-9,]|$)|,[0-9]{4}|\.[0-9]{3},",
    POINT: r"(^|[^0-9.,])0+\.[0-9]|\.[0-9]{1,2}([^0-9.]|$)|\.[0-9]{4}|,[0-9]{3}\.",
}
"""Texts that probably prove this decimal mark. The exact rule is asked only about columns that have one."""


@dataclass
class MarkWatch:
    """Watches one reading. `format` is the present one; `open` are positions without marks so far."""

    path: Path
    format: FileFormat
    numeric: dict[int, Column]
    limits: ReadingLimits
    chosen: bool
    examined: set[int] = field(default_factory=set)
    """Positions that were decided while reading."""

    @classmethod
    def of(
        cls, path: Path, format: FileFormat, schema: CustomerSchema, match: HeaderMatch, limits: ReadingLimits
    ) -> MarkWatch:
        numeric = {
            position: column
            for column in schema.columns
            if column.kind is ColumnKind.NUMERIC and (position := match.position_of(column.name)) is not None
        }
        return cls(path, format, numeric, limits, format.decimal_chosen)

    def changed(self, columns: Sequence[Any]) -> list[int]:
        """Positions of columns whose mark is another one from this block on. Raises DecimalUnclear."""
        if self.chosen:
            return []
        known = dict(self.format.marks)
        watched = {place: columns[place] for place in self.numeric if place not in self.examined}
        begin = [place for place, column in watched.items() if place not in known and _has_marks(column)]
        for place, mark in known.items():
            if place in watched and _may_contradict(watched[place], OTHER_MARK[mark]):
                begin.append(place)
        return self._settle(begin, known) if begin else []

    def _settle(self, begin: Sequence[int], known: dict[int, str]) -> list[int]:
        evidence = evidence_of_file(self.path, self.format, sorted(self.numeric), self.limits)
        judged = {
            place: JudgedColumn(column.name, evidence[place], column.minimum, column.maximum, column.number_unit)
            for place, column in self.numeric.items()
        }
        _, marks = decimal_marks(judged, delimiter=self.format.delimiter, usual=self.format.decimal)
        for place, mark in known.items():
            if marks.get(place, mark) != mark:
                raise mixed_marks(judged[place].name)
        self.examined.update(begin)
        before = self.format
        self.format = before.with_marks(before.decimal, {**marks, **known})
        return [place for place in begin if self.format.decimal_of(place) != before.decimal_of(place)]


def _has_marks(array: Any) -> bool:
    if pa.types.is_floating(array.type):
        values = array.to_numpy(zero_copy_only=False)
        return bool(np.any(values != np.floor(values), where=np.isfinite(values)))
    words = array.dictionary if pa.types.is_dictionary(array.type) else array
    return bool(pc.any(pc.match_substring_regex(words, r"[0-9][.,][0-9]|^[.,][0-9]")).as_py())


def _may_contradict(array: Any, mark: str) -> bool:
    """Whether texts prove the other mark in a column whose mark is known, and matter beside ambiguous ones."""
    if not pa.types.is_dictionary(array.type):
        return False
    words = array.dictionary
    if not pc.any(pc.match_substring_regex(words, _PROOF[mark])).as_py():
        return False
    evidence = MarkEvidence()
    collect(evidence, words)
    return evidence.has(Spelling.POINT if mark == POINT else Spelling.COMMA)
