"""Looks for the customers of one run in a later one, or in a file: a million of both take a second and some 100 MB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.id_hashes import Hashes, IdHasher
from adapters.results.reading.stored_run import StoredRun
from application.ports.columns import CustomerBatch
from application.ports.follow_up import FollowUp

NO_MONTH, NOT_SEEN = -1, -2
Flags = NDArray[np.bool_]


def run_rows(run: StoredRun, on_rows: Callable[[int], None]) -> Iterator[pa.Table]:
    """The rows of a stored run. `on_rows` is called with the number of rows so far."""
    rows = 0
    for table in run.slices(0, run.notes.rows, columns=["id", "month", "actual"]):
        yield table
        rows += table.num_rows
        on_rows(rows)


def file_rows(batches: Iterable[CustomerBatch]) -> Iterator[pa.Table]:
    """The rows of a file, as they are read. Columns that it does not have are null."""
    return map(_own_columns, batches)


def _own_columns(batch: CustomerBatch) -> pa.Table:
    table = pa.Table.from_batches([batch.data])
    kinds = {"id": pa.string(), "month": pa.string(), "actual": pa.bool_()}
    return pa.table(
        {
            name: table.column(name) if name in table.column_names else pa.nulls(batch.rows, kind)
            for name, kind in kinds.items()
        }
    )


def follow_up(before: StoredRun | None, after: Iterable[pa.Table], customers: Sequence[str]) -> FollowUp:
    """The customers asked for are compared text by text; all others are counted by 64-bit hashes of their ids."""
    hasher, later, watch = IdHasher(), list[Hashes](), _Watch(customers)
    rows, has_truth = 0, False
    for table in after:
        ids = texts_of(table.column("id"))
        later.append(hasher(ids))
        watch.add(ids, months_of(table.column("month")), table.column("actual"))
        rows += table.num_rows
        has_truth = has_truth or table.column("actual").null_count < table.num_rows
    known = _distinct(later)
    several = len(known) < rows
    present = watch.latest == watch.last if several and watch.last > NO_MONTH else watch.seen
    if before is None:
        asked, found = len(customers), int(watch.seen.sum())
    else:
        base = _distinct(
            [hasher(texts_of(part.column("id"))) for part in before.slices(0, before.notes.rows, columns=["id"])]
        )
        asked, found = len(base), _common(base, known)
    return FollowUp(
        customers=asked,
        found=found,
        present=watch.named(present),
        marked=watch.named(watch.marked),
        unsaid=watch.named(present & ~watch.said) if has_truth else frozenset(),
        has_truth=has_truth,
    )


def _distinct(parts: Sequence[Hashes]) -> Hashes:
    """Ascending. Sorting takes a third of the time of `numpy.unique`."""
    if not parts:
        return np.empty(0, np.uint64)
    ordered = np.concatenate(parts)
    ordered.sort()
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _common(base: Hashes, known: Hashes) -> int:
    """How many of the first are among the second; both ascending and distinct."""
    if not len(known):
        return 0
    places = np.minimum(np.searchsorted(known, base), len(known) - 1)
    return int(np.count_nonzero(known[places] == base))


def texts_of(column: Any) -> Any:
    """A column's texts as one Arrow string array."""
    whole = column.combine_chunks()
    return (whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole).cast(pa.string())


def months_of(column: Any) -> NDArray[np.int64]:
    """Months as numbers that rise with time; NO_MONTH without one."""
    encoded = texts_of(column).dictionary_encode()
    numbers = [12 * int(text[:4]) + int(text[5:7]) for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    months: NDArray[np.int64] = np.array([*numbers, NO_MONTH], np.int64)[codes]
    return months


class _Watch:
    """Follows the customers asked for through the rows of a run, in any order. Takes a few bytes per customer."""

    def __init__(self, customers: Sequence[str]) -> None:
        self._customers = pa.array(customers, pa.string())
        self.latest = np.full(len(customers), NOT_SEEN, np.int64)
        self.marked: Flags = np.zeros(len(customers), bool)
        self.said: Flags = np.zeros(len(customers), bool)
        self.last = NO_MONTH
        """The latest month of any customer."""

    @property
    def seen(self) -> Flags:
        seen: Flags = self.latest != NOT_SEEN
        return seen

    def add(self, ids: Any, months: NDArray[np.int64], actual: Any) -> None:
        self.last = max(self.last, int(months.max(initial=NO_MONTH)))
        found = pc.index_in(ids, value_set=self._customers).fill_null(-1).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(found >= 0)
        places, months = found[rows], months[rows]
        before = self.latest.copy()
        np.maximum.at(self.latest, places, months)
        newer = self.latest > before
        self.marked[newer] = self.said[newer] = False
        counts = months == self.latest[places]
        truth = actual.take(pa.array(rows))
        self.said[places[counts & pc.is_valid(truth).to_numpy()]] = True
        self.marked[places[counts & truth.fill_null(False).to_numpy()]] = True

    def named(self, chosen: Flags) -> frozenset[str]:
        return frozenset(self._customers.filter(pa.array(chosen)).to_pylist())
