"""Values in the order in which people expect them."""

from __future__ import annotations

import pytest

from domain.group_order import months_of_label, places_in_order


@pytest.mark.parametrize(
    ("label", "months"),
    [
        ("Month-to-month", 1),
        ("Two year", 24),
        ("One-year contract", 12),
        ("24 months", 24),
        ("quarterly", 3),
        ("Annual", 12),
        ("18-month", 18),
        ("Fiber optic", None),
        ("No", None),
        ("5G", None),
        ("extra months", None),
    ],
)
def test_a_value_may_say_a_length(label: str, months: float | None) -> None:
    assert months_of_label(label) == months


def test_contracts_are_ordered_by_their_length_and_other_values_stay() -> None:
    contracts = ("Month-to-month", "Two year", "", "One year")
    assert places_in_order(contracts, (False, False, True, False)) == (0, 3, 1, 2)
    assert places_in_order(("Two year", "Fiber optic", "One year"), (False, False, False)) == (0, 1, 2)
    assert places_in_order(("Month-to-month", "Other"), (False, True)) == (0, 1)
    assert places_in_order((), ()) == ()
