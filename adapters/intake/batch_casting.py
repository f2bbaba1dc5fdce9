"""Casts the text columns of a block to the columns of a customer batch, according to the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.intake.dates import DateCaster, FileDates, ends_of
from adapters.intake.id_hashes import CommonIds
from adapters.intake.identity import DuplicateIds, cast_ids, count_blank, row_ids
from adapters.intake.levels import LevelCaster, TruthCaster
from adapters.intake.months import cast_months
from adapters.intake.number_columns import NumberCaster
from adapters.intake.parsing import Parse
from adapters.intake.rows import ParsedBlock, Refusal
from adapters.intake.written import unlike_number, unlike_value
from application.ports.columns import InputColumn
from domain.file_format import FileFormat
from domain.header_matching import HeaderMatch
from domain.intake_limits import refuse_unknown_answers
from domain.run import ColumnReport
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training_overlap import IdFingerprint
from domain.truth import TruthReading

NO_NUMBER = "is not a number, and the model was never trained on a missing value in this column"


class _AttributeCaster(Protocol):
    def cast(self, array: Any) -> Any: ...
    def absent(self, rows: int) -> Any:
        """A column of missing values, for a file without this column."""

    def refuse_unreadable(self, header: str) -> None:
        """Raises FileRefused if most cells so far were not understood. `header` is the column's name in the file."""

    def report(self) -> ColumnReport: ...


