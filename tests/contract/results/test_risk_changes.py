"""How the risk of the customers changed from one run to another."""

from __future__ import annotations

from typing import Any

import pytest

from application.ports.results import ResultStore
from application.ports.risk_changes import Mover, RiskChanges
from domain.errors import ResultMissing
from domain.prediction import RiskBand
from tests.contract.results.scored import BANDS, OTHER, RUN, Batches, customers, made, write
from tests.fakes.results import InMemoryResults

LOW, MEDIUM, HIGH, CRITICAL = RiskBand


def changes(store: ResultStore, **given: Any) -> RiskChanges:
    usual: dict[str, Any] = {"thresholds": (0.5, 0.5), "most": 1000, "movers": 12}
    return store.risk_changes(RUN, OTHER, bands=BANDS, **(usual | given))


def compared(store: ResultStore, old: Batches, new: Batches, **given: Any) -> RiskChanges:
    write(store, old)
    write(store, new, run=OTHER)
    return changes(store, **given)


def test_customers_of_both_new_and_gone_ones_are_counted(store: ResultStore) -> None:
    changes = compared(
        store,
        customers(("up", 0.10), ("down", 0.60), ("steady", 0.30), ("gone", 0.90), ("left", 0.20)),
        customers(("steady", 0.33), ("new", 0.80), ("down", 0.20), ("newer", 0.1), ("newest", 0.3), ("up", 0.75)),
    )
    assert (changes.in_both, changes.up, changes.down, changes.steady) == (3, 1, 1, 1)
    assert (changes.newly_likely, changes.no_longer_likely) == (1, 1)
    assert (changes.new.customers, changes.new.likely, changes.gone.customers, changes.gone.likely) == (3, 1, 2, 1)
    assert changes.new.by_band == {LOW: 1, MEDIUM: 1, HIGH: 0, CRITICAL: 1}
    assert changes.gone.by_band == {LOW: 1, MEDIUM: 0, HIGH: 0, CRITICAL: 1}
    assert len(changes.transitions) == 16
    assert {key: count for key, count in changes.transitions.items() if count} == {
        (LOW, CRITICAL): 1,
        (HIGH, LOW): 1,
        (MEDIUM, MEDIUM): 1,
    }
    assert changes.risers == (
        Mover("up", 1, 6, 0.10, 0.75, LOW, CRITICAL),
        Mover("steady", 3, 1, 0.30, 0.33, MEDIUM, MEDIUM),
    )
    assert changes.fallers == (Mover("down", 2, 3, 0.60, 0.20, HIGH, LOW),)


def test_each_run_has_its_own_threshold(store: ResultStore) -> None:
    one = customers(("A", 0.3), ("B", 0.5), ("C", 0.7))
    changes = compared(store, one, one, thresholds=(0.7, 0.5))
    assert (changes.newly_likely, changes.no_longer_likely) == (1, 0)


def test_a_change_of_five_points_counts_and_a_smaller_one_does_not(store: ResultStore) -> None:
    changes = compared(
        store,
        customers(("A", 0.25), ("B", 0.25), ("C", 0.5), ("D", 0.5)),
        customers(("A", 0.3125), ("B", 0.2969), ("C", 0.4375), ("D", 0.4531)),
    )
    assert (changes.up, changes.down, changes.steady) == (1, 1, 2)


def test_the_latest_month_of_a_customer_counts_and_in_it_the_highest_risk(store: ResultStore) -> None:
    changes = compared(
        store,
        customers(("A", 0.9, "2026-09"), ("A", 0.2, "2026-10"), ("B", 0.8), ("B", 0.1, "2025-01")),
        customers(("A", 0.1, "2026-11"), ("A", 0.6, "2026-11"), ("A", 0.7, "2026-02"), ("B", 0.1, "2026-11")),
    )
    assert (changes.in_both, changes.new.customers, changes.gone.customers) == (2, 0, 0)
    assert changes.risers == (Mover("A", 2, 2, 0.2, 0.6, LOW, HIGH),)
    assert changes.fallers == ()


def test_without_months_the_highest_risk_of_a_customer_counts(store: ResultStore) -> None:
    changes = compared(store, customers(("A", 0.2), ("A", 0.4)), customers(("A", 0.6), ("A", 0.1)))
    assert changes.risers == (Mover("A", 2, 1, 0.4, 0.6, MEDIUM, HIGH),)


def test_only_so_many_movers_are_listed_and_equal_ones_in_order_of_the_later_risk(store: ResultStore) -> None:
    changes = compared(
        store,
        customers(("A", 0.5), ("B", 0.25), ("C", 0.75), ("D", 0.5)),
        customers(("A", 0.625), ("B", 0.375), ("C", 0.5), ("D", 0.25)),
        movers=1,
    )
    assert [mover.customer_id for mover in changes.risers] == ["B"]
    assert [mover.customer_id for mover in changes.fallers] == ["C"]


def test_only_the_customers_with_the_highest_risk_are_read(store: ResultStore) -> None:
    one = customers(("C", 0.1), ("A", 0.9), ("B", 0.8))
    assert compared(store, one, one, most=2).in_both == 2


def test_runs_without_customers_have_no_changes(store: ResultStore) -> None:
    changes = compared(store, customers(("A", 0.9)), customers())
    assert (changes.in_both, changes.new.customers, changes.gone.customers) == (0, 0, 1)
    assert (changes.risers, changes.fallers, sum(changes.transitions.values())) == ((), (), 0)


@pytest.mark.parametrize("most", [1, 40, 10_000])
def test_the_changes_of_many_customers_equal_a_plain_computation(store: ResultStore, most: int) -> None:
    oracle = InMemoryResults()
    for one in (store, oracle):
        write(one, made(400, seed=3))
        write(one, made(350, seed=4), made(20, seed=5, first=500), run=OTHER)
    given = {"thresholds": (0.4, 0.3), "most": most, "movers": 9}
    assert changes(store, **given) == changes(oracle, **given)


def test_a_deleted_result_cannot_be_compared(store: ResultStore) -> None:
    write(store, customers(("A", 0.9)))
    with pytest.raises(ResultMissing):
        changes(store)
