"""Rules of the domain called with a column of numbers: each row gets what the rule gives one customer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from domain.playbook import Action, Comparison, Condition
from domain.prediction import is_labelled_churn
from domain.recommendation import Economics, expected_gain

NUMBERS = [-math.inf, 0.0, 6.0, 6.5, math.inf, math.nan]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(("tenure",)), [True, True, True, True, True, False]),
        (Condition(("tenure",), Comparison.AT_LEAST, limit=6.0), [False, False, True, True, True, False]),
        (Condition(("tenure",), Comparison.AT_MOST, limit=6.0), [True, True, True, False, False, False]),
        (Condition(("tenure",), Comparison.AT_MOST), [False] * 6),
        (Condition(("tenure",), Comparison.IS, levels=("6",)), [False] * 6),
    ],
)
def test_a_missing_number_meets_no_condition(condition: Condition, holds: list[bool]) -> None:
    assert condition.holds_for_number(np.array(NUMBERS)).tolist() == holds
    assert [condition.holds_for_number(number) for number in NUMBERS] == holds


def test_a_column_of_probabilities_is_labelled_row_by_row() -> None:
    assert is_labelled_churn(np.array([0.4199, 0.42, 0.43, math.nan]), 0.42).tolist() == [False, True, True, False]


def test_a_column_of_revenues_gives_value_cost_and_gain_row_by_row() -> None:
    revenue = np.array([0.0, 100.0])
    value = Economics(margin=0.5, value_months=12.0).value_of(revenue)
    offer = Action("offer", "Offer", "Stay.", (Condition(("*",)),), offer_fixed=5.0, offer_share=0.1, offer_months=6.0)
    cost = offer.offer_cost(revenue)
    gain = expected_gain(np.array([0.5, 0.5]), value=value, save_rate=0.25, offer_cost=cost, contact_cost=1.0)
    assert value.tolist() == [0.0, 600.0]
    assert cost.tolist() == [5.0, 65.0]
    assert gain.tolist() == [-4.125, 33.375]  # the second: 0.5·(0.25·535 − 1) − 0.5·66
