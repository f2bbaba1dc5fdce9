"""Adds the attributes of history to a file's customers, in training and in scoring by the same steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from application.ports.columns import CustomerBatch
from application.ports.history import History, HistoryStore
from application.ports.intake import CustomerFiles
from application.use_cases.files.recognition import preview_for, recognised_columns, with_numbers_read
from domain.errors import FileRefused, InvalidInput
from domain.file_format import FormatChoice
from domain.history import is_other_base_before, needed_months
from domain.history_kind import HistoryFound
from domain.label_choice import in_file
from domain.recognition import ColumnRecognition
from domain.schema import CustomerSchema
from domain.snapshot_month import month_in_name, place_of

TRIED = 3
"""Stored files of one month that are looked at, the newest first, until one is of the same base."""


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """A file that may hold earlier months. `months` are known for a stored one; a `given` one has to be readable."""

    path: Path
    name: str
    months: tuple[str, ...] = ()
    choice: FormatChoice = field(default_factory=FormatChoice)
    positions: Mapping[str, int] = field(default_factory=dict)
    given: bool = False


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """A file that is scored: where it is, how it was recognised, and its month if no column says it."""

    path: Path
    columns: ColumnRecognition
    month: str | None = None
    choice: FormatChoice = field(default_factory=FormatChoice)
    positions: Mapping[str, int] = field(default_factory=dict)


def scored_rows(
    path: Path, columns: ColumnRecognition, choice: FormatChoice | None, positions: Mapping[str, int] | None
) -> ScoredRows:
    """A file that was not uploaded: its own name may say the month."""
    return ScoredRows(path, columns, month_in_name(path.name), choice or FormatChoice(), positions or {})


@dataclass(frozen=True, slots=True)
class AddHistory:
    """Rows look at earlier months only: those of the file itself, and those of earlier files."""

    files: CustomerFiles
    store: HistoryStore

    def of_training(self, path: Path, choice: FormatChoice, schema: CustomerSchema) -> Iterator[CustomerBatch]:
        """The rows of a file with months, with their ids, sources and attributes of history."""
        with self.store.open(schema) as past:
            past.add(self._sources(path, schema, choice, {}), month=None)
            for batch in self._sources(path, schema, choice, {}):
                yield past.with_columns(batch, month=None)

    def of_file(
        self,
        schema: CustomerSchema,
        batches: Iterable[CustomerBatch],
        rows: ScoredRows,
        *,
        earlier: Sequence[EarlierFile] = (),
        tell: Callable[[HistoryFound], None] = lambda _: None,
        on_batch: Callable[[], None] = lambda: None,
    ) -> Iterator[CustomerBatch]:
        """The batches with the attributes of history. `tell` gets the months that were found, before the first batch.

        Raises FileRefused for a given file that cannot be read.
        """
        if not schema.history_columns:
            yield from batches
            return
        iterator = iter(batches)
        first = next(iterator, None)
        with self.store.open(schema) as past:
            tell(self._filled(past, schema, first, rows, earlier, on_batch))
            for batch in chain(() if first is None else (first,), iterator):
                yield past.with_columns(batch, month=rows.month)

    def _filled(
        self,
        past: History,
        schema: CustomerSchema,
        first: CustomerBatch | None,
        rows: ScoredRows,
        earlier: Sequence[EarlierFile],
        on_batch: Callable[[], None],
    ) -> HistoryFound:
        """Keep the earlier months that the rows need. Customers without ids have no history."""
        if first is None or rows.columns.id_header(schema) is None:
            return HistoryFound((), {})
        own = _month_column(rows.columns) is not None
        if own:
            past.add(_ticked(self._sources(rows.path, schema, rows.choice, rows.positions), on_batch), month=None)
        months = past.months() if own else (rows.month,) if rows.month else ()
        found, others = dict[str, str](), list[str]()
        needed = needed_months(schema, months)
        for month in needed:
            tried = 0
            for file in earlier:
                if month in past.months() or tried == TRIED:
                    break
                if file.months and month not in file.months:
                    continue
                added = self._added(past, file, schema, on_batch)
                tried += bool(added)
                if month in added and self._is_other(past, first, month, min(months)):
                    for own_month in added:
                        past.drop(own_month)
                    others.append(file.name)
                elif month in added:
                    found |= dict.fromkeys(added, file.name)
        missing = tuple(month for month in needed if month not in past.months())
        return HistoryFound(months, found, tuple(dict.fromkeys(others)), missing)

    def _is_other(self, past: History, first: CustomerBatch, month: str, oldest: str) -> bool:
        overlap = past.overlap(first, month)
        return is_other_base_before(overlap.found, overlap.asked, max(1, place_of(oldest) - place_of(month)))

    def _added(
        self, past: History, file: EarlierFile, schema: CustomerSchema, on_batch: Callable[[], None]
    ) -> tuple[str, ...]:
        """The months that the file added; none for a stored file that cannot be read, or whose months are there."""
        if set(file.months) & set(past.months()):
            return ()
        before = past.months()
        try:
            month = file.months[0] if len(file.months) == 1 else month_in_name(file.name)
            past.add(
                _ticked(self._sources(file.path, schema, file.choice, file.positions, named=month), on_batch),
                month=month,
            )
        except InvalidInput as error:
            if file.given:
                raise in_file(error, 0, file.name) from error
            return ()
        return tuple(own for own in past.months() if own not in before)

    def _sources(
        self,
        path: Path,
        schema: CustomerSchema,
        choice: FormatChoice,
        positions: Mapping[str, int],
        *,
        named: str | None = None,
    ) -> Iterator[CustomerBatch]:
        """A file's rows with ids, months and the values that history is made of.

        Raises FileRefused for a file without ids, or without a month in a column or (`named`) in its name.
        """
        preview = preview_for(self.files, path, schema, choice)
        columns = recognised_columns(schema, "", preview, dict(positions) or None)
        if columns.id_header(schema) is None:
            raise FileRefused("No column with the customers’ ids was recognised.", advice="Call it “customer_id”.")
        if _month_column(columns) is None and named is None:
            raise FileRefused(
                "Nothing says which month it shows.", advice="Put it into the file’s name, such as base_2026-05.csv."
            )
        narrow = replace(columns.schema_of(_narrow(schema)), target_column=None)
        preview = with_numbers_read(self.files, path, preview, columns.match, narrow, choice=choice)
        yield from self.files.read(path, schema=narrow, match=columns.match, format=preview.format).batches()


def _narrow(schema: CustomerSchema) -> CustomerSchema:
    """The schema with the sources of its history alone."""
    sources = {own.history.source for own in schema.history_columns if own.history is not None}
    return replace(schema, columns=tuple(column for column in schema.file_columns if column.name in sources))


def _month_column(columns: ColumnRecognition) -> int | None:
    return None if columns.month_column is None else columns.match.position_of(columns.month_column)


def _ticked(batches: Iterable[CustomerBatch], on_batch: Callable[[], None]) -> Iterator[CustomerBatch]:
    for batch in batches:
        on_batch()
        yield batch
