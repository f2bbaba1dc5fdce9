"""One block's text columns cast to the columns of a customer batch, as the schema says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.intake.identity import DuplicateIds, cast_ids, row_ids
from adapters.intake.levels import LevelCaster, TruthCaster
from adapters.intake.months import cast_months
from adapters.intake.numbers import NumberCells, beyond_any_measure, read_numbers
from adapters.intake.parsing import Parse
from adapters.intake.rows import ParsedBlock, Refusal
from domain.run import ColumnReport
from domain.schema import Column, ColumnKind, CustomerSchema, HeaderMatch

NO_NUMBER = "is no number, and the model knows no customer without it"


class _AttributeCaster(Protocol):
    def cast(self, array: Any) -> Any: ...
    def absent(self, rows: int) -> Any:
        """A column of missing values, where the file doesn't have it."""

    def report(self) -> ColumnReport: ...


class _Numbers:
    """Casts a numeric attribute to float64, null for missing, and counts."""

    def __init__(self, column: Column, decimal: str) -> None:
        self._column = column
        self._decimal = decimal
        self._missing = self._unreadable = self._out_of_range = 0

    @property
    def bears_text(self) -> bool:
        """Whether text in place of a number may count as missing: the model has learned what missing means here."""
        return self._column.missing_rate > 0.0

    def read(self, array: Any) -> NumberCells:
        """Numbers that no model can hold are unreadable too."""
        if pa.types.is_floating(array.type):
            values = array.to_numpy(zero_copy_only=False)
            cells = NumberCells(values, np.zeros(len(values), bool))
        else:
            cells = read_numbers(array, self._decimal)
        beyond = beyond_any_measure(cells.values)
        if not beyond.any():
            return cells
        return NumberCells(np.where(beyond, np.nan, cells.values), cells.unreadable | beyond)

    def cast(self, array: Any) -> Any:
        cells = self.read(array)
        values, unreadable = cells.values, int(cells.unreadable.sum())
        none = ~np.isfinite(values)
        self._missing += int(none.sum()) - unreadable
        self._unreadable += unreadable
        self._out_of_range += self._outside(values[~none])
        return pa.array(values, mask=none)

    def _outside(self, values: Any) -> int:
        low, high = self._column.minimum, self._column.maximum
        below = 0 if low is None else int((values < low).sum())
        return below + (0 if high is None else int((values > high).sum()))

    def absent(self, rows: int) -> Any:
        self._missing += rows
        return pa.nulls(rows, pa.float64())

    def report(self) -> ColumnReport:
        return ColumnReport(
            self._column.name,
            missing=self._missing,
            out_of_range=self._out_of_range,
            unreadable=self._unreadable,
        )


class _Levels:
    """Casts a boolean or categorical attribute to dictionary<int32, string> in trained spelling, and counts."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._caster = LevelCaster(column)
        self._absent = 0

    def cast(self, array: Any) -> Any:
        return self._caster.cast(array)

    def absent(self, rows: int) -> Any:
        self._absent += rows
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array(self._column.levels, pa.string()))

    def report(self) -> ColumnReport:
        return ColumnReport(
            self._column.name,
            missing=self._absent + self._caster.missing,
            unknown=self._caster.unknown,
            unknown_examples=self._caster.examples,
        )


class BatchCaster:
    """Makes customer columns of parsed ones. One per reading: it counts as it goes."""

    def __init__(self, schema: CustomerSchema, match: HeaderMatch, header: Sequence[str], decimal: str) -> None:
        self._header = header
        self._attributes: list[tuple[str, int | None, _AttributeCaster]] = [
            (
                column.name,
                match.position_of(column.name),
                _Numbers(column, decimal) if column.kind is ColumnKind.NUMERIC else _Levels(column),
            )
            for column in schema.columns
        ]
        self.id_position = self._id = _position(match, schema.id_column)
        self._month = _position(match, schema.month_column)
        self._target = _position(match, schema.target_column)
        self._truth = TruthCaster(schema.positive_value, schema.negative_value)
        self.duplicates = DuplicateIds()

    def kinds(self) -> list[Parse]:
        """How each column of the file should be parsed."""
        kinds = [Parse.TEXT] * len(self._header)
        for _, position, caster in self._attributes:
            if position is not None:
                kinds[position] = Parse.NUMBER if isinstance(caster, _Numbers) else Parse.LEVEL
        for position in (self._month, self._target):
            if position is not None:
                kinds[position] = Parse.LEVEL
        if self._id is not None:
            kinds[self._id] = Parse.TEXT
        return kinds

    def without_impossible(self, parsed: ParsedBlock) -> ParsedBlock:
        """Rows with text where the model never met a missing number are set aside, with the cell."""
        columns, refusals = list(parsed.columns), list[Refusal]()
        for _, position, caster in self._attributes:
            if position is None or not isinstance(caster, _Numbers) or caster.bears_text:
                continue
            cells = caster.read(columns[position])
            for at in np.flatnonzero(cells.unreadable).tolist():
                text = str(columns[position][at].as_py())
                refusals.append(Refusal(at, NO_NUMBER, self._header[position], text))
            columns[position] = pa.array(cells.values)
        return replace(parsed, columns=tuple(columns)).without(refusals)

    def cast(self, columns: Sequence[Any], row: Any) -> pa.RecordBatch:
        """`columns` as parsed, in file order; `row` the customers' row numbers, int64."""
        cast: dict[str, Any] = {"row": pa.array(row), "id": self._ids(columns, row)}
        if self._month is not None:
            cast["month"] = cast_months(columns[self._month])
        if self._target is not None:
            cast["actual"] = self._truth.cast(columns[self._target])
        for name, position, caster in self._attributes:
            cast[f"a:{name}"] = caster.absent(len(row)) if position is None else caster.cast(columns[position])
        for position in self._extra():
            cast[f"x:{position}:{self._header[position]}"] = _blank_as_null(columns[position])
        return pa.RecordBatch.from_pydict(cast)

    def _ids(self, columns: Sequence[Any], row: Any) -> Any:
        if self._id is None:
            return row_ids(row)
        ids = cast_ids(columns[self._id], row)
        self.duplicates.add(ids, row)
        return ids

    def _extra(self) -> list[int]:
        used = {position for _, position, _ in self._attributes} | {self._id, self._month, self._target}
        return [position for position in range(len(self._header)) if position not in used]

    def column_reports(self) -> tuple[ColumnReport, ...]:
        return tuple(caster.report() for _, _, caster in self._attributes)


def _position(match: HeaderMatch, column: str | None) -> int | None:
    return None if column is None else match.position_of(column)


def _blank_as_null(array: Any) -> Any:
    blank = pc.equal(pc.binary_length(array), 0)
    return pc.if_else(blank, None, array) if pc.any(blank).as_py() else array
