"""Which columns of a labelled file name the customer, and which one says the month that a row speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.intake.months import month_of
from adapters.ml.casting import GLANCE, TextColumn
from domain.errors import InvalidInput
from domain.likeness import normalise
from domain.schema import MONTH_NAMES, plain_words
from domain.training import TrainingRequest

_ID_NAMES = (
    "id customerid customer custid clientid accountid userid subscriberid memberid msisdn phone phonenumber "
    "mobilenumber customernumber accountnumber contractnumber rownumber rowid row index no number simid imsi "
    "customername surname lastname firstname name email uuid guid"
)
ID_NAMES = frozenset(_ID_NAMES.split())
_ID_WORD = re.compile(r"(^|\W)(id|number|no|phone|msisdn|key|code|index)$")
_CUSTOMERS = re.compile(
    r"msisdn|imsi|iccid|clientnum|customer|subscriber|client|account"
    r"|(customer|cust|client|account|acct|acc|subscriber|subscription|subs|sub|user|member|phone|mobile|cell|contract"
    r"|line|sim)(id|no|nr|num|number|key|ref)"
)
"""Names (normalised) under which a column names customers, also where each has several rows."""
MOST_ROWS_EACH = 60
"""Rows that a customer has on average at the most: five years by month."""
FEWEST_NAMED = 20
"""Distinct values up to which a column that repeats names groups of customers rather than customers."""
MOST_MONTHS = 120

_MONTH_WORD = re.compile(r"\b(month|snapshot|period|date|asof|as of|yearmonth|yyyymm)\b")
_PERIOD_WORD = re.compile(r"\b(quarter|qtr|year|month|week|wk|period|wave|cycle|snapshot|date)\b")
_SAYS_WHEN = re.compile(
    r"(the )?(month|date|period|year ?month|month ?year|month (id|key)|yyyymm|snapshot)"
    r"|.*\b(snapshot|report|reporting|observation|reference|data|extract|extraction|cut ?off|as ?of|calendar|fiscal"
    r"|billing|statement)\b.*"
)
_OWN_EVENT = re.compile(
    r"\b(start|sign|join|activ|birth|contract|last|latest|first|pay|end|expir|due|churn|cancel|deactiv|terminat|left"
    r"|exit|renew|install|purchase|recharge|top ?up|call|visit|login|complain|regist|open|clos|creat|updat|since|next"
    r"|upgrade|port)"
)
_DATE = re.compile(
    r"(19|20)\d\d[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?\S*)?"
    r"|(0?[1-9]|[12]\d|3[01])[-/.](0?[1-9]|[12]\d|3[01])[-/.]((19|20)\d\d|\d\d)( \d\d?:\d\d(:\d\d)?)?"
)
_MEASURE = re.compile(
    r"\b(amount|balance|income|revenue|salary|wage|arpu|charge|spen[dt]|bill|payment|paid|cost|price|limit|usage|used|bytes|kb|mb"
    r"|data|traffic|volume|minutes|seconds|duration|total|average|avg|mean|sum|value|score|credit|debt|arrears)"
)
_DAY_RUN_TOGETHER = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Roles:
    """`ids` are the columns that name customers, the best one first; `month` is the snapshot month's.

    `periods` say when a row was taken too, such as a quarter or the month's bare number.
    """

    ids: tuple[TextColumn, ...]
    month: TextColumn | None
    periods: tuple[TextColumn, ...] = ()

    @property
    def id(self) -> TextColumn | None:
        return self.ids[0] if self.ids else None

    @property
    def months(self) -> NDArray[Any] | None:
        """ "YYYY-MM" (n), "" where a row has none."""
        if self.month is None:
            return None
        months = [month_of(value) or "" for value in self.month.values]
        return np.array([*months, ""], dtype=object)[self.month.codes]


def find_roles(columns: Sequence[TextColumn], request: TrainingRequest) -> Roles:
    """Ids as asked for, then by name, then by content alone. Raises InvalidInput for an id column that isn't there."""
    asked = [column for column in columns if request.id_column is not None and column.name == request.id_column]
    if request.id_column is not None and not asked:
        raise InvalidInput(f"The file has no column {request.id_column!r}.", field="id_column")
    named = [column for column in columns if column in asked or _names_customers(column, None)]
    month = _snapshot_month([column for column in columns if column not in asked], named)
    others = [column for column in columns if column is not month and column not in asked]
    found = [column for column in others if column.name not in request.keep and _names_customers(column, month)]
    found.sort(key=lambda column: (not _is_best_id_name(column.name), normalise(column.name) not in ID_NAMES))
    ids = (*asked, *found)
    periods = (column for column in others if column not in found and _PERIOD_WORD.search(_words(column.name)))
    return Roles(ids, month, tuple(own for own in periods if any(_once_in_each(customer, own) for customer in ids)))


