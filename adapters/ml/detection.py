"""What a labelled file is: its target, id and month, the attributes to learn from, and what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.intake.months import month_of
from adapters.ml.casting import GLANCE, TextColumn, text_column
from adapters.ml.leaks import leak_of
from adapters.ml.target import NEGATIVE, Target, find_target
from application.ports.intake import TrainingTable
from application.ports.models import Recognised
from domain.errors import InvalidInput
from domain.likeness import normalise
from domain.model import LeftOut
from domain.schema import ColumnKind, plain_words
from domain.training import TrainingRequest

FEWEST_ROWS = 50
FEWEST_OF_A_CLASS = 10
MOST_LEVELS = 5000
RARE = 5
"""Levels with fewer customers are learned together as OTHER."""
_ID_NAMES = (
    "id customerid customer custid clientid accountid userid subscriberid memberid msisdn phone phonenumber "
    "mobilenumber customernumber accountnumber contractnumber rownumber rowid row index no number simid imsi "
    "customername surname lastname firstname name email uuid guid"
)
ID_NAMES = frozenset(_ID_NAMES.split())
_ID_WORD = re.compile(r"(^|\W)(id|number|no|phone|msisdn|key|code|index)$")
_MONTH_WORD = re.compile(r"\b(month|snapshot|period|date|asof|as of|yearmonth)\b")
_DATE = re.compile(
    r"(19|20)\d\d[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?\S*)?"
    r"|(0?[1-9]|[12]\d|3[01])[-/.](0?[1-9]|[12]\d|3[01])[-/.]((19|20)\d\d|\d\d)( \d\d?:\d\d(:\d\d)?)?"
)
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
        )


def detect(table: TrainingTable, request: TrainingRequest) -> Detected:
    """Understand a labelled file. Raises InvalidInput, in one sentence, where it can't be learned from."""
    columns = [text_column(name, table.data.iloc[:, place]) for place, name in enumerate(_names(table))]
    target = find_target(columns, named=request.target, positive=request.positive)
    churned = target.churned[target.known]
    _must_suffice(churned, target)
    rest = [column.rows(target.known) for column in columns if column.name != target.column]
    month = next((column for column in rest if _is_month(column)), None)
    id_columns = _id_columns(rest, request, skip=month)
    chosen_id = id_columns[0] if id_columns else None
    attributes, left_out = _sort_out(rest, churned, request, ids=id_columns, month=month)
    if not attributes:
        raise InvalidInput("No column of the file can be learned from; all were left out.", field="file")
    return Detected(
        target=target,
        churned=churned,
        id_column=None if chosen_id is None else chosen_id.name,
        ids=None if chosen_id is None else chosen_id.codes,
        month_column=None if month is None else month.name,
        months=None if month is None else _months(month),
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
        yield f"{rows:,} customers whose {target.column!r} is {value!r} were set aside: they neither left nor stayed."
    if target.empty:
        yield f"{target.empty:,} customers without a {target.column!r} were set aside."


def _words(name: str) -> str:
    return plain_words(name).casefold()


def _share_matching(column: TextColumn, pattern: re.Pattern[str]) -> float:
    """Share of the filled cells that match as a whole, among those of the first distinct texts."""
    if not column.filled:
        return 0.0
    looked_at = column.values[: 10 * GLANCE]
    fits = np.array([pattern.fullmatch(value) is not None for value in looked_at], bool)
    counts = column.counts[: len(looked_at)]
    return float(counts[fits].sum() / counts.sum())


def _is_month(column: TextColumn) -> bool:
    few = 2 <= len(column.values) <= min(120, max(2, column.filled // 5))
    named = _MONTH_WORD.search(_words(column.name)) is not None or normalise(column.name).endswith("month")
    return few and named and all(month_of(value) is not None for value in column.values)


def _months(column: TextColumn) -> NDArray[Any]:
    months = [month_of(value) or "" for value in column.values]
    return np.array([*months, ""], dtype=object)[column.codes]


def _id_columns(
    columns: Sequence[TextColumn], request: TrainingRequest, *, skip: TextColumn | None
) -> list[TextColumn]:
    """Columns that name customers, the best one first: as asked for, then by name, then by content alone."""
    asked = [column for column in columns if request.id_column is not None and column.name == request.id_column]
    if request.id_column is not None and not asked:
        raise InvalidInput(f"The file has no column {request.id_column!r}.", field="id_column")
    others = [column for column in columns if column is not skip and column not in asked]
    several_rows_each = skip is not None
    found = [column for column in others if _names_customers(column, several_rows_each)]
    found.sort(key=lambda column: (not _is_best_id_name(column.name), normalise(column.name) not in ID_NAMES))
    return asked + [column for column in found if column.name not in request.keep]


def _is_best_id_name(name: str) -> bool:
    own = normalise(name)
    return own == "id" or (
        own.endswith("id") and own.startswith(("cust", "client", "account", "sub", "user", "member"))
    )


def _names_customers(column: TextColumn, several_rows_each: bool) -> bool:
    if column.filled < 2:
        return False
    distinct = len(column.values) / column.filled
    named = normalise(column.name) in ID_NAMES or _ID_WORD.search(_words(column.name)) is not None
    whole = column.is_numeric and not np.any(np.mod(column.numbers[~np.isnan(column.numbers)], 1.0))
    text = not column.is_numeric and _share_matching(column, _DATE) < 0.9
    if named and (text or whole):
        best = _is_best_id_name(column.name) and len(column.values) > max(20, column.filled // 60)
        return distinct >= 0.95 or (best and (several_rows_each or distinct >= 0.5))
    if distinct < 1.0 or column.filled < len(column.codes):
        return False
    return text or (whole and _is_a_numbering(column))


def _is_a_numbering(column: TextColumn) -> bool:
    """Whole numbers without a repeat, packed closely or all equally long: nobody measures such."""
    packed = np.ptp(column.numbers) + 1 <= 1.5 * len(column.numbers)
    lengths = {len(value) for value in column.values}
    return bool(packed) or (len(lengths) == 1 and lengths.pop() >= 6)


def _sort_out(
    columns: Sequence[TextColumn],
    churned: NDArray[np.bool_],
    request: TrainingRequest,
    *,
    ids: Sequence[TextColumn],
    month: TextColumn | None,
) -> tuple[list[AttributeColumn], list[LeftOut]]:
    attributes: list[AttributeColumn] = []
    left_out: list[LeftOut] = []
    for column in columns:
        why = _why_not(column, churned, request, ids=ids, month=month)
        if why is None:
            attributes.append(_attribute(column))
        else:
            left_out.append(LeftOut(column.name, why))
    return attributes, left_out


def _why_not(
    column: TextColumn,
    churned: NDArray[np.bool_],
    request: TrainingRequest,
    *,
    ids: Sequence[TextColumn],
    month: TextColumn | None,
) -> str | None:
    """Why a column is no attribute, in plain words; None where it is one."""
    if month is not None and column is month:
        return "is the snapshot month: it says when, not who"
    if any(column is own for own in ids):
        return "names the customer" if column is ids[0] else "looks like an id: nearly every customer has another one"
    if not column.filled:
        return "is empty"
    if len(column.values) == 1 and column.filled == len(column.codes):
        return f"is always the same ({column.values[0]})"
    if column.name not in request.keep:
        leak = leak_of(column, churned, seed=request.seed)
        if leak is not None:
            return leak
    return None if column.is_numeric else _why_no_levels(column)


def _why_no_levels(column: TextColumn) -> str | None:
    if len(column.values) > 2 and _share_matching(column, _DATE) > 0.9:
        return "holds dates: turn them into a number of days or months to use them"
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
