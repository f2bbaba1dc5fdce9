"""Analyses a labelled file: target, id, month, attributes to learn from, and left-out columns with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.ml.detection.attribute_column import AttributeColumn
from adapters.ml.detection.column_roles import Roles, find_roles
from adapters.ml.detection.customer_column import is_row_number
from adapters.ml.detection.date_columns import (
    FileDates,
    always_the_same,
    find_dates,
    leak_by_name,
    must_be_clear,
    reference_of,
)
from adapters.ml.detection.decimal_marks import with_decimal_marks
from adapters.ml.detection.file_notes import notes_on_file
from adapters.ml.detection.known_before import leak_or_question
from adapters.ml.detection.leakage import telling_blanks
from adapters.ml.detection.number_units import with_unit
from adapters.ml.detection.personal_columns import names_people
from adapters.ml.detection.spellings import merged_spellings
from adapters.ml.detection.target import Target, find_target
from adapters.ml.detection.tenure_unit import unit_of_tenure
from adapters.ml.detection.text_columns import MIN_OF_A_LEVEL, TextColumn, text_column
from application.ports.intake import TrainingTable
from domain.currencies import Currencies
from domain.curve_demand import CurveDemand, demands_must_concern_numbers
from domain.dates import DateForm, iso_day
from domain.errors import InvalidInput
from domain.model import NAMES_A_PERSON, NAMES_THE_CUSTOMER, LeftOut
from domain.recognition import Recognised
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from domain.training_limits import MIN_CUSTOMERS, MIN_OF_AN_OUTCOME
from domain.vocabulary.columns import MONTHLY_REVENUE_NAMES, TENURE_NAMES, is_tenure
from domain.vocabulary.spelling import normalise, without_accents, without_table
from domain.vocabulary.tenure import TenureUnit
from domain.vocabulary.values import as_no_and_yes

MAX_LEVELS = 5000
NO_REFERENCE = "contains dates to come, and nothing says when the file was made: add a column with the snapshot month"
MAX_SHARED = 0.1
"""Share of the rows with one value of an id from which it is a placeholder, such as a phone number 0."""


@dataclass(frozen=True)
class Detected:
    """An analysed labelled file, without the rows that have no usable target.

    `churned` bool (n) · `ids` int (n) of each column that identifies customers, −1 where missing ·
     `months` "YYYY-MM" (n) or None.
    """

    target: Target
    churned: NDArray[np.bool_]
    id_column: str | None
    ids: tuple[NDArray[np.int32], ...]
    month_column: str | None
    months: NDArray[Any] | None
    attributes: tuple[AttributeColumn, ...]
    tenure_column: str | None
    tenure_unit: TenureUnit
    revenue_column: str | None
    reference_date: str | None
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    customers: TextColumn | None = None
    """The id column's values."""
    demands: tuple[CurveDemand, ...] = ()

    def recognised(self) -> Recognised:
        return Recognised(
            target=self.target.column,
            positive=self.target.positive,
            further_positive=self.target.further,
            negative=self.target.negative,
            id_column=self.id_column,
            month_column=self.month_column,
            attributes=tuple(attribute.name for attribute in self.attributes),
            left_out=self.left_out,
            rows=len(self.churned),
            churned=int(self.churned.sum()),
            values=self.target.values,
            tenure_column=self.tenure_column,
            tenure_unit=self.tenure_unit if self.tenure_column else None,
            numbers=tuple(own.name for own in self.attributes if own.kind is ColumnKind.NUMERIC),
            demands=self.demands,
        )


def detect(table: TrainingTable, request: TrainingRequest, known: Recognised | None = None) -> Detected:
    """Analyse a labelled file. Raises InvalidInput, in one sentence, if no model can be trained on it.

    `known` is an earlier result for the same table and request. The columns that it leaves out are not examined again.
    """
    names = _names(table)
    demands = request.demands_on(names)
    columns = [text_column(name, table.data.iloc[:, place], table.decimal) for place, name in enumerate(names)]
    target = find_target(columns, named=request.target, positives=request.positives, seen=request.seen)
    columns = [own if own.name == target.column else with_unit(own) for own in columns]
    churned = target.churned[target.known]
    _must_suffice(churned, target)
    rest = [column.rows(target.known) for column in columns if column.name != target.column]
    roles = find_roles(rest, request, churned)
    rest = with_decimal_marks(rest, roles, request, delimiter=table.delimiter)
    reasons = {left.column: left.why for left in known.left_out} if known else None
    features = [column for column in columns if column.name != target.column]
    month = next((own for own in features if roles.month is not None and own.name == roles.month.name), None)
    dates = find_dates(features, request, month=month, decimal=table.decimal)
    if roles.month is not None:
        must_be_clear(dates, [])
    attributes, left_out = _sort_out(rest, churned, request, roles, reasons, dates.rows(target.known))
    attributes, undated, reference = _with_ages(attributes, features, dates, target, request)
    left_out += undated
    if not attributes:
        raise InvalidInput("No column of the file can be learned from; all were left out.", field="file")
    _must_concern_numbers(demands, target, attributes, left_out)
    tenure, revenue = _tenure_of(attributes), _with_role(attributes, MONTHLY_REVENUE_NAMES)
    return Detected(
        target=target,
        churned=churned,
        id_column=None if roles.id is None else roles.id.name,
        ids=tuple(_linking(own) for own in roles.ids),
        month_column=None if roles.month is None else roles.month.name,
        months=roles.months(month_first=dates.month_first),
        attributes=tuple(attributes),
        tenure_column=None if tenure is None else tenure.name,
        tenure_unit=unit_of_tenure(tenure, revenue, attributes, request),
        revenue_column=None if revenue is None else revenue.name,
        reference_date=None if reference is None else iso_day(reference),
        left_out=tuple(left_out),
        notes=notes_on_file(target, attributes),
        customers=roles.id,
        demands=demands,
    )


