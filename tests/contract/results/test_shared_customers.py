"""A customer by id, and the customers that two runs share, with the mean risk of both."""

from __future__ import annotations

import pytest

from application.ports.columns import CustomerColumns
from application.ports.results import ResultStore
from application.ports.shared_customers import SharedCustomers
from domain.errors import ResultMissing
from domain.risk_split import BaseRisk
from tests.contract.results.scored import BANDS, HOSTILE, OTHER, RUN, SCHEMA, Batches, customers, made, write
from tests.fakes.results import InMemoryResults


def shared(store: ResultStore, old: Batches, new: Batches, *, most: int = 100) -> SharedCustomers:
    write(store, old)
    write(store, new, run=OTHER)
    return store.shared_customers(RUN, OTHER, most=most)


def risks(columns: CustomerColumns) -> list[float]:
    found: list[float] = columns.data.column("probability").to_pylist()
    assert columns.rows == len(found)
    return found


def pairs(found: SharedCustomers) -> list[tuple[float, float]]:
    return sorted(zip(risks(found.before), risks(found.after), strict=True))


def test_mean_risks_are_those_of_all_and_of_the_customers_in_both(store: ResultStore) -> None:
    found = shared(
        store,
        customers(("A", 0.5), ("gone", 0.25), ("B", 0.75)),
        customers(("new", 0.875), ("B", 0.25), ("A", 0.625), ("newer", 0.25)),
    )
    assert found.base == BaseRisk(3, 4, 2, 0.5, 0.5, 0.625, 0.4375)
    assert pairs(found) == [(0.5, 0.625), (0.75, 0.25)]


def test_ids_are_equal_if_their_texts_are(store: ResultStore) -> None:
    found = shared(
        store, customers(("7", 0.5), ("b", 0.25), ("Ä", 0.75)), customers(("07", 0.5), ("B", 0.25), ("Ä", 0.5))
    )
    assert found.base.in_both == 1
    assert pairs(found) == [(0.75, 0.5)]


def test_a_customer_counts_once_with_the_latest_month_and_in_it_the_highest_risk(store: ResultStore) -> None:
    found = shared(
        store,
        customers(("A", 0.9, "2026-09"), ("A", 0.25, "2026-10"), ("B", 0.75), ("B", 0.125, "2025-01")),
        customers(("A", 0.125, "2026-11"), ("A", 0.625, "2026-11"), ("B", 0.25, "2026-11"), ("B", 0.5, "2026-02")),
    )
    assert found.base == BaseRisk(2, 2, 2, 0.1875, 0.4375, 0.1875, 0.4375)
    assert pairs(found) == [(0.125, 0.25), (0.25, 0.625)]


def test_attributes_of_both_runs_are_in_the_same_row(store: ResultStore) -> None:
    found = shared(store, made(60, seed=1), made(60, seed=2))
    assert found.before.attributes == found.after.attributes == SCHEMA.names
    place = SCHEMA.names.index(HOSTILE)  # an attribute that depends on the customer alone
    before, after = (side.data.column(f"a{place}").to_pylist() for side in (found.before, found.after))
    assert before == after
    assert set(before) == {"a", "b", HOSTILE, None}
    lines = found.before.data.column(f"a{SCHEMA.names.index('Lines')}").to_pylist()
    assert set(lines) == {1.0, 2.0, 3.0}


def test_a_sample_has_customers_of_both_and_is_the_same_whatever_the_order(store: ResultStore) -> None:
    ids = [f"customer {number}" for number in range(40)]
    risk = {own: number / 64 for number, own in enumerate(ids)}
    first = shared(
        store,
        customers(*((own, risk[own]) for own in ids)),
        customers(*((own, risk[own] + 0.25) for own in reversed(ids))),
        most=7,
    )
    assert first.base.in_both == 40
    assert len(pairs(first)) == 7
    assert all(after == before + 0.25 for before, after in pairs(first))
    again = shared(
        store,
        customers(*((own, risk[own]) for own in sorted(ids))),
        customers(*((own, risk[own] + 0.25) for own in sorted(ids))),
        most=7,
    )
    assert pairs(again) == pairs(first)


@pytest.mark.parametrize(("old", "new"), [(["A"], []), ([], ["A"]), ([], []), (["A"], ["B"])])
def test_without_common_customers_there_are_no_pairs(store: ResultStore, old: list[str], new: list[str]) -> None:
    found = shared(store, customers(*((own, 0.5) for own in old)), customers(*((own, 0.5) for own in new)))
    assert (found.base.customers_before, found.base.customers_after) == (len(old), len(new))
    assert (found.base.in_both, pairs(found)) == (0, [])
    assert (found.base.mean_before, found.base.mean_after) == (0.5 * len(old), 0.5 * len(new))


def test_many_customers_equal_a_plain_computation(store: ResultStore) -> None:
    oracle = InMemoryResults()
    found, expected = (shared(one, made(400, seed=3), made(350, seed=4), most=400) for one in (store, oracle))
    for name in BaseRisk.__dataclass_fields__:
        assert getattr(found.base, name) == pytest.approx(getattr(expected.base, name))
    assert pairs(found) == pairs(expected)


def test_a_customer_is_found_by_the_exact_id(store: ResultStore) -> None:
    write(store, customers(("A-1", 0.25), ("a-1", 0.5), ("A-10", 0.75), ("O'Neill", 0.125)))
    found = {own: store.find(RUN, own, threshold=0.3, bands=BANDS) for own in ("A-1", "a-1", "O'Neill", "A-2", "")}
    assert {own: one and one.prediction.probability for own, one in found.items()} == {
        "A-1": 0.25,
        "a-1": 0.5,
        "O'Neill": 0.125,
        "A-2": None,
        "": None,
    }
    assert found["a-1"] is not None
    assert found["a-1"].prediction.likely_to_leave
    assert found["a-1"].customer.attributes["Lines"] == 2.0


def test_of_several_rows_the_latest_month_is_found_and_in_it_the_highest_risk(store: ResultStore) -> None:
    rows = (("A", 0.875, "2026-09"), ("A", 0.25, "2026-10"), ("A", 0.375, "2026-10"))
    write(store, customers(*rows))
    found = store.find(RUN, "A", threshold=0.5, bands=BANDS)
    assert found is not None
    assert (found.prediction.probability, found.month, found.customer.row) == (0.375, "2026-10", 3)


def test_an_erased_customer_is_not_found_and_not_shared(store: ResultStore) -> None:
    both = customers(("stays", 0.5), ("erased-7781", 0.75))
    assert shared(store, both, both).base.in_both == 2
    for run in (RUN, OTHER):
        store.erase_customer(run, "erased-7781")
    assert store.find(RUN, "erased-7781", threshold=0.5, bands=BANDS) is None
    assert store.shared_customers(RUN, OTHER, most=10).base == BaseRisk(1, 1, 1, 0.5, 0.5, 0.5, 0.5)


def test_a_deleted_result_raises_an_error(store: ResultStore) -> None:
    write(store, customers(("A", 0.5)))
    with pytest.raises(ResultMissing):
        store.shared_customers(RUN, OTHER, most=10)
    with pytest.raises(ResultMissing):
        store.find(OTHER, "A", threshold=0.5, bands=BANDS)
