"""Customers that a program sends as records: written as a file, or read without one where no cell is in doubt."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.batch_casting import BatchCaster
from adapters.intake.screening import TOTAL_WORDS
from adapters.records.customers import scored_customers
from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.records import Record
from application.ports.results import ScoredCustomer
from domain.errors import UnitUnclear
from domain.file_format import FileFormat
from domain.header_matching import HeaderMatch
from domain.percentages import percent_reading
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.records import RecordProblem
from domain.schema import Column, ColumnKind, CustomerSchema

Cell = str | int | float | bool | None
PLAIN = FileFormat()
"""UTF-8, commas and decimal points, as `write` writes."""
LARGEST = float(np.finfo(np.float32).max)
"""A larger number is none that a model can hold; the reader of files says so."""


@dataclass(frozen=True, slots=True)
class ColumnarRecords:
    """Implements CustomerRecords with the casting of files. Has no state."""

    def write(self, records: Sequence[Record], header: Sequence[str], path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([as_text(record.get(name)) for name in header] for record in records)

    def problems(self, rejected: Path, records: Sequence[Record], header: Sequence[str]) -> tuple[RecordProblem, ...]:
        places = {line: place for place, line in enumerate(_first_lines(records, header))}
        with rejected.open(encoding="utf-8", newline="") as file:
            rows = [(places[int(row["line"])], row["column"], row["reason"]) for row in csv.DictReader(file)]
        return tuple(
            RecordProblem(place + 1, column, as_text(records[place].get(column)), reason)
            for place, column, reason in rows
        )

    def batch(
        self, records: Sequence[Record], header: Sequence[str], *, schema: CustomerSchema, match: HeaderMatch
    ) -> CustomerBatch | None:
        if schema.month_column is not None or schema.history_columns:
            return None
        columns: list[Any] = []
        for place, name in enumerate(header):
            cells = [record.get(name) for record in records]
            attribute = _attribute_at(place, schema, match)
            read = _texts(cells) if attribute is None else _values(cells, attribute)
            if read is None:
                return None
            columns.append(read)
        if _has_blank_or_total(columns, _place_of_ids(schema, match), len(records)):
            return None
        caster = BatchCaster(schema, match, header, PLAIN)
        data = caster.cast(columns, np.arange(1, len(records) + 1), keep_written=False)
        caster.refuse_unreadable()
        return CustomerBatch(len(records), data, caster.inputs)

    def customers(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        recommended: RecommendedBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        threshold: float,
        bands: BandLimits,
    ) -> list[ScoredCustomer]:
        return scored_customers(
            batch, scored, recommended, schema=schema, playbook=playbook, threshold=threshold, bands=bands
        )


def as_text(cell: Cell) -> str:
    """A cell as a file writes it. A float is written with the fewest digits that give it back."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if isinstance(cell, str) else repr(cell)


def _first_lines(records: Sequence[Record], header: Sequence[str]) -> list[int]:
    """The line of the written file on which each record begins: cells may hold line breaks."""
    lines, line = [], 2 + sum(name.count("\n") for name in header)
    for record in records:
        lines.append(line)
        line += 1 + sum(as_text(record.get(name)).count("\n") for name in header)
    return lines


def _attribute_at(place: int, schema: CustomerSchema, match: HeaderMatch) -> Column | None:
    return next((own for own in schema.file_columns if match.position_of(own.name) == place), None)


def _place_of_ids(schema: CustomerSchema, match: HeaderMatch) -> int | None:
    return None if schema.id_column is None else match.position_of(schema.id_column)


def _texts(cells: Sequence[Cell]) -> Any | None:
    """Text cells as the parser gives them; None for text with control characters, which rejects a file's row."""
    texts = [as_text(cell) for cell in cells]
    return pa.array(texts, pa.string()) if all(text.isprintable() for text in texts) else None


def _values(cells: Sequence[Cell], column: Column) -> Any | None:
    """An attribute's cells as the parser gives them; None where the reader of files has to say what they mean."""
    if column.kind is ColumnKind.DATE:
        return None
    if column.kind is not ColumnKind.NUMERIC:
        return _texts(cells)
    if column.number_unit is not None or any(isinstance(cell, str | bool) for cell in cells):
        return None
    numbers = [math.nan if cell is None else float(cell) for cell in cells]
    known = [number for number in numbers if not math.isnan(number)]
    if any(abs(number) > LARGEST for number in known):
        return None
    try:
        reading = percent_reading(column.name, column, signed=[], plain=list(dict.fromkeys(known)), chosen=None)
    except UnitUnclear:
        return None
    return pa.array(numbers, pa.float64(), from_pandas=True) if reading is None else None


def _has_blank_or_total(columns: Sequence[Any], ids: int | None, rows: int) -> bool:
    """Whether a row has no value at all, or seems to be a line of totals: the reader of files rejects both."""
    if ids is not None and any(text.strip().casefold() in TOTAL_WORDS for text in columns[ids].to_pylist()):
        return True
    filled = np.zeros(rows, bool)
    for column in columns:
        floating = pa.types.is_floating(column.type)
        filled |= np.array([own is not None if floating else bool(own) for own in column.to_pylist()], bool)
        if filled.all():
            return False
    return True
