"""Converts the date columns of a labelled file to ages in days, as scoring does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.text_columns import TextColumn
from domain.dates import (
    DateForm,
    day_of,
    day_part,
    is_month_first,
    iso_day,
    month_end,
    month_order,
    order_question,
    reference_day,
    settled,
)
from domain.model import LEAKAGE
from domain.training import TrainingRequest
from domain.vocabulary.dates import names_end, names_leaving_date
from domain.vocabulary.months import is_snapshot_month, month_of

SAMPLE_ROWS = 20
"""First rows that show whether an ambiguous name is the snapshot month's, as in a file to score."""
END_DIFFERENCE = 0.3
"""Difference of the filled shares of leavers and stayers from which an end date is the end of being a customer."""

Days = NDArray[np.float64]


@dataclass(frozen=True)
class FileDates:
    """The forms of a file's date columns, and the month's end of every row that the file has a snapshot month for.

    `month_ends` (n, NaN without a month) is None for a file without months, which are in the column `month`.
    """

    forms: Mapping[str, DateForm]
    month_ends: Days | None
    month: str | None = None
    month_first: bool | None = False
    """Whether the file's months are written with the month before the day; None if it is unclear."""
    unclear: TextColumn | None = None
    """The column of months, if its order is unclear."""

    def days_of(self, column: TextColumn) -> Days:
        """The day of every row, NaN without a date."""
        return np.array([*_days_of(column, self.forms[column.name]), np.nan])[column.codes]

    def ages(self, column: TextColumn, reference: int | None) -> TextColumn:
        """The column with the age in days as a number in place of each date; without any if nothing is counted to."""
        ends = self.month_ends if self.month_ends is not None else np.nan if reference is None else float(reference)
        ages = ends - self.days_of(column)
        known = ~np.isnan(ages)
        values, codes = np.unique(ages[known], return_inverse=True)
        renewed = np.full(len(ages), -1, np.int32)
        renewed[known] = codes
        return TextColumn(column.name, renewed, tuple(f"{age:.0f}" for age in values.tolist()))

    def rows(self, chosen: NDArray[Any]) -> FileDates:
        """For some rows of the file."""
        return replace(self, month_ends=None if self.month_ends is None else self.month_ends[chosen])


def find_dates(
    columns: Sequence[TextColumn], request: TrainingRequest, *, month: TextColumn | None, decimal: str
) -> FileDates:
    """The date columns among `columns` (the whole file). `decimal` is the file's decimal mark."""
    own_forms = {column.name: column.date_form for column in columns if column.date_form is not None}
    chosen = None if request.format_override.date_order is None else DateForm(request.format_override.date_order)
    own = month or _own_month(columns)
    if own is None:
        return FileDates(settled(own_forms, chosen=chosen, decimal=decimal), None)
    order = month_order(own.values)
    forms = settled(own_forms if order is None else own_forms | {own.name: order}, chosen=chosen, decimal=decimal)
    first = False if order is None else is_month_first(forms[own.name])
    of_attributes = {name: form for name, form in forms.items() if name in own_forms}
    return FileDates(of_attributes, _month_ends(own, first), own.name, first, own if first is None else None)


def must_be_clear(dates: FileDates, columns: Sequence[TextColumn]) -> None:
    """Raises DatesUnclear for a column of dates or months whose order nothing in the file decides about.

    `columns` are those besides the months.
    """
    unclear = [column for column in columns if dates.forms.get(column.name) is DateForm.UNCLEAR]
    for column in (*unclear, *((dates.unclear,) if dates.unclear else ())):
        raise order_question(column.name, column.values)


def reference_of(dates: FileDates, columns: Sequence[TextColumn]) -> int | None:
    """The reference day of these columns (the whole file): the newest date, unless the file has months."""
    if dates.month_ends is not None:
        return None if np.isnan(dates.month_ends).all() else int(np.nanmax(dates.month_ends))
    counts: dict[str, dict[int, int]] = {}
    for column in columns:
        own = counts.setdefault(column.name, {})
        for day, rows in zip(_days_of(column, dates.forms[column.name]), column.counts.tolist(), strict=True):
            if not np.isnan(day):
                own[int(day)] = own.get(int(day), 0) + rows
    return reference_day(counts)


def leak_by_name(column: TextColumn, churned: NDArray[np.bool_]) -> str | None:
    """Why a date is leakage by its name: it is the day of leaving, or an end that mostly one side has."""
    if names_leaving_date(column.name):
        return f"{LEAKAGE}: by its name it is the date of leaving"
    filled = column.codes >= 0
    difference = abs(float(filled[churned].mean()) - float(filled[~churned].mean()))
    if names_end(column.name) and difference >= END_DIFFERENCE:
        return f"{LEAKAGE}: by its name and its empty cells it is the date of leaving"
    return None


def always_the_same(ages: TextColumn, reference: int | None) -> str | None:
    """The reason for leaving out dates of which each has the same age; None if they differ."""
    if len(ages.values) > 1 or ages.filled < len(ages.codes):
        return None
    day = "" if reference is None else f" ({iso_day(reference - int(ages.values[0]))})"
    return f"is the same date for everybody{day}"


def _days_of(column: TextColumn, form: DateForm) -> list[float]:
    known: dict[str, float] = {}
    days = []
    for value in column.values:
        part = day_part(value)
        if part not in known:
            day = day_of(part, form)
            known[part] = np.nan if day is None else float(day)
        days.append(known[part])
    return days


def _own_month(columns: Sequence[TextColumn]) -> TextColumn | None:
    """The snapshot month by its name, for example one that is the same in all rows, as scoring finds it."""
    for column in columns:
        first = [column.values[code] for code in column.codes[:SAMPLE_ROWS].tolist() if code >= 0]
        if is_snapshot_month(column.name, first):
            return column
    return None


def _month_ends(month: TextColumn, month_first: bool | None) -> Days:
    ends = [month_end(month_of(value, month_first=month_first) or "") for value in month.values]
    return np.array([*(np.nan if end is None else float(end) for end in ends), np.nan])[month.codes]
