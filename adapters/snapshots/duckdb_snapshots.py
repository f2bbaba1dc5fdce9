"""The months of a base in DuckDB, on Parquet files in a scratch folder (docs/labels.md has what it costs)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.reader import BLOCK_BYTES
from adapters.snapshots import sql
from adapters.snapshots.label_csv import NO_LABEL, LabelledBatch, labelled_batches, write_csv_rows
from adapters.snapshots.reading import SnapshotReader, StoredFile
from adapters.snapshots.scored_rows import GONE, flags, ids_table, read_scored
from adapters.snapshots.scratch import scratch_folder
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.columns import CustomerColumns
from application.ports.snapshots import (
    Comparison,
    Falls,
    FileRows,
    Gone,
    GoneByDay,
    GoneByValue,
    IdleCount,
    LabelTable,
    LevelLoss,
    Outcomes,
    SnapshotFile,
    Snapshots,
    SnapshotStore,
    ValueChange,
)
from domain.dates import month_end, reference_day
from domain.errors import FileRefused
from domain.presence import MAX_MONTHS, Presence
from domain.snapshot_month import month_at, place_of

MEMORY = "400MB"
"""DuckDB's memory limit, beyond which it spills to the scratch folder."""
BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class DuckDbSnapshotStore:
    """Stores each base in a new folder under `scratch`, which is deleted at the end."""

    scratch: Path
    limits: ReadingLimits = USUAL
    room: DiskRoom = UNLIMITED
    block_bytes: int = BLOCK_BYTES

    @contextmanager
    def open(self) -> Iterator[Snapshots]:
        with scratch_folder(self.scratch, self.room) as folder:
            base = DuckDbSnapshots(folder, self.limits, self.block_bytes, self.room)
            try:
                yield base
            finally:
                base.close()


