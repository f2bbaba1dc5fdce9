"""Recognises the files that a label is made from: the customer, the month, and the columns that may say who left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from application.ports.intake import CustomerFiles, FilePreview, TrainingTable
from application.ports.leaving_columns import LeavingColumn, LeavingColumns
from application.ports.snapshots import SnapshotFile
from application.use_cases.files.recognition import id_choice, preview_for
from domain.dates import DateForm, form_of, order_question
from domain.errors import FileRefused, InvalidInput, Unclear
from domain.label_choice import LabelChoice, SnapshotReading
from domain.label_rule import LabelSource
from domain.outcome_file import ids_question
from domain.schema import CustomerSchema
from domain.snapshot_month import month_in_name, month_question
from domain.vocabulary.activity import names_last_activity
from domain.vocabulary.dates import names_end, names_leaving_date
from domain.vocabulary.leaving import is_status
from domain.vocabulary.months import is_snapshot_month
from domain.vocabulary.spelling import normalise

BY_DAY = (LabelSource.ENDED, LabelSource.INACTIVE)
"""Labels that a date decides about."""


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file that is here, and how a person says that it is read."""

    path: Path
    name: str
    reading: SnapshotReading = field(default_factory=SnapshotReading)


@dataclass(frozen=True, slots=True)
class RecognisedSnapshot:
    """A file as it is read. `activity` and `ended` are its first columns with dates of that meaning; "" without one.

    `status` is the column that says who left; None without one whose values are understood.
    """

    file: SnapshotFile
    id_name: str
    activity: str = ""
    ended: str = ""
    status: LeavingColumn | None = None
    dated: tuple[str, ...] = ()
    """Columns with dates of leaving, ends and activity."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All named columns."""
        return tuple(name.strip() for name in self.file.header if name.strip())


@dataclass(frozen=True, slots=True)
class RecogniseSnapshot:
    """Raises FileRefused for a file that cannot be used, Unclear with a question that a person has to answer."""

    files: CustomerFiles
    leaving: LeavingColumns

    def __call__(
        self, file: LabelFile, choice: LabelChoice, *, like: str | None, alone: bool, latest: str
    ) -> RecognisedSnapshot:
        """`like` is the name of the ids in another file of the base. A file that is `alone` may have no month.

        `latest` is the newest month that is offered where a person has to say which one the file shows.
        """
        preview = preview_for(self.files, file.path, CustomerSchema(()), file.reading.choice)
        ids = _id_position(preview, file.reading.id_name, like)
        month_position = None if file.reading.month else _month_position(preview)
        month = file.reading.month or (month_in_name(file.name) if month_position is None else None)
        if month is None and month_position is None and not alone:
            raise Unclear(month_question(file.name, latest=latest))
        dates = self._dates(file, preview, choice)
        is_compared = choice.source in BY_DAY or (choice.source is None and alone)
        compared = _compared(dates, choice, preview.format.date_order) if is_compared else []
        return RecognisedSnapshot(
            SnapshotFile(
                file.path,
                preview.format,
                preview.header,
                ids,
                month,
                month_position,
                {own.position: own.form for own in compared},
            ),
            preview.header[ids].strip(),
            next((own.name for own in compared if own.is_activity), ""),
            next((own.name for own in compared if not own.is_activity), ""),
            self._status(file, preview, choice, alone=alone),
            tuple(own.name for own in dates),
        )

    def _dates(self, file: LabelFile, preview: FilePreview, choice: LabelChoice) -> list[_DateColumn]:
        """The columns with dates of leaving, ends and activity, and the chosen one."""
        chosen = normalise(choice.column) if choice.column is not None and choice.source in BY_DAY else None
        places = [
            place
            for place, name in enumerate(preview.header)
            if normalise(name) == chosen or (name.strip() and _may_be_dated(name))
        ]
        if not places:
            return []
        table = self.files.load_sample(file.path, format=preview.format)
        return list(_date_columns(table, places, choice))

    def _status(
        self, file: LabelFile, preview: FilePreview, choice: LabelChoice, *, alone: bool
    ) -> LeavingColumn | None:
        """The column that says who left. Only a column that a person chose raises a question about its values."""
        wanted = choice.source in (None, LabelSource.STATUS)
        named = choice.column if choice.source is LabelSource.STATUS else None
        if not wanted or (choice.source is None and choice.column is not None):
            return None
        own = next((name.strip() for name in preview.header if is_status(name)), None)
        column = _spelled_as(preview.header, named) if named else own
        if column is None and not alone:
            return None
        table = self.files.load_sample(file.path, format=preview.format)
        if choice.values and column is not None and named:
            return LeavingColumn(column, choice.values, "")
        try:
            return self.leaving.find(table, named=column, left=choice.values, seen=choice.seen)
        except Unclear:
            if choice.source is LabelSource.STATUS:
                raise
            return None