def _linking(column: TextColumn) -> NDArray[np.int32]:
    """The customer of every row, −1 for a value that so many rows share that it stands for no customer."""
    shared = np.append(column.counts > MAX_SHARED * max(1, column.filled), False)
    return np.where(shared[column.codes], np.int32(-1), column.codes)


def _names(table: TrainingTable) -> list[str]:
    names = [str(name).strip() for name in table.header]
    for place, name in enumerate(names):
        if not name:
            names[place] = f"column {place + 1}"
        elif name in names[:place]:
            raise InvalidInput(
                f"The column {name!r} occurs twice in the file. Give each column its own name.", field="file"
            )
    return names


def _must_suffice(churned: NDArray[np.bool_], target: Target) -> None:
    rows, leavers = len(churned), int(churned.sum())
    if rows < MIN_CUSTOMERS:
        raise InvalidInput(
            f"The file has {rows} customers with a known {target.column!r}; at least {MIN_CUSTOMERS} are needed.",
            field="file",
        )
    fewer, which = min((leavers, "left"), (rows - leavers, "stayed"))
    if fewer < MIN_OF_AN_OUTCOME:
        raise InvalidInput(
            f"Only {fewer} of {number(rows)} customers {which}; at least {MIN_OF_AN_OUTCOME} who left and as many who "
            "stayed are needed to learn.",
            field="file",
        )


def _must_concern_numbers(
    demands: Sequence[CurveDemand],
    target: Target,
    attributes: Sequence[AttributeColumn],
    left_out: Sequence[LeftOut],
) -> None:
    demands_must_concern_numbers(
        demands,
        target=target.column,
        kinds={own.name: own.kind for own in attributes},
        left_out={own.column: own.why for own in left_out},
    )


def _sort_out(
    columns: Sequence[TextColumn],
    churned: NDArray[np.bool_],
    request: TrainingRequest,
    roles: Roles,
    reasons: Mapping[str, str] | None,
    dates: FileDates,
) -> tuple[list[AttributeColumn], list[LeftOut]]:
    attributes: list[AttributeColumn] = []
    left_out: list[LeftOut] = []
    in_roles = {column.name for column in (roles.month, *roles.ids, *roles.periods) if column is not None}
    for own in columns:
        dated = own.name in dates.forms and own.name not in in_roles
        column = own if dated or own.name in in_roles else own.with_marks_judged()
        if reasons is not None:
            why = reasons.get(column.name)
        elif dated and column.name != dates.month:
            why = _why_no_date(column, churned, request, dates)
        else:
            why = _why_not(column, churned, request, roles)
        if why is None and dated:
            attributes.append(AttributeColumn(column.name, ColumnKind.DATE, (), column))
        elif why is None:
            attributes.append(_attribute(column, churned, request))
        else:
            left_out.append(LeftOut(column.name, why))
    return attributes, left_out


def _why_not(column: TextColumn, churned: NDArray[np.bool_], request: TrainingRequest, roles: Roles) -> str | None:
    """The reason for leaving out a column; None if it is an attribute."""
    if column is roles.month:
        return "is the snapshot month: it says when, not who"
    if any(column is own for own in roles.periods):
        return "says when the row was taken, not who"
    if column is roles.id:
        return NAMES_THE_CUSTOMER
    if not column.filled:
        return "is empty"
    if names_people(column):
        return NAMES_A_PERSON
    if any(column is own for own in roles.ids):
        return _why_another_id(column)
    if len(column.values) == 1 and column.filled == len(column.codes):
        return f"is always the same ({column.values[0]})"
    if column.is_numeric and np.isnan(column.as_numbers()).all():
        return "contains no usable number"
    if column.is_numeric and (mixed := _two_currencies(column)) is not None:
        return f"has amounts in different currencies, such as {mixed[0]} and {mixed[1]}, which cannot be compared"
    if column.name not in request.keep:
        leak = leak_or_question(column, churned, request)
        if leak is not None:
            return leak
    if column.date_form is not None:
        return "says when the row was taken, not who"
    return None if column.is_numeric else _why_no_levels(column)


