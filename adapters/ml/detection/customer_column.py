"""Finds columns with repeats that identify customers, by what the rows that share a value have in common.

Their names only help. The rows may be in any order, and the file may have a month column or none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.identity import Evidence, Rows, distinct_rows, evidence_of
from adapters.ml.detection.text_columns import TextColumn
from domain.vocabulary.columns import is_customer_id
from domain.vocabulary.customers import names_group
from domain.vocabulary.measures import is_measure
from domain.vocabulary.months import month_of

MAX_ROWS_EACH = 60
"""Average rows per customer, at most, of a column that only its name makes an id: five years of months."""
MIN_NAMED = 20
"""Distinct values up to which a column with repeats identifies groups rather than customers."""
MIN_CUSTOMERS = 50
"""Distinct values from which the outcome alone can show that a column identifies customers."""
MOSTLY_UNIQUE = 0.95
SAME_OUTCOME = 0.7
"""Likeness of the outcome among the rows of one value from which a column without a known name is an id."""
SIMILAR_OUTCOME = 0.3
MOSTLY_HELD = 0.5
"""Share of the other columns that are nearly constant within a value, from which it stands for one customer."""
PARTLY_HELD = 0.25


def identifying(
    candidates: Sequence[TextColumn],
    columns: Sequence[TextColumn],
    churned: NDArray[np.bool_],
    *,
    known: Sequence[TextColumn],
) -> list[TextColumn]:
    """The candidates with repeats that identify customers, the finest first.

    `known` are the ids that are known already; next to one that differs in every row, more evidence is needed.
    """
    possible = [column for column in candidates if column not in known and _may_identify(column)]
    if not possible:
        return []
    one_row_each = any(len(own.values) >= MOSTLY_UNIQUE * own.filled and not is_row_number(own) for own in known)
    periods = [column for column in columns if _holds_periods(column)]
    identifiers = [own for own in possible if _identifies(own, columns, churned, periods, one_row_each=one_row_each)]
    if identifiers:
        rows = distinct_rows(columns, churned)
        if len(rows) < len(churned):
            identifiers = [
                own
                for own in identifiers
                if _identifies(own, columns, churned, periods, one_row_each=one_row_each, rows=rows)
            ]
    identifiers.sort(key=lambda column: (-len(column.values), not is_numbering(column)))
    return [own for place, own in enumerate(identifiers) if place == 0 or _is_code(own)]


def _identifies(
    column: TextColumn,
    columns: Sequence[TextColumn],
    churned: NDArray[np.bool_],
    periods: Sequence[TextColumn],
    *,
    one_row_each: bool,
    rows: Rows | None = None,
) -> bool:
    others = [other for other in columns if other is not column]
    evidence = evidence_of(column, others, churned, rows)
    monthly = any(once_in_each(column, period) for period in periods if period is not column)
    if is_customer_id(column.name):
        return evidence.target >= SIMILAR_OUTCOME or evidence.held_share >= PARTLY_HELD
    return _suffices(evidence, len(column.values), monthly=monthly, one_row_each=one_row_each)


def _suffices(evidence: Evidence, customers: int, *, monthly: bool, one_row_each: bool) -> bool:
    mostly_held = evidence.held_share >= MOSTLY_HELD and evidence.held >= 2
    if one_row_each:
        return mostly_held and (monthly or evidence.target >= SIMILAR_OUTCOME)
    if mostly_held or (monthly and evidence.held_share >= PARTLY_HELD):
        return True
    return evidence.target >= SAME_OUTCOME and customers >= MIN_CUSTOMERS


def _may_identify(column: TextColumn) -> bool:
    """Whether it has the form of an id with repeats: codes or whole numbers, each in a few rows, no known group."""
    customers = len(column.values)
    if customers <= MIN_NAMED or customers >= column.filled or names_group(column.name) or is_measure(column.name):
        return False
    if column.is_numeric and np.any(np.mod(column.numbers[~np.isnan(column.numbers)], 1.0)):
        return False
    return int(column.counts.max()) <= max(8, 5 * float(np.median(column.counts)))


def _is_code(column: TextColumn) -> bool:
    """Whether an id is a code: a text with digits, or a numbering. Other columns are attributes next to a better id."""
    if column.is_numeric:
        return is_customer_id(column.name) or is_numbering(column)
    coded = sum(any(map(str.isdigit, value)) for value in column.values[:1000])
    return is_customer_id(column.name) or coded >= 0.9 * len(column.values[:1000])


def _holds_periods(column: TextColumn) -> bool:
    """Whether it has few values that may be months, quarters or other periods."""
    if not 2 <= len(column.values) <= 120:
        return False
    return column.is_numeric or all(month_of(value) is not None for value in column.values)


def once_in_each(customers: TextColumn, period: TextColumn) -> bool:
    """Whether customers occur in several periods, almost never twice in one, and share the same few periods."""
    both = (customers.codes >= 0) & (period.codes >= 0)
    rows = int(both.sum())
    if rows < 1.5 * len(customers.values) or len(period.values) > 1.2 * int(customers.counts.max()):
        return False
    pairs = customers.codes[both].astype(np.int64) * len(period.values) + period.codes[both]
    return len(period.values) > 1 and len(np.unique(pairs)) >= 0.98 * rows


def is_numbering(column: TextColumn) -> bool:
    """Whether the column contains unique whole numbers that are dense or equally long, so it is not a measurement."""
    packed = np.ptp(column.numbers) + 1 <= 1.5 * len(column.numbers)
    lengths = {len(value) for value in column.values}
    return bool(packed) or (len(lengths) == 1 and lengths.pop() >= 6)


def is_row_number(column: TextColumn) -> bool:
    """Whether the column counts the rows of the file, from 0 or 1."""
    rows = len(column.codes)
    if not column.is_numeric or len(column.values) != rows or rows < 2:
        return False
    numbers = column.numbers[column.codes]
    return bool(numbers[0] in (0.0, 1.0) and np.all(np.diff(numbers) == 1.0))