@dataclass(frozen=True, slots=True)
class _DateColumn:
    position: int
    name: str
    form: DateForm
    is_activity: bool
    texts: tuple[str, ...]


def _date_columns(table: TrainingTable, places: Sequence[int], choice: LabelChoice) -> Iterator[_DateColumn]:
    """The columns among these that hold dates."""
    for place in places:
        name = table.header[place].strip()
        texts = tuple(dict.fromkeys(map(str, table.data.iloc[:, place].dropna())))
        form = form_of(name, texts, expected=True)
        if form is not None:
            chosen = choice.column is not None and normalise(name) == normalise(choice.column)
            activity = choice.source is LabelSource.INACTIVE if chosen else names_last_activity(name)
            yield _DateColumn(place, name, form, activity, texts)


def _compared(dates: Sequence[_DateColumn], choice: LabelChoice, order: str | None) -> list[_DateColumn]:
    """The columns that the label may be made from, with a clear form.

    Raises DatesUnclear for dates whose order nothing decides about, FileRefused for a chosen column without dates.
    """
    if choice.source not in (None, *BY_DAY):
        return []
    chosen = None if choice.column is None else normalise(choice.column)
    compared = [own for own in dates if chosen is None or normalise(own.name) == chosen]
    if choice.column is not None and not compared:
        raise FileRefused(
            f"There is no column “{choice.column[:60]}” with dates that can be read.",
            advice="Choose another column, or write its dates as 2026-11-29.",
        )
    return [_with_order(own, order) for own in compared]


def _with_order(own: _DateColumn, order: str | None) -> _DateColumn:
    if own.form is not DateForm.UNCLEAR:
        return own
    if order is None:
        raise order_question(own.name, own.texts)
    return replace(own, form=DateForm(order))


def _may_be_dated(name: str) -> bool:
    return names_last_activity(name) or names_leaving_date(name) or names_end(name)


def _id_position(preview: FilePreview, named: str | None, like: str | None) -> int:
    names = [name.strip() for name in preview.header]
    if named is not None:
        if names.count(named.strip()) != 1:
            raise FileRefused(
                f"There is no column “{named[:60]}”, or there are two of them.", advice="Choose the column of ids."
            )
        return names.index(named.strip())
    alike = [place for place, name in enumerate(names) if like is not None and normalise(name) == normalise(like)]
    if len(alike) == 1:
        return alike[0]
    found = id_choice(preview)
    if found.position is not None:
        return found.position
    if found.candidates:
        raise Unclear(ids_question(preview.header, found.candidates))
    shown = ", ".join(f"“{name[:60]}”" for name in names[:5])
    raise FileRefused(
        f"No column with the customers’ ids was recognised among {shown}.",
        advice="Call it “customer_id”, in the first line of the file.",
    )


def _month_position(preview: FilePreview) -> int | None:
    for place, name in enumerate(preview.header):
        if is_snapshot_month(name, [row[place] for row in preview.sample if place < len(row)]):
            return place
    return None


def _spelled_as(header: Sequence[str], name: str) -> str:
    """The column of this name in the file. Raises InvalidInput."""
    found = next((own.strip() for own in header if normalise(own) == normalise(name)), None)
    if found is None:
        raise InvalidInput(f"There is no column “{name[:60]}” in the file.", field="column")
    return found