def _two_currencies(column: TextColumn) -> tuple[str, str] | None:
    currencies = Currencies()
    currencies.add(column.values)
    return currencies.two


def _why_no_date(
    column: TextColumn, churned: NDArray[np.bool_], request: TrainingRequest, dates: FileDates
) -> str | None:
    """The reason for leaving out a column of dates; None if their ages are an attribute."""
    ages = dates.ages(column, 0)
    if not ages.filled:
        return "contains no usable date"
    same = always_the_same(ages, 0 if dates.month_ends is None else None)
    if same is not None or column.name in request.keep:
        return same
    return leak_by_name(ages, churned) or leak_or_question(ages, churned, request)


def _with_ages(
    attributes: Sequence[AttributeColumn],
    columns: Sequence[TextColumn],
    dates: FileDates,
    target: Target,
    request: TrainingRequest,
) -> tuple[list[AttributeColumn], list[LeftOut], int | None]:
    """The attributes with ages in place of dates, the dates left out, and the day to which ages are counted."""
    used = {own.name for own in attributes if own.kind is ColumnKind.DATE}
    if not used:
        return list(attributes), [], None
    of_file = [column for column in columns if column.name in used]
    must_be_clear(dates, of_file)
    reference = reference_of(dates, of_file)
    if reference is None:
        kept = [own for own in attributes if own.name not in used]
        return kept, [LeftOut(name, NO_REFERENCE) for name in sorted(used)], None
    known, churned = dates.rows(target.known), target.churned[target.known]
    aged = [
        _aged(own, known.ages(own.text, reference), known.forms[own.name], churned, request)
        if own.name in used
        else own
        for own in attributes
    ]
    return aged, [], reference


def _aged(
    attribute: AttributeColumn, ages: TextColumn, form: DateForm, churned: NDArray[np.bool_], request: TrainingRequest
) -> AttributeColumn:
    blanks = None if attribute.name in request.keep else telling_blanks(ages, churned)
    usable = ages if blanks is None else ages.with_blanks_drawn(seed=request.seed)
    missing_rate = float((ages.codes < 0).mean())
    return replace(attribute, text=usable, missing_rate=missing_rate, blanks=blanks, date_form=form)


def _why_another_id(column: TextColumn) -> str:
    if is_row_number(column):
        return "looks like an id, but counts the rows of the file"
    if len(column.values) >= 0.95 * column.filled:
        return "looks like an id: nearly every customer has a different one"
    return "looks like another id: the rows of one value belong together, as those of one customer"


def _why_no_levels(column: TextColumn) -> str | None:
    if len(column.values) > MAX_LEVELS or (
        len(column.values) > 0.5 * column.filled and len(column.values) > MIN_OF_A_LEVEL
    ):
        return f"is free text: {number(len(column.values))} different values among {number(column.filled)}"
    return None


def _attribute(column: TextColumn, churned: NDArray[np.bool_], request: TrainingRequest) -> AttributeColumn:
    blanks = None if column.name in request.keep else telling_blanks(column, churned)
    column_used = merged_spellings(column if blanks is None else column.with_blanks_drawn(seed=request.seed))
    return replace(_typed(column_used), missing_rate=float((column.codes < 0).mean()), blanks=blanks)


def _typed(column: TextColumn) -> AttributeColumn:
    spelled = _boolean_levels(column)
    if spelled is not None:
        return AttributeColumn(column.name, ColumnKind.BOOLEAN, spelled, column)
    if column.is_numeric:
        return AttributeColumn(column.name, ColumnKind.NUMERIC, (), column)
    order = sorted(range(len(column.values)), key=lambda code: (-column.counts[code], column.values[code]))
    frequent = tuple(column.values[code] for code in order if column.counts[code] >= MIN_OF_A_LEVEL)
    return AttributeColumn(column.name, ColumnKind.CATEGORICAL, frequent or (column.values[order[0]],), column)


def _boolean_levels(column: TextColumn) -> tuple[str, str] | None:
    """The spellings of false and true, if the column contains only these two."""
    return as_no_and_yes(*column.values) if len(column.values) == 2 else None


def _with_role(attributes: Sequence[AttributeColumn], names: Sequence[str]) -> AttributeColumn | None:
    own_names = [normalise(without_accents(name)) for name in without_table([own.name for own in attributes])]
    for name in names:
        for attribute, own_name in zip(attributes, own_names, strict=True):
            if own_name == name and attribute.kind is ColumnKind.NUMERIC:
                return attribute
    return None


def _tenure_of(attributes: Sequence[AttributeColumn]) -> AttributeColumn | None:
    """The tenure with the likeliest name; one with its unit in another language comes after the listed names."""
    others = (own for own in attributes if own.kind is ColumnKind.NUMERIC and is_tenure(own.name))
    return _with_role(attributes, TENURE_NAMES) or next(others, None)
