"""Finds the id columns and the snapshot month column of a labelled file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.customer_column import (
    MAX_ROWS_EACH,
    MIN_NAMED,
    identifying,
    is_numbering,
    is_row_number,
    once_in_each,
)
from adapters.ml.detection.text_columns import TextColumn
from domain.errors import InvalidInput
from domain.training import TrainingRequest
from domain.vocabulary.columns import (
    OTHER_ID_NAMES,
    is_customer_id,
    is_plain_customer_id,
    tells_rows_apart,
)
from domain.vocabulary.measures import is_measure
from domain.vocabulary.months import mentions_period, mentions_time, month_of, names_snapshot_month
from domain.vocabulary.spelling import normalise

MAX_MONTHS = 120


@dataclass(frozen=True)
class Roles:
    """`ids` are the columns that identify customers, the best one first; `month` is the snapshot month.

    `periods` are other columns with the time of the snapshot, such as a quarter or the number of the month.
    """

    ids: tuple[TextColumn, ...]
    month: TextColumn | None
    periods: tuple[TextColumn, ...] = ()

    @property
    def id(self) -> TextColumn | None:
        return self.ids[0] if self.ids else None

    def months(self, *, month_first: bool | None) -> NDArray[Any] | None:
        """Months "YYYY-MM" (n), "" for a row without one."""
        if self.month is None:
            return None
        months = [month_of(value, month_first=month_first) or "" for value in self.month.values]
        return np.array([*months, ""], dtype=object)[self.month.codes]


def find_roles(columns: Sequence[TextColumn], request: TrainingRequest, churned: NDArray[np.bool_]) -> Roles:
    """Find ids as requested, then by name and by content. Raises InvalidInput for a missing id column."""
    requested = [column for column in columns if request.id_column is not None and column.name == request.id_column]
    if request.id_column is not None and not requested:
        raise InvalidInput(f"The file has no column {request.id_column!r}.", field="id_column")
    others = [column for column in columns if column not in requested]
    candidates = [column for column in others if column.name not in request.keep and not holds_dates(column)]
    named = [*requested, *(column for column in candidates if _names_customers(column, None))]
    identifiers = identifying(candidates, columns, churned, known=named)
    month = _snapshot_month(others, [*named, *identifiers])
    ids = [own for own in candidates if own is not month and (own in identifiers or _names_customers(own, month))]
    ids.sort(key=lambda column: _order(column, identifiers))
    ids = [*requested, *ids]
    rest = (column for column in others if column is not month and column not in ids)
    periods = (column for column in rest if mentions_period(column.name))
    return Roles(
        tuple(ids), month, tuple(own for own in periods if any(once_in_each(customer, own) for customer in ids))
    )


def _order(column: TextColumn, identifiers: Sequence[TextColumn]) -> tuple[bool, ...]:
    """Sort key: the best id first. A row number is the last choice, unless its name is that of a customer's id."""
    customers = is_customer_id(column.name) and normalise(column.name) not in OTHER_ID_NAMES
    return (
        is_row_number(column) and not (customers and normalise(column.name) != "id"),
        not is_plain_customer_id(column.name),
        not customers,
        column not in identifiers,
        not tells_rows_apart(column.name),
    )


def holds_dates(column: TextColumn) -> bool:
    """Whether the column contains days or months, as text or as numbers such as 20261129."""
    return column.date_form is not None


def _is_month_text(value: str) -> bool:
    return month_of(value) is not None


def _snapshot_month(columns: Sequence[TextColumn], named: Sequence[TextColumn]) -> TextColumn | None:
    """The snapshot month: a column of few months with such a name, or in which each customer occurs once per month.

    Months in which customers joined, paid or left are attributes of the customer.
    """
    timely = [column for column in columns if _holds_few_months(column)]
    named_months = [column for column in timely if names_snapshot_month(column.name)]
    by_customer = (column for column in timely if any(once_in_each(own, column) for own in named))
    return named_months[0] if named_months else next(by_customer, None)


def _holds_few_months(column: TextColumn) -> bool:
    few = 2 <= len(column.values) <= min(MAX_MONTHS, max(2, column.filled // 5))
    dated = mentions_time(column.name) or not column.is_numeric
    return few and dated and all(_is_month_text(value) for value in column.values)


def _names_customers(column: TextColumn, month: TextColumn | None) -> bool:
    if column.filled < 2:
        return False
    distinct = len(column.values) / column.filled
    named = tells_rows_apart(column.name)
    sure = is_plain_customer_id(column.name) or is_customer_id(column.name)
    whole = column.is_numeric and not np.any(np.mod(column.numbers[~np.isnan(column.numbers)], 1.0))
    text = not column.is_numeric and not holds_dates(column)
    if (named or sure) and (text or whole):
        several = len(column.values) > max(MIN_NAMED, column.filled // MAX_ROWS_EACH)
        return distinct >= 0.95 or (several and (sure or (month is not None and once_in_each(column, month))))
    if distinct < 1.0 or column.filled < len(column.codes):
        return False
    measured = holds_dates(column) or is_measure(column.name)
    return text or (whole and not measured and is_numbering(column))