class DuckDbSnapshots:
    """Implements `application.ports.snapshots.Snapshots`. One thread uses it at a time."""

    def __init__(self, folder: Path, limits: ReadingLimits, block_bytes: int, room: DiskRoom) -> None:
        self._folder, self._room = folder, room
        self._reader = SnapshotReader(folder, limits, block_bytes)
        self._months: dict[int, int] = {}
        self._people_by: Gone | None = None
        self._has_people = self._has_alike = False
        self._scored: StoredFile | None = None

    def close(self) -> None:
        if "_connection" in self.__dict__:
            self._connection.close()

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            config={
                "threads": 2,
                "memory_limit": MEMORY,
                "temp_directory": str(self._folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            }
        )
        connection.execute(f"SET allowed_directories = [{sql.text(str(self._folder.resolve()))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def add(self, file: SnapshotFile, *, on_rows: Callable[[int], None] = lambda _: None) -> FileRows:
        self._room.check()
        with storage_problems():
            rows = self._reader.read(file, on_rows)
        if not rows.months:
            raise FileRefused("No row has an id and a month.", advice="Check which columns hold them.")
        for month, count in rows.months.items():
            self._months[place_of(month)] = self._months.get(place_of(month), 0) + count
        self._has_people = False
        return rows

    def add_scored(self, customers: Iterable[CustomerColumns], *, month: str, by_month: bool = False) -> FileRows:
        self._room.check()
        with storage_problems():
            rows = read_scored(self._reader, customers, month, by_month=by_month)
        if not rows.months:
            raise FileRefused("The prediction has no customer of this month.", advice="Check the month.")
        self._scored = self._reader.files[-1]
        self._months[place_of(month)] = self._months.get(place_of(month), 0) + rows.months[month]
        self._has_people = False
        return rows

    def months(self) -> tuple[str, ...]:
        return tuple(map(month_at, sorted(self._months)))

    def repeated(self) -> Mapping[str, int]:
        self._any_people()
        return {month_at(month): int(count) for month, count in self._all(sql.REPEATED, rows=self._rows)}

    def presences(self, gone: Gone | None = None) -> Mapping[Presence, int]:
        if not self._has_people or self._people_by != gone:
            self._make_people(gone)
        return {Presence(*map(int, own)): int(customers) for *own, customers in self._all(sql.PATTERNS)}

    def compare(self, earlier: str, later: str) -> Comparison:
        self._any_people()
        both = {"earlier": self._bit(earlier), "later": self._bit(later)}
        customers, found, new = map(int, self._all(sql.COMPARE, **both)[0])
        if not self._has_alike:
            self._connection.execute(sql.filled(sql.ALIKE))
            self._has_alike = True
        respelled = int(self._all(sql.RESPELLED, what="count(*)", **both)[0][0])
        example = self._all(f"{sql.RESPELLED} ORDER BY a, b LIMIT 1", what="a, b", **both) if respelled else []
        return Comparison(customers, found, new, respelled, example[0] if example else None)

    def changes(self, column: str, earlier: str, later: str, *, most: int = 50) -> Sequence[ValueChange]:
        before, after = (
            self._in_month(month, "nullif(trim(first({cell} ORDER BY rn)), '')", column) for month in (earlier, later)
        )
        rows = self._all(sql.CHANGES, earlier=before, later=after, most=int(most))
        return [ValueChange(before, after, int(count)) for before, after, count in rows]

    def falls(self, column: str, earlier: str, later: str, *, sample: int) -> Falls:
        number = "try_cast(replace(trim(first({cell} ORDER BY rn)), ',', '.') AS DOUBLE)"
        drawn = sql.drawn(self._months[place_of(earlier)] // sample)
        before, after = (self._in_month(month, number, column, drawn) for month in (earlier, later))
        return Falls(*map(int, self._all(sql.FALLS, earlier=before, later=after)[0]))

    def _in_month(self, month: str, value: str, column: str, more: str = "") -> str:
        """SQL: the customers of a month, each with the value of its first cell."""
        place = place_of(month)
        own = value.format(cell=self._cell(self._place(column), place))
        return sql.filled(sql.IN_MONTH, value=own, rows=self._rows_in(place), month=place, more=more)

    def lost_values(self, *, at_least: int, kept: float) -> Sequence[LevelLoss]:
        self._any_people()
        following = dict(pairwise(sorted(self._months)))
        losses = [
            self._loss(place, month, following[month], value)
            for place, by_month in sorted(self._reader.values.counts.items())
            for month, counts in sorted(by_month.items())
            for value, rows in sorted(counts.items())
            if value
            and rows >= at_least
            and by_month.get(following.get(month, -1), counts).get(value, 0) <= kept * rows
        ]
        return [loss for loss in losses if loss.missing >= (1 - kept) * loss.customers]

    def _loss(self, place: int, month: int, following: int, value: str) -> LevelLoss:
        customers, missing = self._all(
            sql.LOSS,
            rows=self._rows_in(month),
            month=month,
            cell=f"c{place}",
            value=sql.text(value),
            later=self._bit(month_at(following)),
        )[0]
        return LevelLoss(month_at(month), self._reader.columns.names[place], value, int(customers), int(missing))

    def idle(self, column: str, *, reference: int | None = None) -> Sequence[IdleCount]:
        references = self._references(column) if reference is None else dict.fromkeys(self._months, reference)
        rows = self._all(
            sql.IDLE,
            rows=self._rows,
            day=f"d{self._place(column)}",
            references=sql.pairs(references),
            last=max(self._months),
        )
        return [IdleCount(month_at(month), *map(int, own)) for month, *own in rows]

    def write(self, target: Path, table: LabelTable, *, on_rows: Callable[[int], None] = lambda _: None) -> int:
        self._make_labels(table)
        months = [table.month_name] if table.month_name else []
        header = [table.id_name, *months, *table.columns, table.label_name]
        written = 0
        with storage_problems(), target.open("wb") as out:
            for count in write_csv_rows(out, header, self._labelled(table), with_month=bool(months)):
                self._room.check()
                written += count
                on_rows(written)
        return written

    def _labelled(self, table: LabelTable) -> Iterator[LabelledBatch]:
        """File by file, the oldest first, and each in its order."""
        places = [self._place(name) for name in table.columns]
        for file in sorted(self._reader.files, key=lambda own: min(own.months)):
            query = sql.filled(
                sql.LABELS_OF_ROWS,
                rows=sql.parquet([file.path]),
                bit=_bit_of(file, first=min(self._months)),
                drawn=sql.drawn(table.every),
            )
            labels = np.full(file.rows, NO_LABEL, np.int8)
            for batch in self._connection.sql(query).to_arrow_reader(BATCH_ROWS):
                labels[batch.column(0).to_numpy() - file.first_row] = batch.column(1).to_numpy()
            yield from labelled_batches(file, places, labels)

    def _make_labels(self, table: LabelTable) -> None:
        """Tables of the customers with labels, and of the rows that repeat a customer of their month."""
        first = min(self._months)
        masks = [
            (
                *(presence.present, presence.gone, presence.unsaid),
                sum(1 << (place_of(month) - first) for month in labels),
                sum(1 << (place_of(month) - first) for month, left in labels.items() if left),
            )
            for presence, labels in table.labels.items()
        ]
        self._connection.execute(sql.LABELS_BY_PATTERN)
        if masks:
            self._connection.executemany("INSERT INTO patterns VALUES (?, ?, ?, ?, ?)", masks)
        self._connection.execute(sql.LABELLED)
        self._connection.execute(sql.filled(sql.REPEATS, rows=self._rows))

    def outcomes(self, labels: Mapping[Presence, bool], *, treated: Collection[str] = ()) -> Outcomes:
        if self._scored is None:
            raise ValueError("no run was added to this base")
        self._connection.execute(sql.OUTCOME_PATTERNS)
        if labels:
            rows = [(own.present, own.gone, own.unsaid, left) for own, left in labels.items()]
            self._connection.executemany("INSERT INTO patterns VALUES (?, ?, ?, ?)", rows)
        self._connection.execute(sql.OUTCOMES_OF)
        self._connection.register("treated_ids", ids_table(treated))
        self._connection.execute(sql.TREATED)
        own = sql.parquet([self._scored.path])
        self._connection.execute(sql.filled(sql.REPEATS, rows=own))
        table = self._connection.sql(sql.filled(sql.OUTCOMES, rows=own)).to_arrow_table()
        probability, left, among = table.columns
        return Outcomes(table.num_rows, probability.to_numpy(), flags(left), flags(among))

    def _any_people(self) -> None:
        """The table of customers, with any rule of who has left."""
        if not self._has_people:
            self._make_people(None)

    def _make_people(self, gone: Gone | None) -> None:
        """The table of customers with a bit per month."""
        if max(self._months) - min(self._months) >= MAX_MONTHS:
            raise FileRefused(
                f"The files reach over more than {MAX_MONTHS} months.", advice="Leave out the oldest or wrong months."
            )
        left, unsaid = self._conditions(gone)
        if self._scored is not None:
            left = f"({left} OR coalesce({GONE}, false))"
        bit = f"(1::UBIGINT << (m - {min(self._months)}))"
        self._connection.execute(sql.filled(sql.PEOPLE, rows=self._rows, bit=bit, gone=left, unsaid=unsaid))
        self._has_people, self._people_by, self._has_alike = True, gone, False

    def _conditions(self, gone: Gone | None) -> tuple[str, str]:
        """SQL: whether a row says that the customer has left, and whether it leaves it open."""
        if gone is None:
            return "false", "false"
        place = self._place(gone.column)
        if isinstance(gone, GoneByValue):
            values = ", ".join(sql.text(value.strip().lower()) for value in gone.values)
            return f"lower(trim(c{place})) IN ({values})", "false"
        blank = "false" if gone.blank_stays else f"d{place} IS NULL"
        return f"coalesce({self._reference(gone)} - d{place} >= {int(gone.days)}, false)", blank

    def _reference(self, gone: GoneByDay) -> str:
        if gone.reference is not None:
            return str(int(gone.reference))
        cases = " ".join(f"WHEN {month} THEN {day}" for month, day in self._references(gone.column).items())
        return f"(CASE m {cases} END)" if cases else "NULL"

    def _references(self, column: str) -> dict[int, int]:
        """By month, the newest day of the column that is not after the month's end."""
        counts: dict[int, dict[int, int]] = {}
        for month, day, rows in self._all(sql.DAYS, day=f"d{self._place(column)}", rows=self._rows):
            end = month_end(month_at(month))
            if end is None or day <= end:
                counts.setdefault(month, {})[day] = rows
        newest = {month: reference_day({"": days}) for month, days in counts.items()}
        return {month: day for month, day in sorted(newest.items()) if day is not None}

    @property
    def _rows(self) -> str:
        return self._rows_in(*self._months)

    def _rows_in(self, *months: int) -> str:
        """SQL: the rows of the files that contain one of these months."""
        return sql.parquet(own.path for own in self._files_of(*months))

    def _files_of(self, *months: int) -> list[StoredFile]:
        return [own for own in self._reader.files if own.months & set(months)]

    def _cell(self, place: int, month: int) -> str:
        """SQL: a column's cell in the rows of a month, "" where no file of the month has the column."""
        return f"c{place}" if any(place in own.columns for own in self._files_of(month)) else "''"

    def _place(self, column: str) -> int:
        place = self._reader.columns.place(column)
        if place is None:
            raise FileRefused(f"There is no column “{column[:60]}” in these files.", advice="Choose another column.")
        return place

    def _bit(self, month: str) -> int:
        return 1 << (place_of(month) - min(self._months))

    def _all(self, template: str, **parts: object) -> list[Any]:
        return self._connection.execute(sql.filled(template, **parts)).fetchall()


def _bit_of(file: StoredFile, *, first: int) -> str:
    """SQL: the place of a row's month, a constant for a file of one month."""
    return str(min(file.months) - first) if len(file.months) == 1 else f"(m - {first})"


_: type[SnapshotStore] = DuckDbSnapshotStore
