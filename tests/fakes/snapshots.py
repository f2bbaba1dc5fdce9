"""The months of a base in memory. Reads CSV files in UTF-8 with commas."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from application.ports.columns import CustomerColumns
from application.ports.snapshots import (
    Comparison,
    Falls,
    FileRows,
    Gone,
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
from domain.dates import day_of, month_end
from domain.errors import FileRefused
from domain.presence import Presence
from domain.snapshot_month import place_of
from domain.vocabulary.months import month_of


@dataclass(frozen=True)
class Row:
    month: str
    file: int
    id: str
    cells: Mapping[str, str]
    days: Mapping[str, int | None]
    probability: float | None = None
    gone: bool = False
    number: int = 0


class SnapshotsInMemory:
    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._files = 0
        self._gone: Gone | None = None
        """The rule of the last patterns, which labels belong to."""

    def add(self, file: SnapshotFile, *, on_rows: Callable[[int], None] = lambda _: None) -> FileRows:
        with file.path.open(newline="", encoding="utf-8") as stream:
            lines = list(csv.reader(stream))[1:]
        blank = undated = 0
        months: Counter[str] = Counter()
        for line in lines:
            month = file.month or ""
            if file.month_position is not None:
                month = month_of(line[file.month_position]) or "?"
            who = line[file.id_position].strip()
            blank += not who
            undated += bool(who) and month == "?"
            if who and month != "?":
                cells = {name.strip(): cell.strip() for name, cell in zip(file.header, line, strict=True)}
                days = {file.header[place].strip(): day_of(line[place], form) for place, form in file.days.items()}
                self._rows.append(Row(month, self._files, who, cells, days))
                months[month] += 1
        self._files += 1
        on_rows(len(lines))
        if not months:
            raise FileRefused("No row has an id and a month.", advice="Check which columns hold them.")
        return FileRows(len(lines), 0, blank, undated, dict(sorted(months.items())))

    def add_scored(self, customers: Iterable[CustomerColumns], *, month: str, by_month: bool = False) -> FileRows:
        read, scored = 0, list[Row]()
        for batch in customers:
            read += batch.rows
            names = {f"a{place}": name for place, name in enumerate(batch.attributes)}
            names |= {own.column: own.header for own in batch.inputs or () if own.column in names}
            scored += [
                Row(
                    month,
                    self._files,
                    own["id"],
                    {name: _cell(own[column]) for column, name in names.items()},
                    {},
                    own["probability"],
                    own["actual"] is True,
                    own["row"],
                )
                for own in batch.data.to_pylist()
                if not by_month or own["month"] == month
            ]
        if not scored:
            raise FileRefused("The prediction has no customer of this month.", advice="Check the month.")
        self._rows += sorted(scored, key=lambda own: own.number)
        self._files += 1
        return FileRows(read, 0, 0, read - len(scored), {month: len(scored)})

    def outcomes(self, labels: Mapping[Presence, bool], *, treated: Collection[str] = ()) -> Outcomes:
        patterns = self._patterns(self._gone)
        rows = [
            (row.probability, labels[patterns[row.id]], row.id in treated)
            for row in self._first().values()
            if row.probability is not None and patterns[row.id] in labels
        ]
        columns = [list(own) for own in zip(*rows, strict=True)] or [[], [], []]
        return Outcomes(len(rows), *(np.array(own, kind) for own, kind in zip(columns, "d??", strict=True)))

    def months(self) -> tuple[str, ...]:
        return tuple(sorted({row.month for row in self._rows}))

    def repeated(self) -> Mapping[str, int]:
        rows, distinct = Counter(row.month for row in self._rows), Counter(month for month, _ in self._first())
        return {month: rows[month] - distinct[month] for month in self.months() if rows[month] > distinct[month]}

    def presences(self, gone: Gone | None = None) -> Mapping[Presence, int]:
        self._gone = gone
        return dict(sorted(Counter(self._patterns(gone).values()).items()))

    def _patterns(self, gone: Gone | None) -> dict[str, Presence]:
        first = place_of(self.months()[0])
        patterns: dict[str, Presence] = {}
        for row in self._rows:
            left = self._says(row, gone)
            bit, old = 1 << (place_of(row.month) - first), patterns.get(row.id, Presence(0))
            patterns[row.id] = Presence(
                old.present | bit, old.gone | bit * (left is True), old.unsaid | bit * (left is None)
            )
        return patterns

    def _says(self, row: Row, gone: Gone | None) -> bool | None:
        if gone is None or row.gone:
            return row.gone
        if isinstance(gone, GoneByValue):
            return row.cells.get(gone.column, "").lower() in {value.strip().lower() for value in gone.values}
        day = row.days.get(gone.column)
        if day is None:
            return False if gone.blank_stays else None
        reference = self._references(gone.column)[row.month] if gone.reference is None else gone.reference
        return reference - day >= gone.days

    def compare(self, earlier: str, later: str) -> Comparison:
        before, after = self._in(earlier), self._in(later)
        missing = {_plain(who): who for who in sorted(before - after, reverse=True)}
        new = {_plain(who): who for who in sorted(after - before, reverse=True)}
        same = sorted(key for key in missing.keys() & new.keys() if key)
        example = min((missing[key], new[key]) for key in same) if same else None
        return Comparison(len(before), len(before & after), len(after - before), len(same), example)

    def changes(self, column: str, earlier: str, later: str, *, most: int = 50) -> Sequence[ValueChange]:
        first = self._first()
        pairs = Counter(
            (first[earlier, who].cells.get(column) or None, first[later, who].cells.get(column) or None)
            for who in self._in(earlier) & self._in(later)
        )
        ordered = sorted(pairs.items(), key=lambda own: (-own[1], own[0][0] or "~", own[0][1] or "~"))
        return [ValueChange(*pair, count) for pair, count in ordered[:most]]

    def falls(self, column: str, earlier: str, later: str, *, sample: int) -> Falls:
        first, compared, fell = self._first(), 0, 0
        for who in self._in(earlier) & self._in(later):
            before, after = (_number(first[month, who].cells.get(column, "")) for month in (earlier, later))
            if before is not None and after is not None:
                compared, fell = compared + 1, fell + (after < before)
        return Falls(compared, fell)

    def lost_values(self, *, at_least: int, kept: float) -> Sequence[LevelLoss]:
        losses = []
        for column in dict.fromkeys(name for row in self._rows for name in row.cells):
            for month, later in pairwise(self.months()):
                counts = Counter(row.cells.get(column, "") for row in self._rows if row.month == month)
                after = Counter(row.cells.get(column, "") for row in self._rows if row.month == later)
                for value, count in sorted(counts.items()):
                    if value and count >= at_least and after[value] <= kept * count:
                        who = {row.id for row in self._rows if row.month == month and row.cells.get(column) == value}
                        missing = len(who - self._in(later))
                        if missing >= (1 - kept) * len(who):
                            losses.append(LevelLoss(month, column, value, len(who), missing))
        return losses

    def idle(self, column: str, *, reference: int | None = None) -> Sequence[IdleCount]:
        days: dict[tuple[str, str], int] = {}
        for row in self._rows:
            day = row.days.get(column)
            if day is not None:
                days[row.month, row.id] = max(day, days.get((row.month, row.id), day))
        totals: dict[tuple[str, int], list[int]] = {}
        references, last = self._references(column), self.months()[-1]
        for (month, who), day in days.items():
            gap = max(0, (references[month] if reference is None else reference) - day)
            total = totals.setdefault((month, gap), [0, 0, 0])
            total[0] += 1
            total[1] += month < last
            total[2] += any(own > day for (then, other), own in days.items() if other == who and then > month)
        return [IdleCount(month, gap, *total) for (month, gap), total in sorted(totals.items())]

    def _references(self, column: str) -> dict[str, int]:
        newest: dict[str, int] = {}
        for row in self._rows:
            day, end = row.days.get(column), month_end(row.month)
            if day is not None and (end is None or day <= end):
                newest[row.month] = max(day, newest.get(row.month, day))
        return newest

    def write(self, target: Path, table: LabelTable, *, on_rows: Callable[[int], None] = lambda _: None) -> int:
        patterns = {who: table.labels.get(own, {}) for who, own in self._patterns(self._gone).items()}
        months = [table.month_name] if table.month_name else []
        lines = [[table.id_name, *months, *table.columns, table.label_name]]
        starts = {row.file: min(own.month for own in self._rows if own.file == row.file) for row in self._rows}
        for (month, who), row in sorted(self._first().items(), key=lambda own: (starts[own[1].file], own[1].file)):
            if month in patterns.get(who, {}):
                cells = [row.cells.get(name, "") for name in table.columns]
                left = "Yes" if patterns[who][month] else "No"
                lines.append([who, *([month] if months else []), *cells, left])
        with target.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows(lines)
        on_rows(len(lines) - 1)
        return len(lines) - 1

    def _first(self) -> dict[tuple[str, str], Row]:
        first: dict[tuple[str, str], Row] = {}
        for row in self._rows:
            first.setdefault((row.month, row.id), row)
        return first

    def _in(self, month: str) -> set[str]:
        return {row.id for row in self._rows if row.month == month}


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(who: str) -> str:
    return who.removesuffix(".0").translate(str.maketrans("", "", "-_./ ")).lower().lstrip("0")


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


@dataclass(frozen=True)
class SnapshotStoreInMemory:
    opened: list[SnapshotsInMemory] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[Snapshots]:
        base = SnapshotsInMemory()
        self.opened.append(base)
        yield base


_: type[SnapshotStore] = SnapshotStoreInMemory
