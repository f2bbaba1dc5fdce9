"""What a labelled file is: its target, id and month, the attributes to learn from, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.casting import TextColumn, text_column
from adapters.ml.leaks import leak_of
from adapters.ml.roles import Roles, find_roles, holds_dates
from adapters.ml.target import NEGATIVE, Target, find_target
from application.ports.intake import TrainingTable
from application.ports.models import Recognised
from domain.errors import InvalidInput
from domain.likeness import normalise
from domain.model import LeftOut
from domain.schema import ColumnKind
from domain.training import TrainingRequest

FEWEST_ROWS = 50
FEWEST_OF_A_CLASS = 10
MOST_LEVELS = 5000
RARE = 5
"""Levels with fewer customers are learned together as OTHER."""
_TENURE_NAMES = (
    "tenure tenuremonths tenureinmonths monthstenure customertenure accountlength accountage monthsonbook "
    "monthswithcompany monthsactive monthsinservice monthsasacustomer customerage lengthofservice contractage months"
)
TENURE_NAMES = tuple(_TENURE_NAMES.split())
_REVENUE_NAMES = (
    "monthlycharges monthlycharge monthlyrevenue arpu mrc monthlyrecurringcharge monthlyfee monthlybill "
    "monthlybillamount monthlyspend avgmonthlyrevenue averagemonthlyrevenue meanmonthlyrevenue monthlyamount "
    "monthlypayment avgmonthlycharge totalmonthlycharge revenue"
)
REVENUE_NAMES = tuple(_REVENUE_NAMES.split())


@dataclass(frozen=True)
class AttributeColumn:
    """A column to learn from. Boolean levels: the spelling of false, then of true; categorical: frequent first."""

    name: str
    kind: ColumnKind
    levels: tuple[str, ...]
    text: TextColumn


@dataclass(frozen=True)
class Detected:
    """A labelled file understood; rows without a usable target are already set aside.

    `churned` bool (n) · `ids` int (n), −1 where missing, None without an id column · `months` "YYYY-MM" (n) or None.
    """

    target: Target
    churned: NDArray[np.bool_]
    id_column: str | None
    ids: NDArray[Any] | None
    month_column: str | None
    months: NDArray[Any] | None
    attributes: tuple[AttributeColumn, ...]
    tenure_column: str | None
    revenue_column: str | None
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def recognised(self) -> Recognised:
        return Recognised(
            target=self.target.column,
            positive=self.target.positive,
            negative=self.target.negative,
            id_column=self.id_column,
            month_column=self.month_column,
            attributes=tuple(attribute.name for attribute in self.attributes),
            left_out=self.left_out,
            rows=len(self.churned),
            churned=int(self.churned.sum()),
            values=self.target.values,
        )


def detect(table: TrainingTable, request: TrainingRequest) -> Detected:
    """Understand a labelled file. Raises InvalidInput, in one sentence, where it can't be learned from."""
    columns = [text_column(name, table.data.iloc[:, place], table.decimal) for place, name in enumerate(_names(table))]
    target = find_target(columns, named=request.target, positive=request.positive, seen=request.seen)
    churned = target.churned[target.known]
    _must_suffice(churned, target)
    rest = [column.rows(target.known) for column in columns if column.name != target.column]
    roles = find_roles(rest, request)
    attributes, left_out = _sort_out(rest, churned, request, roles)
    if not attributes:
        raise InvalidInput("No column of the file can be learned from; all were left out.", field="file")
    return Detected(
        target=target,
        churned=churned,
        id_column=None if roles.id is None else roles.id.name,
        ids=None if roles.id is None else roles.id.codes,
        month_column=None if roles.month is None else roles.month.name,
        months=roles.months,
        attributes=tuple(attributes),
        tenure_column=_with_role(attributes, TENURE_NAMES),
        revenue_column=_with_role(attributes, REVENUE_NAMES),
        left_out=tuple(left_out),
        notes=tuple(_notes(target)),
    )


def _names(table: TrainingTable) -> list[str]:
    names = [str(name).strip() for name in table.header]
    for place, name in enumerate(names):
        if not name:
            names[place] = f"column {place + 1}"
        elif name in names[:place]:
            raise InvalidInput(f"The column {name!r} stands twice in the file. Name each column once.", field="file")
    return names