class _Levels:
    """Casts a boolean or categorical attribute to dictionary<int32, string> with the trained levels, and counts."""

    def __init__(self, column: Column, decimal: str) -> None:
        self._column = column
        self._caster = LevelCaster(column, decimal)
        self._absent = self._rows = 0

    def cast(self, array: Any) -> Any:
        self._rows += len(array)
        return self._caster.cast(array)

    def refuse_unreadable(self, header: str) -> None:
        """New levels of other columns are usual, such as those of a new tariff."""
        if self._column.kind is ColumnKind.BOOLEAN and self._caster.unknown:
            refuse_unknown_answers(
                header,
                unknown=self._caster.unknown,
                filled=self._rows - self._caster.missing,
                example=self._caster.examples[0],
                known=self._column.levels,
            )

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
    """Casts parsed columns to customer columns. Create one per reading, because it keeps counts."""

    def __init__(
        self,
        schema: CustomerSchema,
        match: HeaderMatch,
        header: Sequence[str],
        format: FileFormat,
        known_ids: IdFingerprint | None = None,
    ) -> None:
        self._header, self._format = header, format
        self._attributes: list[tuple[str, int | None, _AttributeCaster | DateCaster]] = [
            (column.name, place, _caster_of(column, format, header, place))
            for column, place in ((column, match.position_of(column.name)) for column in schema.file_columns)
        ]
        self.id_position = self._id = _position(match, schema.id_column)
        self._month = _position(match, schema.month_column)
        self._target = _position(match, schema.target_column)
        self._truth = TruthCaster(schema.positive_value, schema.negative_value, *schema.further_positive)
        self._month_first: bool | None = False
        self._words = schema.negative_value or "No", schema.left_words or "Yes"
        self._input_columns = self._columns_in_order()
        self.inputs = tuple(InputColumn(header[position], name) for position, name in self._input_columns)
        self.duplicates = DuplicateIds()
        self.blank_ids = 0
        self.common_ids = CommonIds(known_ids)

    def _columns_in_order(self) -> list[tuple[int, str]]:
        """Position and batch column of the file's columns, in its order, without the ids."""
        known = {self._month: "month", self._target: "actual"} | {
            position: f"a:{name}" for name, position, own in self._attributes if not isinstance(own, DateCaster)
        }
        others = {position: f"x:{position}:{self._header[position]}" for position in self._extra()}
        return sorted((position, name) for position, name in (known | others).items() if position is not None)

    @property
    def date_positions(self) -> dict[str, int]:
        """The date attributes that the file has, and their positions."""
        positions = ((name, position) for name, position, caster in self._attributes if isinstance(caster, DateCaster))
        return {name: position for name, position in positions if position is not None}

    @property
    def month_position(self) -> int | None:
        return self._month

    @property
    def has_months(self) -> bool:
        return self._month is not None

    def prepare_dates(self, dates: FileDates) -> None:
        """Set the forms and the reference day of the file's dates. Call it before `cast`."""
        self._month_first = dates.month_first
        for _, _, caster in self._attributes:
            if isinstance(caster, DateCaster):
                caster.prepare(dates)

    def change_decimal(self, position: int, decimal: str) -> None:
        """Read a column of numbers with another decimal mark from now on."""
        for _, place, caster in self._attributes:
            if place == position and isinstance(caster, NumberCaster):
                caster.decimal = decimal

    def kinds(self) -> list[Parse]:
        """How each column of the file should be parsed."""
        kinds = [Parse.TEXT] * len(self._header)
        for _, position, caster in self._attributes:
            if position is not None:
                same_mark = self._format.decimal_of(position) == self._format.decimal
                kinds[position] = (
                    _parse_of(caster) if same_mark or not isinstance(caster, NumberCaster) else Parse.LEVEL
                )
        for position in (self._month, self._target):
            if position is not None:
                kinds[position] = Parse.LEVEL
        if self._id is not None:
            kinds[self._id] = Parse.TEXT
        return kinds

    def without_impossible(self, parsed: ParsedBlock) -> ParsedBlock:
        """Reject rows with text instead of a number in a column that was never missing in training."""
        columns, refusals, texts = list(parsed.columns), list[Refusal](), dict(parsed.texts)
        for _, position, caster in self._attributes:
            if position is None or not isinstance(caster, NumberCaster) or caster.bears_text:
                continue
            cells = caster.read(columns[position])
            for at in np.flatnonzero(cells.unreadable).tolist():
                text = str(columns[position][at].as_py())
                refusals.append(Refusal(at, NO_NUMBER, self._header[position], text))
            if position not in texts:
                texts[position] = columns[position]
            columns[position] = pa.array(cells.values)
        return replace(parsed, columns=tuple(columns), texts=texts).without(refusals)

    def cast(
        self, columns: Sequence[Any], row: Any, texts: Mapping[int, Any] | None = None, *, keep_written: bool = True
    ) -> pa.RecordBatch:
        """The customer batch from parsed `columns` in file order and the customers' `row` numbers (int64).

        `texts` are the cells of columns of numbers as they are written, by position. `keep_written`: with the cells
        that cannot be restored from their values.
        """
        months = None if self._month is None else cast_months(columns[self._month], month_first=self._month_first)
        cast: dict[str, Any] = {"row": pa.array(row), "id": self._ids(columns, row, months)}
        if months is not None:
            cast["month"] = months
        if self._target is not None:
            cast["actual"] = self._truth.cast(columns[self._target])
        for name, position, caster in self._attributes:
            if position is None:
                cast[f"a:{name}"] = caster.absent(len(row))
            elif isinstance(caster, DateCaster):
                cast[f"a:{name}"] = caster.cast(columns[position], ends_of(cast["month"]) if self.has_months else None)
            else:
                cast[f"a:{name}"] = caster.cast(columns[position])
        for position in self._extra():
            cast[f"x:{position}:{self._header[position]}"] = _blank_as_null(columns[position])
        return pa.RecordBatch.from_pydict(cast | (self._written(columns, cast, texts or {}) if keep_written else {}))

    def _written(self, columns: Sequence[Any], cast: Mapping[str, Any], texts: Mapping[int, Any]) -> dict[str, Any]:
        """The cells that cannot be restored from their values, as columns `w:<place>`."""
        kept = (
            (place, self._unlike(texts.get(position, columns[position]), cast[name]))
            for place, (position, name) in enumerate(self._input_columns)
            if not name.startswith("x:")
        )
        return {f"w:{place}": written for place, written in kept if written is not None}

    def _unlike(self, source: Any, values: Any) -> Any | None:
        if pa.types.is_floating(values.type) and pa.types.is_string(source.type):
            return unlike_number(source, values)
        return unlike_value(source, values, words=self._words)

    def _ids(self, columns: Sequence[Any], row: Any, months: Any | None) -> Any:
        if self._id is None:
            return row_ids(row)
        ids = cast_ids(columns[self._id], row)
        self.blank_ids += count_blank(columns[self._id])
        self.common_ids.add(self.duplicates.add(ids, row), months)
        return ids

    def _extra(self) -> list[int]:
        """Columns that no attribute has, and dates, whose attributes are ages."""
        used = {position for _, position, caster in self._attributes if not isinstance(caster, DateCaster)} | {
            self._id,
            self._month,
            self._target,
        }
        return [position for position in range(len(self._header)) if position not in used]

    def refuse_unreadable(self) -> None:
        """Raises FileRefused if most cells of a column of numbers, or of yes and no, were not understood."""
        for _, position, caster in self._attributes:
            if position is not None and not isinstance(caster, DateCaster):
                caster.refuse_unreadable(self._header[position])

    def truth_report(self) -> TruthReading | None:
        """What the truth says; None for a file without it."""
        return None if self._target is None else self._truth.report()

    def column_reports(self) -> tuple[ColumnReport, ...]:
        return tuple(caster.report() for _, _, caster in self._attributes)


def _caster_of(
    column: Column, format: FileFormat, header: Sequence[str], place: int | None
) -> _AttributeCaster | DateCaster:
    if column.kind is ColumnKind.DATE:
        return DateCaster(column.name, column.minimum, column.maximum)
    decimal = format.decimal if place is None else format.decimal_of(place)
    if column.kind is not ColumnKind.NUMERIC:
        return _Levels(column, decimal)
    name, units = (column.name, None) if place is None else (header[place], format.units_of(place))
    return NumberCaster(column, decimal, header=name, units=units)


def _parse_of(caster: _AttributeCaster | DateCaster) -> Parse:
    if isinstance(caster, DateCaster):
        return Parse.TEXT
    return Parse.NUMBER if isinstance(caster, NumberCaster) else Parse.LEVEL


def _position(match: HeaderMatch, column: str | None) -> int | None:
    return None if column is None else match.position_of(column)


def _blank_as_null(array: Any) -> Any:
    blank = pc.equal(pc.binary_length(array), 0)
    return pc.if_else(blank, None, array) if pc.any(blank).as_py() else array
