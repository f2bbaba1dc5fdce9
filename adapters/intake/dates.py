"""Reads the date columns of a file to score: their forms, the file's reference day, and ages in days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.intake.levels import encoded
from domain.dates import (
    DateForm,
    day_of,
    day_part,
    form_of,
    is_month_first,
    is_no_date,
    iso_day,
    month_end,
    month_order,
    note_on_order,
    order_question,
    reference_day,
    settled,
)
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.run import ColumnReport
from domain.schema import CustomerSchema
from domain.vocabulary.months import before_the_year
from domain.vocabulary.values import MISSING_NUMBERS

MAX_TEXTS = 300_000
"""Distinct texts per column that are kept to find the form; times make nearly all of them differ."""
MIN_READABLE = 0.5
"""Share of filled cells that must be dates in a file to score."""
_MONTHS = "\0months"
"""In place of the name of the column of months, which can be any."""


@dataclass(frozen=True, slots=True)
class FileDates:
    """The forms of the date columns, and the day to which ages are counted; None if each row's month says it."""

    forms: Mapping[str, DateForm] = field(default_factory=dict)
    reference: int | None = None
    by_month: bool = False
    month_first: bool | None = False
    """Whether the file's months are written with the month before the day; None if it is not known."""
    unclear_months: bool = False
    """Whether months were found whose order is not known."""
    by_training: tuple[str, ...] = ()
    """Columns that are read in the order of the training file."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to tell about the order of the dates, and to which day their ages are counted."""
        notes = map(note_on_order, self.by_training)
        return (*notes, self._reference) if self._reference is not None else tuple(notes)

    @property
    def _reference(self) -> str | None:
        if self.unclear_months:
            return (
                "The months are written with a day, and nothing says which of the two comes first, so they are left "
                "out. Say it with “Dates are written” under the file's format, or on the command line with --dates "
                "day-first or --dates month-first."
            )
        if not self.forms:
            return None
        if self.by_month or self.reference is None:
            return "Ages of dates are counted to the end of the month in each row."
        return f"Ages of dates are counted to {iso_day(self.reference)}, the newest date in the file."