def holds_dates(column: TextColumn) -> bool:
    """Days or months, as text or run together as numbers."""
    if len(column.values) <= 2:
        return False
    if column.is_numeric:
        run_together = all(_DAY_RUN_TOGETHER.fullmatch(value) for value in column.values)
        return run_together or (_speaks_of_time(column.name) and all(map(_is_month_text, column.values)))
    return _share(column, lambda value: _DATE.fullmatch(value) is not None or _is_month_text(value)) > 0.9


def _is_month_text(value: str) -> bool:
    return month_of(value) is not None


def _share(column: TextColumn, fits: Callable[[str], bool]) -> float:
    """Share of the filled cells that fit, among those of the first distinct texts."""
    if not column.filled:
        return 0.0
    looked_at = column.values[: 10 * GLANCE]
    fitting = np.array([fits(value) for value in looked_at], bool)
    counts = column.counts[: len(looked_at)]
    return float(counts[fitting].sum() / counts.sum())


def _words(name: str) -> str:
    return plain_words(name).casefold()


def _speaks_of_time(name: str) -> bool:
    return _MONTH_WORD.search(_words(name)) is not None or normalise(name).endswith("month")


def _snapshot_month(columns: Sequence[TextColumn], named: Sequence[TextColumn]) -> TextColumn | None:
    """A column of few months that says when the file was taken, by its name; or by which customers come once each.

    When somebody joined, paid or left is something about the customer.
    """
    timely = [column for column in columns if _holds_few_months(column)]
    told = [column for column in timely if _says_when(column.name)]
    by_customer = (column for column in timely if any(_once_in_each(own, column) for own in named))
    return told[0] if told else next(by_customer, None)


def _holds_few_months(column: TextColumn) -> bool:
    few = 2 <= len(column.values) <= min(MOST_MONTHS, max(2, column.filled // 5))
    return few and _speaks_of_time(column.name) and all(_is_month_text(value) for value in column.values)


def _says_when(name: str) -> bool:
    words = _words(name)
    known = normalise(name) in MONTH_NAMES or _SAYS_WHEN.fullmatch(words) is not None
    return known and _OWN_EVENT.search(words) is None


def _once_in_each(customers: TextColumn, period: TextColumn) -> bool:
    """Whether customers come back from period to period, hardly ever twice in one, and share the same few."""
    both = (customers.codes >= 0) & (period.codes >= 0)
    rows = int(both.sum())
    if rows < 1.5 * len(customers.values) or len(period.values) > 1.2 * int(customers.counts.max()):
        return False
    pairs = customers.codes[both].astype(np.int64) * len(period.values) + period.codes[both]
    return len(period.values) > 1 and len(np.unique(pairs)) >= 0.98 * rows


def _is_best_id_name(name: str) -> bool:
    own = normalise(name)
    return own == "id" or (
        own.endswith("id") and own.startswith(("cust", "client", "account", "sub", "user", "member"))
    )


def _names_customers(column: TextColumn, month: TextColumn | None) -> bool:
    if column.filled < 2:
        return False
    distinct = len(column.values) / column.filled
    named = normalise(column.name) in ID_NAMES or _ID_WORD.search(_words(column.name)) is not None
    sure = _is_best_id_name(column.name) or _CUSTOMERS.fullmatch(normalise(column.name)) is not None
    whole = column.is_numeric and not np.any(np.mod(column.numbers[~np.isnan(column.numbers)], 1.0))
    text = not column.is_numeric and not holds_dates(column)
    if (named or sure) and (text or whole):
        several = len(column.values) > max(FEWEST_NAMED, column.filled // MOST_ROWS_EACH)
        return distinct >= 0.95 or (several and (sure or (month is not None and _once_in_each(column, month))))
    if distinct < 1.0 or column.filled < len(column.codes):
        return False
    measured = holds_dates(column) or _MEASURE.search(_words(column.name)) is not None
    return text or (whole and not measured and _is_a_numbering(column))


def _is_a_numbering(column: TextColumn) -> bool:
    """Whole numbers without a repeat, packed closely or all equally long: nobody measures such."""
    packed = np.ptp(column.numbers) + 1 <= 1.5 * len(column.numbers)
    lengths = {len(value) for value in column.values}
    return bool(packed) or (len(lengths) == 1 and lengths.pop() >= 6)
