"""Finds the units of a training file's columns of numbers, such as GB in "12.5 GB"."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from adapters.intake.quantities import quantity_of, unit_of_cell
from adapters.ml.detection.text_columns import GLANCE, NUMBERS_NEEDED, TextColumn
from domain.unit_matching import BARE
from domain.units import Unit, has_one_meaning, known_unit, own_unit, unit_named_in, unit_next_to
from domain.vocabulary.values import MISSING_NUMBERS

MIN_DIFFERENT = 15
"""Different cells with a unit from which a column is a measurement. Terms of contracts ("12 months") and tariffs
("50 Mbit/s") have fewer, and stay levels, which can have any order of risk."""
MAX_DISTINCT_CODES = 0.9
"""Share of different whole numbers from which a letter after a number is part of an id: 10001A, 10002A."""


def with_unit(column: TextColumn) -> TextColumn:
    """The column with the unit of its numbers, if nearly all of its cells are numbers of one dimension.

    The most frequent unit is the column's. A unit that is not known must be the same in nearly every cell.
    """
    measured = None if column.is_numeric else _measured(column)
    return measured or _with_named_unit(column)


def _measured(column: TextColumn) -> TextColumn | None:
    """The column in the unit of its cells; None if these have none, or too many."""
    if not _may_have_units(column):
        return None
    cells = _Cells.of(column)
    unit = cells.unit
    if unit is None:
        return None
    measured = replace(column, unit=unit, bare=not cells.needs_units)
    return measured if measured.is_numeric else None


def _with_named_unit(column: TextColumn) -> TextColumn:
    """A column of plain numbers reads its few cells with units if its name says the unit of the others."""
    unit = unit_named_in(column.name)
    if unit is None:
        return column
    plain = ~np.isnan(column.numbers)
    if 2 * column.counts[plain].sum() < column.filled:
        return column
    if not any(_converts(column.values[code], unit) for code in np.flatnonzero(~plain)):
        return column
    named = replace(column, unit=unit)
    return named if named.is_numeric else column


def _converts(text: str, unit: Unit) -> bool:
    quantity = quantity_of(text)
    return quantity is not None and quantity.unit != BARE and unit_next_to(quantity.unit, unit) is not None


def _may_have_units(column: TextColumn) -> bool:
    first = column.values[:GLANCE]
    return len(column.values) >= MIN_DIFFERENT and 2 * sum(unit_of_cell(text) is not None for text in first) > len(
        first
    )


@dataclass(slots=True)
class _Cells:
    """The filled cells of a column. `rows` counts rows by unit as it is spelled; `bare` those without one, except 0."""

    rows: Counter[str] = field(default_factory=Counter)
    different: int = 0
    filled: int = 0
    bare: int = 0
    zeros: int = 0
    whole: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, column: TextColumn) -> _Cells:
        cells = cls()
        for text, rows in zip(column.values, column.counts.tolist(), strict=True):
            if text.casefold() not in MISSING_NUMBERS:
                cells._add(text, rows)
        return cells

    def _add(self, text: str, rows: int) -> None:
        self.filled += rows
        unit, quantity = unit_of_cell(text), quantity_of(text)
        if unit == BARE:
            zero = not text.strip("0.,+-")
            self.zeros, self.bare = self.zeros + rows * zero, self.bare + rows * (not zero)
        elif isinstance(unit, Unit):
            self.rows[unit.name if quantity is None else quantity.unit] += rows
            self.different += 1
            if quantity is not None and quantity.number.isdigit():
                self.whole.add(quantity.number)

    @property
    def unit(self) -> Unit | None:
        """The unit of the column; None if its cells are not of one dimension, or too few differ."""
        if self.different < MIN_DIFFERENT or self._look_like_ids:
            return None
        unit = self._main_unit
        fitting = sum(rows for spelled, rows in self.rows.items() if unit_next_to(spelled, unit) is not None)
        tolerated = (1 - NUMBERS_NEEDED) * self.filled
        mixed = sum(self.rows.values()) - fitting > tolerated
        unclear = self.needs_units and self.bare > tolerated
        return None if mixed or unclear or 2 * fitting < self.filled - self.zeros else unit

    @property
    def needs_units(self) -> bool:
        """Whether a number alone says nothing: among several units, or next to one that is not known."""
        units = {_unit_by_itself(spelled) for spelled in self.rows}
        return len(units) > 1 or any(not unit.is_known for unit in units)

    @property
    def _main_unit(self) -> Unit:
        """The most frequent unit, among those whose spelling has one meaning if there are any."""
        clear = {spelled: rows for spelled, rows in self.rows.items() if has_one_meaning(spelled)}
        by_unit: Counter[Unit] = Counter()
        for spelled, rows in (clear or self.rows).items():
            by_unit[_unit_by_itself(spelled)] += rows
        return max(by_unit, key=lambda unit: (by_unit[unit], unit.size, unit.name))

    @property
    def _look_like_ids(self) -> bool:
        """Whether a letter or an unknown word ends different whole numbers, as in 10001A."""
        coded = all(len(spelled) == 1 or not _unit_by_itself(spelled).is_known for spelled in self.rows)
        return coded and len(self.whole) > MAX_DISTINCT_CODES * self.filled


def _unit_by_itself(spelled: str) -> Unit:
    unit = known_unit(spelled) or own_unit(spelled)
    if unit is None:
        raise ValueError(f"{spelled!r} is no unit")
    return unit
