"""When a customer counts as moved between two predictions."""

from __future__ import annotations

from domain.comparison import MAX_COMPARED_CUSTOMERS, has_risen


def test_a_customer_moves_when_risk_changes_by_five_points() -> None:
    assert [has_risen(change) for change in (0.0, 0.0499, 0.05, 0.2, -0.2)] == [False, False, True, True, False]


def test_two_hundred_thousand_customers_of_each_prediction_are_compared() -> None:
    assert MAX_COMPARED_CUSTOMERS == 200_000
