"""Which customers of an earlier run a later run has, and which of them it marks as having left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from application.ports.columns import CustomerBatch
from application.ports.follow_up import FollowUp
from application.ports.results import ResultStore
from domain.errors import ResultMissing
from tests.contract.results.scored import OTHER, RUN, Batches, customers, write

Row = tuple[str, str | None, bool | None]


def later(*rows: Row) -> Batches:
    """Rows with these ids, months and truths."""
    plain = customers(*((own, 0.5) for own, _, _ in rows))
    data = plain.customers.data
    columns = dict(zip(data.schema.names, data.columns, strict=True))
    columns["month"] = pa.array([month for _, month, _ in rows], pa.string())
    columns["actual"] = pa.array([truth for _, _, truth in rows], pa.bool_())
    return replace(plain, customers=CustomerBatch(len(rows), pa.RecordBatch.from_pydict(columns)))


def followed(store: ResultStore, base: Sequence[str], after: Batches, *asked: str) -> FollowUp:
    write(store, customers(*((own, 0.5) for own in base)))
    write(store, after, run=OTHER)
    found = store.follow_up(RUN, OTHER, asked)
    assert store.follow_into(RUN, [after.customers], asked) == found, "a file that was not scored says the same"
    return found


def test_customers_of_the_earlier_run_are_found_by_their_exact_ids(store: ResultStore) -> None:
    found = followed(store, ["A", "B", "b", "007", "E"], customers(("b", 0.1), ("7", 0.2), ("E", 0.3)), "B", "007", "E")
    assert (found.customers, found.found) == (5, 2)
    assert found.present == {"E"}
    assert (found.marked, found.unsaid, found.has_truth) == (frozenset(), frozenset(), False)


def test_a_customer_counts_once_however_many_rows_there_are(store: ResultStore) -> None:
    found = followed(store, ["A", "A", "B"], customers(("A", 0.1), ("A", 0.3), ("C", 0.2)), "A", "B")
    assert (found.customers, found.found, found.present) == (2, 1, {"A"})


def test_customers_are_marked_by_the_truth_of_the_file(store: ResultStore) -> None:
    after = later(("A", None, True), ("B", None, False), ("C", None, None))
    found = followed(store, ["A", "B", "C", "D"], after, "A", "B", "C", "D")
    assert (found.present, found.marked, found.unsaid, found.has_truth) == ({"A", "B", "C"}, {"A"}, {"C"}, True)


def test_of_several_rows_the_latest_month_counts_and_in_it_any_mark(store: ResultStore) -> None:
    after = later(
        ("A", "2026-11", False),
        ("A", "2026-10", True),
        ("B", "2026-10", False),
        ("B", "2026-11", True),
        ("B", "2026-11", False),
        ("C", "2026-11", None),
        ("C", "2026-10", True),
    )
    found = followed(store, ["A", "B", "C"], after, "A", "B", "C")
    assert (found.present, found.marked, found.unsaid) == ({"A", "B", "C"}, {"B"}, {"C"})


def test_of_a_file_with_several_months_a_customer_is_present_in_its_last_month(store: ResultStore) -> None:
    after = later(
        ("A", "2026-10", False),
        ("B", "2026-10", True),
        ("C", "2026-10", None),
        ("C", "2026-11", False),
        ("D", None, None),
    )
    found = followed(store, ["A", "B", "C", "D"], after, "A", "B", "C", "D")
    assert (found.found, found.present, found.marked) == (4, {"C"}, {"B"})


def test_with_one_row_of_each_customer_the_month_does_not_matter(store: ResultStore) -> None:
    found = followed(store, ["A", "B"], later(("A", "2026-10", None), ("B", "2026-11", None)), "A", "B")
    assert found.present == {"A", "B"}


def test_without_the_earlier_run_the_customers_asked_for_are_the_base(store: ResultStore) -> None:
    write(store, customers(("A", 0.1), ("B", 0.2)), run=OTHER)
    found = store.follow_up(None, OTHER, ["A", "X", "Y"])
    assert (found.customers, found.found, found.present) == (3, 1, {"A"})


def test_rows_are_reported_as_they_are_read(store: ResultStore) -> None:
    write(store, customers(("A", 0.1), ("B", 0.2), ("C", 0.2)), run=OTHER)
    rows = list[int]()
    store.follow_up(None, OTHER, [], on_rows=rows.append)
    assert rows[-1] == 3


def test_a_run_without_results_raises_an_error(store: ResultStore) -> None:
    write(store, customers(("A", 0.1)))
    with pytest.raises(ResultMissing):
        store.follow_up(RUN, OTHER, ["A"])
