"""Adds the day of the last activity to generated customers: leavers fall silent before they leave.

docs/sample-data.md explains the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.dates import month_end

COLUMN = "LastActivity"
USUAL_DAYS = 4.0
"""Mean days since the last activity of customers who were active in the month (exponential, below SILENT_DAYS)."""
SILENT_DAYS, MORE_DAYS = 30, 35.0
"""Leavers without an earlier month have been silent for so many days, and for more of them (exponential, mean)."""
PAUSING = 0.01
"""Share of the customers who stay after a month without activity."""
ABRUPT = 0.02
"""Share of the leavers who were active until the end."""
Days = NDArray[np.int64]


def with_last_activity(tables: Iterable[pa.Table], seed: int, month: str) -> Iterator[pa.Table]:
    """The tables with the column. `month` is that of tables without a snapshot month.

    A customer without activity in a month keeps the day of the month before.
    """
    before, own = _Month(), _Month()
    for place, table in enumerate(tables):
        name = str(table.column("SnapshotMonth")[0]) if "SnapshotMonth" in table.column_names else month
        if name != own.name:
            before, own = own, _Month(name)
        random = np.random.default_rng([seed, 3, place])
        left = np.asarray(table.column("Churn").to_pylist()) == "Yes"
        ids = np.asarray(table.column("customerID").to_pylist())
        days = _days(random, left, month_end(name) or 0, known=before.days_of(ids, start=own.rows))
        own.add(ids, days)
        yield table.append_column(COLUMN, pa.array(days.astype(np.int32)).cast(pa.date32()).cast(pa.string()))


class _Month:
    """Ids and days of a month. A customer keeps the place in the file from month to month."""

    def __init__(self, name: str = "") -> None:
        self.name, self.rows = name, 0
        self._ids: list[NDArray[np.str_]] = []
        self._days: list[Days] = []

    def add(self, ids: NDArray[np.str_], days: Days) -> None:
        self._ids.append(ids)
        self._days.append(days)
        self.rows += len(ids)

    def days_of(self, ids: NDArray[np.str_], *, start: int) -> Days:
        """The days of these customers, the first of whom has this place; UNKNOWN for those who are new."""
        days = np.full(len(ids), UNKNOWN)
        if self.rows:
            known_ids = np.concatenate(self._ids)[start : start + len(ids)]
            known_days = np.concatenate(self._days)[start : start + len(ids)]
            same = known_ids == ids[: len(known_ids)]
            days[: len(known_ids)][same] = known_days[same]
        return days


UNKNOWN = -1


def _days(random: np.random.Generator, left: NDArray[np.bool_], end: int, *, known: Days) -> Days:
    count = len(left)
    usual = np.floor(random.exponential(USUAL_DAYS, count)).clip(0, SILENT_DAYS - 1)
    since = SILENT_DAYS + np.floor(random.exponential(MORE_DAYS, count))
    chance = random.random(count)
    silent = np.where(left, chance >= ABRUPT, chance < PAUSING)
    quiet_day = np.where(known == UNKNOWN, end - since, known)
    days: Days = np.where(silent, quiet_day, end - usual).astype(np.int64)
    return days