class DateScan:
    """Collects the dates of one pass over a file, in bounded memory."""

    def __init__(
        self, schema: CustomerSchema, positions: Mapping[str, int], format: FileFormat, month: int | None = None
    ) -> None:
        """`month` is the position of the snapshot month."""
        self._month_name = schema.month_column or ""
        self._month, self._months = month, dict[str, None]()
        self._trained, self._positions, self._format = schema.date_forms, positions, format
        self._texts: dict[str, Counter[str]] = {name: Counter() for name in positions}
        self._days: dict[str, Counter[int]] = {name: Counter() for name in positions}
        self._unreadable: Counter[str] = Counter()
        self._by_training: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether the rest of the file has to be scanned: it has dates, or months so far that are written as days."""
        return bool(self._positions) or any(before_the_year(text) for text in self._months)

    def add(self, columns: tuple[Any, ...]) -> None:
        if self._month is not None and len(self._months) < MAX_TEXTS:
            self._months.update(dict.fromkeys(encoded(columns[self._month]).dictionary.to_pylist()))
        for name, position in self._positions.items():
            source = encoded(columns[position])
            counts = np.bincount(source.indices.to_numpy(), minlength=len(source.dictionary))
            texts = self._texts[name]
            for text, rows in zip(source.dictionary.to_pylist(), counts.tolist(), strict=True):
                texts[day_part(text)] += rows
            if len(texts) > MAX_TEXTS:
                self._sum_up(name, self._form(name))

    def must_be_clear(self, *, by_month: bool) -> None:
        """Raises DatesUnclear if day and month cannot be distinguished in what was added so far."""
        self._decided(by_month=by_month, whole=True)

    def dates(self, *, by_month: bool, whole: bool = True) -> FileDates:
        """Raises FileRefused for columns that hold no dates, DatesUnclear if day and month cannot be distinguished.

        `whole`: the whole file was added.
        """
        forms, month_first = self._decided(by_month=by_month, whole=whole)
        for name, form in forms.items():
            self._sum_up(name, form)
            self._must_be_dates(name)
        reference = None if by_month else reference_day(self._days)
        if forms and not by_month and reference is None and any(self._days.values()):
            raise FileRefused(
                "All dates in the file are dates to come, so their distance from today is not known.",
                advice="Add a column “snapshot_month” with the month that the file was made in, such as 2026-11.",
            )
        unclear_months = whole and month_first is None
        return FileDates(forms, reference, by_month, month_first, unclear_months, self._by_training)

    def _decided(self, *, by_month: bool, whole: bool) -> tuple[dict[str, DateForm], bool | None]:
        """The forms, and whether the months have the month first. Raises DatesUnclear."""
        own_forms = {name: self._form(name) for name in self._positions}
        order = month_order(self._months)
        forms = settled(
            own_forms if order is None else own_forms | {_MONTHS: order},
            chosen=None if self._format.date_order is None else DateForm(self._format.date_order),
            decimal=self._format.decimal,
            trained=self._trained,
        )
        self._by_training = self._decided_by_training(own_forms, forms, order)
        month_first = is_month_first(forms.pop(_MONTHS, None)) if whole else None
        if whole and month_first is None and forms and by_month:
            raise order_question(self._month_name, [text for text in self._months if before_the_year(text)])
        for name, form in forms.items():
            if form is DateForm.UNCLEAR:
                raise order_question(name, self._texts[name])
        return forms, month_first

    def _decided_by_training(
        self, own_forms: Mapping[str, DateForm], forms: Mapping[str, DateForm], months: DateForm | None
    ) -> tuple[str, ...]:
        """The columns whose order neither a person nor a value of the file decided."""
        clear = {*own_forms.values(), months} & {DateForm.DAY_FIRST, DateForm.MONTH_FIRST}
        if self._format.date_order is not None or len(clear) == 1:
            return ()
        unclear = (name for name, form in own_forms.items() if form is DateForm.UNCLEAR)
        return tuple(name for name in unclear if forms[name] is not DateForm.UNCLEAR)

    def _form(self, name: str) -> DateForm:
        texts = [text for text in self._texts[name] if not _is_missing(text)]
        return form_of(name, texts, expected=True) or self._trained[name]

    def _sum_up(self, name: str, form: DateForm) -> None:
        for text, rows in self._texts[name].items():
            day = day_of(text, form)
            if day is not None:
                self._days[name][day] += rows
            elif not _is_missing(text):
                self._unreadable[name] += rows
        self._texts[name].clear()

    def _must_be_dates(self, name: str) -> None:
        unreadable, read = self._unreadable[name], self._days[name].total()
        if unreadable and read < MIN_READABLE * (unreadable + read):
            raise FileRefused(
                f"The column “{name[:60]}” holds no dates that can be read, and the model expects dates there.",
                advice="Match another column, or write its dates as 2026-11-29.",
            )


def _is_missing(text: str) -> bool:
    return text in MISSING_NUMBERS or is_no_date(text)


class DateCaster:
    """Casts a date attribute to its age in days (float64, null without a date), and counts unusual values."""

    def __init__(self, name: str, minimum: float | None, maximum: float | None) -> None:
        self._name, self._minimum, self._maximum = name, minimum, maximum
        self._form, self._reference = DateForm.YEAR_FIRST, float("nan")
        self._days: dict[str, float] = {}
        self._missing = self._unreadable = self._out_of_range = 0

    def prepare(self, dates: FileDates) -> None:
        self._form = dates.forms.get(self._name, self._form)
        self._reference = float("nan") if dates.reference is None else float(dates.reference)

    def cast(self, array: Any, month_ends: NDArray[np.float64] | None) -> Any:
        """`month_ends` (n): the day to which the age in each row is counted, if the file has months."""
        source = encoded(array)
        days = np.array([self._day(text) for text in source.dictionary.to_pylist()] or [np.nan])
        own = days[source.indices.to_numpy()] if len(source) else np.empty(0)
        none = ~(np.abs(own) < np.inf)
        self._unreadable += int(np.isinf(own).sum())
        self._missing += int(np.isnan(own).sum())
        ages = (self._reference if month_ends is None else month_ends) - np.where(none, np.nan, own)
        known = ~np.isnan(ages)
        low, high = self._minimum, self._maximum
        outside = np.zeros(len(ages), bool)
        outside[known] = (ages[known] < (-np.inf if low is None else low)) | (
            ages[known] > (np.inf if high is None else high)
        )
        self._out_of_range += int(outside.sum())
        return pa.array(ages, mask=~known)

    def _day(self, text: str) -> float:
        """The day; NaN without one, infinity for a text that is no date."""
        part = day_part(text)
        day = self._days.get(part)
        if day is None:
            ordinal = day_of(part, self._form)
            day = float(ordinal) if ordinal is not None else np.nan if _is_missing(part) else np.inf
            if len(self._days) < MAX_TEXTS:
                self._days[part] = day
        return day

    def absent(self, rows: int) -> Any:
        self._missing += rows
        return pa.nulls(rows, pa.float64())

    def report(self) -> ColumnReport:
        return ColumnReport(
            self._name, missing=self._missing, out_of_range=self._out_of_range, unreadable=self._unreadable
        )


def ends_of(months: Any) -> NDArray[np.float64]:
    """The last day of each month of an Arrow array of "YYYY-MM", NaN without a month."""
    source = months.dictionary_encode()
    ends: Iterable[int | None] = [month_end(text or "") for text in source.dictionary.to_pylist()]
    table = np.array([*(np.nan if end is None else float(end) for end in ends), np.nan])
    codes = source.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)
    day_of_row: NDArray[np.float64] = table[codes]
    return day_of_row