def _must_suffice(churned: NDArray[np.bool_], target: Target) -> None:
    rows, leavers = len(churned), int(churned.sum())
    if rows < FEWEST_ROWS:
        raise InvalidInput(
            f"The file has {rows} customers with a known {target.column!r}; at least {FEWEST_ROWS} are needed.",
            field="file",
        )
    fewer, which = min((leavers, "left"), (rows - leavers, "stayed"))
    if fewer < FEWEST_OF_A_CLASS:
        raise InvalidInput(
            f"Only {fewer} of {rows:,} customers {which}; at least {FEWEST_OF_A_CLASS} who left and as many who "
            "stayed are needed to learn.",
            field="file",
        )


def _notes(target: Target) -> Iterable[str]:
    for value, rows in target.aside:
        yield (
            f"{rows:,} customers whose {target.column!r} is {value!r} were set aside: that is neither "
            f"{target.positive!r} nor {target.negative!r}."
        )
    if target.empty:
        yield f"{target.empty:,} customers without a {target.column!r} were set aside."


def _sort_out(
    columns: Sequence[TextColumn], churned: NDArray[np.bool_], request: TrainingRequest, roles: Roles
) -> tuple[list[AttributeColumn], list[LeftOut]]:
    attributes: list[AttributeColumn] = []
    left_out: list[LeftOut] = []
    for column in columns:
        why = _why_not(column, churned, request, roles)
        if why is None:
            attributes.append(_attribute(column))
        else:
            left_out.append(LeftOut(column.name, why))
    return attributes, left_out


def _why_not(column: TextColumn, churned: NDArray[np.bool_], request: TrainingRequest, roles: Roles) -> str | None:
    """Why a column is no attribute, in plain words; None where it is one."""
    if column is roles.month:
        return "is the snapshot month: it says when, not who"
    if any(column is own for own in roles.periods):
        return "says when the row was taken, not who"
    if any(column is own for own in roles.ids):
        return "names the customer" if column is roles.id else "looks like an id: nearly every customer has another one"
    if not column.filled:
        return "is empty"
    if len(column.values) == 1 and column.filled == len(column.codes):
        return f"is always the same ({column.values[0]})"
    if column.is_numeric and np.isnan(column.as_numbers()).all():
        return "holds no number that can be used"
    if column.name not in request.keep:
        leak = leak_of(column, churned, seed=request.seed)
        if leak is not None:
            return leak
    if holds_dates(column):
        return "holds dates: turn them into a number of days or months to use them"
    return None if column.is_numeric else _why_no_levels(column)


def _why_no_levels(column: TextColumn) -> str | None:
    if len(column.values) > MOST_LEVELS or (len(column.values) > 0.5 * column.filled and len(column.values) > RARE):
        return f"is free text: {len(column.values):,} different values among {column.filled:,}"
    return None


def _attribute(column: TextColumn) -> AttributeColumn:
    spelled = _boolean_levels(column)
    if spelled is not None:
        return AttributeColumn(column.name, ColumnKind.BOOLEAN, spelled, column)
    if column.is_numeric:
        return AttributeColumn(column.name, ColumnKind.NUMERIC, (), column)
    order = sorted(range(len(column.values)), key=lambda code: (-column.counts[code], column.values[code]))
    frequent = tuple(column.values[code] for code in order if column.counts[code] >= RARE)
    return AttributeColumn(column.name, ColumnKind.CATEGORICAL, frequent or (column.values[order[0]],), column)


def _boolean_levels(column: TextColumn) -> tuple[str, str] | None:
    """The spellings of false and of true in a column that holds these two alone."""
    if len(column.values) != 2:
        return None
    first, second = column.values
    spelled = [normalise(first), normalise(second)]
    for no, yes in ({"no", "yes"}, {"n", "y"}, {"false", "true"}, {"f", "t"}, {"0", "1"}, {"off", "on"}):
        if set(spelled) == {no, yes}:
            negative = no if no in NEGATIVE or no == "off" else yes
            return (first, second) if spelled[0] == negative else (second, first)
    return None


def _with_role(attributes: Sequence[AttributeColumn], names: Sequence[str]) -> str | None:
    numeric = [attribute for attribute in attributes if attribute.kind is ColumnKind.NUMERIC]
    for name in names:
        for attribute in numeric:
            if normalise(attribute.name) == name:
                return attribute.name
    return None
