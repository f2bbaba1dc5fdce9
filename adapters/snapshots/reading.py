"""Reads the files of a base into Parquet: ids, months and days as they are compared, all other cells as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.intake.identity import cast_ids
from adapters.intake.levels import encoded
from adapters.intake.limits import ReadingLimits
from adapters.intake.months import cast_months
from adapters.intake.parsed_rows import ParsedRows
from adapters.intake.parsing import Parse
from adapters.intake.recognition import header_of
from adapters.intake.rejected import RejectedRows
from adapters.intake.rows import ParsedBlock
from adapters.intake.screening import RowScreen
from application.ports.snapshots import FileRows, SnapshotFile
from domain.dates import DateForm, day_of, day_part, order_question
from domain.errors import FileRefused
from domain.snapshot_month import month_at, place_of
from domain.vocabulary.months import before_the_year
from domain.vocabulary.spelling import normalise

MAX_VALUES = 1_000
"""Distinct values of a column in a file up to which its customers are counted by value."""
NO_MONTH = place_of("")


@dataclass
class ColumnNames:
    """The columns of all files: one name for the spellings of it, and a plain name in the Parquet files."""

    names: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def places_of(self, header: tuple[str, ...], but: frozenset[int]) -> dict[int, int]:
        """By position in the header, the column's place among all columns. Columns without a name are left out."""
        named = [(position, name.strip()) for position, name in enumerate(header) if position not in but]
        keys = Counter(normalise(name) for _, name in named)
        places = {}
        for position, name in named:
            if name:
                key = normalise(name) if keys[normalise(name)] == 1 else name
                if key not in self._places:
                    self._places[key] = len(self.names)
                    self.names.append(name)
                places[position] = self._places[key]
        if len(set(places.values())) < len(places):
            raise FileRefused("A column occurs twice in a file.", advice="Give each column its own name.")
        return places

    def place(self, name: str) -> int | None:
        """The place of a column, by one of its spellings."""
        found = self._places.get(normalise(name))
        return self._places.get(name.strip()) if found is None else found


ValueCounts = dict[int, dict[str, int]]
"""By month, the rows with each value."""


