"""Casts a column of numbers of a file to score, in the model's unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.levels import encoded
from adapters.intake.numbers import (
    NumberCells,
    beyond_any_measure,
    percentages,
    read_numbers,
    texts_around_numbers,
)
from adapters.intake.quantities import read_quantities
from domain.currencies import Currencies
from domain.intake_limits import refuse_unreadable_numbers
from domain.percentages import SCALES, Reading, Scale, scale_of, unclear_signs
from domain.question import AS_WRITTEN
from domain.run import ColumnReport
from domain.schema import Column
from domain.unit_matching import refuse_bare_numbers
from domain.units import Unit, unit_called


def _floats(array: Any) -> NDArray[np.float64]:
    values: NDArray[np.float64] = array.to_numpy(zero_copy_only=False)
    return values


def _each(values: NDArray[np.float64], unit: Unit, other: Unit) -> NDArray[np.float64]:
    """Numbers in another unit; each distinct number is converted once. NaN stays NaN."""
    if unit.size == other.size:
        return values
    known = np.isfinite(values)
    distinct, places = np.unique(values[known], return_inverse=True)
    converted = values.copy()
    converted[known] = np.array([unit.in_unit(number, other) for number in distinct.tolist()], np.float64)[places]
    return converted


class NumberCaster:
    """Casts a numeric attribute to float64 (null if missing) and counts missing and unusual values."""

    def __init__(
        self, column: Column, decimal: str, *, header: str | None = None, units: tuple[str, str] | None = None
    ) -> None:
        """`header` is the column's name in the file. `units` are those that are decided for it, as in the format."""
        self._column = column
        self._header = column.name if header is None else header
        self.decimal = decimal
        self._decided = units is not None
        self._unit = self._bare_unit = column.number_unit
        self._shares: Reading | None = None
        if units is not None and units[0] in SCALES:
            self._shares = Reading(Scale(units[0]), Scale(units[1]))
        elif units is not None and units[0] != AS_WRITTEN:
            self._unit, self._bare_unit = unit_called(units[0]), unit_called(units[1])
        self._has_texts = False
        self._currencies = Currencies()
        self._bare: str | None = None
        self._other: str | None = None
        self._other_unit: Unit | None = None
        self._missing = self._unreadable = self._out_of_range = 0
        self._example: float | None = None
        self._filled = self._like_numbers = 0
        self._like_a_number = ""

    @property
    def bears_text(self) -> bool:
        """Whether text instead of a number counts as missing: only if training data had missing values here."""
        return self._column.missing_rate > 0.0

    def read(self, array: Any) -> NumberCells:
        """Read the column's numbers, in the model's unit. Numbers beyond the range of float32 count as unreadable.

        Raises FileRefused if some numbers have no unit among others in another unit than the model's, and for amounts
        in different currencies.
        """
        if pa.types.is_floating(array.type):
            values = _floats(array)
            self._keep_bare_example(values)
            cells = NumberCells(self._converted(values), np.zeros(len(values), bool))
        else:
            cells = self._read_texts(array)
        beyond = beyond_any_measure(cells.values)
        if not beyond.any():
            return cells
        return NumberCells(np.where(beyond, np.nan, cells.values), cells.unreadable | beyond)

    def _read_texts(self, array: Any) -> NumberCells:
        self._has_texts = True
        if self._unit is None:
            self._currencies.add(texts_around_numbers(array))
            self._currencies.must_be_one(self._header)
            return self._read_percentages(array, read_numbers(array, self.decimal))
        cells = read_quantities(array, self._unit, self.decimal, bare_unit=self._bare_unit)
        if not self._decided:
            self._bare, self._other = self._bare or cells.bare, self._other or cells.other
            self._other_unit = self._other_unit or cells.other_unit
            refuse_bare_numbers(
                self._header, self._unit, bare=self._bare, other=self._other, other_unit=self._other_unit
            )
        return NumberCells(cells.values, cells.unreadable)

    def _read_percentages(self, array: Any, cells: NumberCells) -> NumberCells:
        """The numbers in the model's scale. Raises UnitUnclear for a percent sign that nothing says the meaning of."""
        signed = percentages(array)
        used = signed & np.isfinite(cells.values) & (cells.values != 0.0)
        if used.any() and not self._decided and scale_of(self._column) is not Scale.PERCENTAGE:
            raise unclear_signs(self._header, self._column, float(cells.values[int(used.argmax())]))
        if self._shares is None:
            return cells
        plain = self._converted(cells.values)
        values = np.where(signed, _each(cells.values, Scale.PERCENTAGE.unit, self._shares.scale.unit), plain)
        return NumberCells(values, cells.unreadable)

    def _converted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers without a unit, in the model's."""
        if self._shares is not None:
            return _each(values, self._shares.plain.unit, self._shares.scale.unit)
        if self._unit is None or self._bare_unit is None:
            return values
        return _each(values, self._bare_unit, self._unit)

    def _keep_bare_example(self, values: Any) -> None:
        """Numbers that the parser read have no unit. After the first text, all of the column is parsed as text."""
        if self._unit is not None and self._bare is None and not self._has_texts:
            known = values[np.isfinite(values) & (values != 0.0)]
            self._bare = f"{float(known[0]):.15g}" if len(known) else None

    def cast(self, array: Any) -> Any:
        """The column's numbers. A column in which text rejects a row was read when its rows were."""
        already = not self.bears_text and pa.types.is_floating(array.type)
        cells = NumberCells(_floats(array), np.zeros(len(array), bool)) if already else self.read(array)
        values, unreadable = cells.values, int(cells.unreadable.sum())
        none = ~np.isfinite(values)
        self._missing += int(none.sum()) - unreadable
        self._unreadable += unreadable
        self._filled += int((~none).sum()) + unreadable
        if unreadable and not pa.types.is_floating(array.type):
            self._count_like_numbers(array, cells.unreadable)
        self._out_of_range += self._outside(values[~none])
        return pa.array(values, mask=none)

    def _count_like_numbers(self, array: Any, unreadable: NDArray[np.bool_]) -> None:
        """Count unreadable texts with a digit. Words such as "Unlimited" are no numbers that were written wrongly."""
        source = encoded(array)
        digits = pc.match_substring_regex(source.dictionary, r"\p{Nd}").to_numpy(zero_copy_only=False)
        here = unreadable & digits.astype(bool)[source.indices.fill_null(0).to_numpy(zero_copy_only=False)]
        self._like_numbers += int(here.sum())
        if not self._like_a_number and here.any():
            self._like_a_number = str(array[int(here.argmax())].as_py())

    def refuse_unreadable(self, header: str) -> None:
        refuse_unreadable_numbers(
            header, unreadable=self._like_numbers, filled=self._filled, example=self._like_a_number
        )

    def _outside(self, values: Any) -> int:
        low, high = self._column.minimum, self._column.maximum
        below = 0 if low is None else int((values < low).sum())
        above = 0 if high is None else int((values > high).sum())
        if self._example is None and (below or above):
            outside = (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
            self._example = float(values[int(outside.argmax())])
        return below + above

    def absent(self, rows: int) -> Any:
        self._missing += rows
        return pa.nulls(rows, pa.float64())

    def report(self) -> ColumnReport:
        return ColumnReport(
            self._column.name,
            missing=self._missing,
            out_of_range=self._out_of_range,
            out_of_range_example=self._example,
            unreadable=self._unreadable,
        )