@dataclass
class Values:
    """The rows of each month by the values of each column, as far as a column has few values."""

    counts: dict[int, ValueCounts] = field(default_factory=dict)
    _many: set[int] = field(default_factory=set)

    def add(self, column: int, texts: Any, months: Mapping[int, NDArray[np.bool_] | None]) -> None:
        """`months` has the rows of each month; None for all rows."""
        if column in self._many:
            return
        if len(texts.dictionary) > MAX_VALUES:
            self._forget(column)
            return
        codes, words = texts.indices.to_numpy(), texts.dictionary.to_pylist()
        own = self.counts.setdefault(column, {})
        for month, chosen in months.items():
            rows = np.bincount(codes if chosen is None else codes[chosen], minlength=len(words)).tolist()
            counts = own.setdefault(month, {})
            for word, count in zip(words, rows, strict=True):
                if count:
                    counts[word.strip()] = counts.get(word.strip(), 0) + count
            if len(counts) > MAX_VALUES:
                self._forget(column)
                return

    def _forget(self, column: int) -> None:
        self._many.add(column)
        self.counts.pop(column, None)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file, the numbers of its rows, the months that are in it, and the places of its columns."""

    path: Path
    first_row: int
    rows: int
    months: frozenset[int]
    columns: frozenset[int]


@dataclass
class SnapshotReader:
    """Reads one file after the other into Parquet files in `folder`."""

    folder: Path
    limits: ReadingLimits
    block_bytes: int
    columns: ColumnNames = field(default_factory=ColumnNames)
    values: Values = field(default_factory=Values)
    files: list[StoredFile] = field(default_factory=list)
    days: set[int] = field(default_factory=set)
    """Columns that are stored as days too."""
    _rows: int = 0

    def read(self, file: SnapshotFile, on_rows: Callable[[int], None]) -> FileRows:
        header, skipped, _ = header_of(file.path, file.format, self.limits)
        kinds = [Parse.LEVEL] * len(header)
        kinds[file.id_position] = Parse.TEXT
        rows = ParsedRows(
            file.path,
            file.format,
            header,
            skipped,
            kinds,
            RowScreen(header, file.id_position),
            self.block_bytes,
            self.limits,
        )
        used = frozenset(p for p in (file.id_position, file.month_position) if p is not None)
        first_row = self._rows
        part = _Part(self, file, self.columns.places_of(header, used))
        with part, RejectedRows(None) as rejected, closing(rows.blocks(rejected)) as blocks:
            for parsed in blocks:
                part.add(parsed)
                on_rows(rows.count)
        places = frozenset(part.places.values())
        self.files.append(StoredFile(part.path, first_row, self._rows - first_row, frozenset(part.months), places))
        months = {month_at(month): count for month, count in sorted(part.months.items())}
        return FileRows(rows.count, rows.rejected, part.blank_ids, part.undated, months, tuple(rows.decoding.remarks))

    @property
    def rows(self) -> int:
        """The number of the next row."""
        return self._rows

    def next_file(self) -> Path:
        return self.folder / f"rows-{len(self.files)}.parquet"

    def number(self, count: int) -> NDArray[np.int64]:
        """The next numbers of rows, in the order of the files."""
        start, self._rows = self._rows, self._rows + count
        return np.arange(start, self._rows)


class _Part:
    """One file on its way to Parquet."""

    def __init__(self, reader: SnapshotReader, file: SnapshotFile, places: Mapping[int, int]) -> None:
        self._reader, self._file, self.places = reader, file, places
        self._days = {position: _Days(form) for position, form in file.days.items()}
        self._writer: pq.ParquetWriter | None = None
        self.path = reader.next_file()
        self.months: Counter[int] = Counter()
        self.blank_ids = self.undated = 0

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, parsed: ParsedBlock) -> None:
        ids, months, chosen = self._who_and_when(parsed)
        by_month = _rows_by_month(months)
        table = {"id": ids, "m": pa.array(months), "rn": pa.array(self._reader.number(len(ids)))}
        for position, place in sorted(self.places.items(), key=lambda own: own[1]):
            texts = encoded(parsed.columns[position])
            texts = texts if chosen is None else texts.filter(chosen)
            self._reader.values.add(place, texts, by_month)
            table[f"c{place}"] = texts
            if position in self._days:
                self._reader.days.add(place)
                table[f"d{place}"] = self._days[position](texts)
        self._write(pa.table(table))
        for month, chosen_rows in by_month.items():
            self.months[month] += len(months) if chosen_rows is None else int(chosen_rows.sum())

    def _who_and_when(self, parsed: ParsedBlock) -> tuple[Any, NDArray[np.int32], Any]:
        """Ids and months of the rows that are used, and which these are; None for all."""
        written = parsed.columns[self._file.id_position]
        ids, months = cast_ids(written, parsed.place), self._months(parsed)
        blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(written.cast(pa.string()))), 0).to_numpy(
            zero_copy_only=False
        )
        undated = months < NO_MONTH
        if not blank.any() and not undated.any():
            return ids, months, None
        self.blank_ids += int(blank.sum())
        self.undated += int((undated & ~blank).sum())
        chosen = ~(blank | undated)
        return ids.filter(pa.array(chosen)), months[chosen], pa.array(chosen)

    def _months(self, parsed: ParsedBlock) -> NDArray[np.int32]:
        """Months as numbers; negative for a row whose month cannot be read."""
        position, count = self._file.month_position, len(parsed.place)
        if position is None:
            return np.full(count, place_of(self._file.month or ""), np.int32)
        source = encoded(parsed.columns[position])
        order = self._file.format.date_order
        first = None if order is None else order == DateForm.MONTH_FIRST
        texts = pa.array(source.dictionary, pa.string())
        cast = cast_months(texts, month_first=first).to_pylist()
        unread = [text for text, month in zip(texts.to_pylist(), cast, strict=True) if month is None]
        if first is None and any(before_the_year(text) for text in unread):
            raise order_question(self._file.header[position].strip(), unread)
        numbers = np.array([-1 if month is None else place_of(month) for month in cast] or [-1], np.int32)
        months: NDArray[np.int32] = numbers[source.indices.to_numpy()]
        return months

    def _write(self, table: pa.Table) -> None:
        if self._writer is None:
            texts = [name for name in table.column_names if name.startswith("c")]
            self._writer = pq.ParquetWriter(
                self.path, table.schema, compression="lz4", use_dictionary=texts, write_statistics=False
            )
        self._writer.write_table(table)


def _rows_by_month(months: NDArray[np.int32]) -> dict[int, NDArray[np.bool_] | None]:
    """The rows of each month; None for all rows. Nearly every block has one month."""
    if not len(months):
        return {}
    if months[0] == months[-1] and (months == months[0]).all():
        return {int(months[0]): None}
    return {int(month): months == month for month in np.unique(months)}


class _Days:
    """Casts texts of one form to days since 1970-01-01."""

    def __init__(self, form: DateForm) -> None:
        self._form, self._known = form, dict[str, int | None]()

    def __call__(self, texts: Any) -> Any:
        days = pa.array([self._day(text) for text in texts.dictionary.to_pylist()], pa.int32())
        return days.take(texts.indices)

    def _day(self, text: str) -> int | None:
        part = day_part(text)
        if part not in self._known:
            self._known[part] = day_of(part, self._form)
        return self._known[part]
