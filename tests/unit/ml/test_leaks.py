"""From where on a column gives the answer away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adapters.ml.detection.leakage import leak_of
from adapters.ml.detection.text_columns import text_column

LEFT = np.arange(1000) < 400
"""Of 1,000 customers, the first 400 left."""


def verdict(name: str, values: list[str | None], left: np.ndarray = LEFT) -> str:
    return leak_of(text_column(name, pd.Series(values, dtype="str")), left, seed=0) or ""


def filled_for(leavers: int, stayers: int, left: np.ndarray = LEFT) -> list[str | None]:
    """A cell for so many of those who left and of those who stayed, and none for the others."""
    place = np.where(left, np.cumsum(left), np.cumsum(~left))
    filled = np.where(left, place <= leavers, place <= stayers)
    return ["x" if own else None for own in filled]


def empty_for(leavers: int, stayers: int) -> list[str | None]:
    return [None if cell else "x" for cell in filled_for(leavers, stayers)]


def ranking(auc: float) -> list[str | None]:
    """Two levels that rank 10,000 customers, of whom half left, with this AUC."""
    return [cell or "low" for cell in filled_for(round(5000 * auc), round(5000 * (1 - auc)), np.arange(10_000) < 5000)]


def test_a_column_filled_for_leavers_alone_is_a_leak_from_98_percent_on() -> None:
    assert "only filled for customers who left" in verdict("code", filled_for(98, 2))
    assert verdict("code", filled_for(97, 3)) == ""


def test_a_column_empty_for_leavers_alone_is_a_leak_from_98_percent_on() -> None:
    assert "only empty for customers who left" in verdict("code", empty_for(98, 2))
    assert verdict("code", empty_for(97, 3)) == ""


def test_a_column_filled_for_stayers_alone_is_a_leak_up_to_one_in_200_expected_leavers() -> None:
    assert "only filled for customers who stayed" in verdict("bonus", filled_for(1, 499)), "200 were expected"
    assert verdict("bonus", filled_for(2, 498)) == ""


def test_a_column_empty_for_all_leavers_is_leakage_from_50_expected_cells_on() -> None:
    half = np.arange(1000) < 500
    assert "only filled for customers who stayed" in verdict("bonus", filled_for(0, 100, half), half)
    assert verdict("bonus", filled_for(0, 98, half), half) == ""


@pytest.mark.parametrize(
    ("name", "usual", "others"),
    [
        ("refund_issued", "0", ["1"]),
        ("line_blocked", "N", ["Y"]),
        ("exit_survey", "none", ["price", "service", "moved"]),
        ("early_termination_fee", "0", ["120", "180.5", "240"]),
        ("Deposit", "No deposit", ["Refundable", "Non refund"]),
        ("zustand_der_leitung", "in Betrieb", ["abgebaut"]),
    ],
)
def test_values_that_only_leavers_have_are_a_leak(name: str, usual: str, others: list[str]) -> None:
    def column(leavers: int, stayers: int) -> list[str | None]:
        cells = filled_for(leavers, stayers)
        return [others[place % len(others)] if cell else usual for place, cell in enumerate(cells)]

    assert f"only customers who left have another value than '{usual}'" in verdict(name, column(200, 4))
    assert verdict(name, column(200, 5)) == ""
    assert verdict(name, column(79, 0)) == "", "too few of the 400 who left"
    assert verdict(name, column(5, 300)) == "", "values of those who stayed"


@pytest.mark.parametrize(
    ("name", "auc", "leak"),
    [
        ("Churn score", 0.79, ""),
        ("Churn score", 0.81, "its name suggests leaving"),
        ("Usage score", 0.81, ""),
        ("Usage score", 0.96, ""),
        ("Usage score", 0.98, "almost perfectly"),
    ],
)
def test_the_limit_for_the_auc_of_one_column_depends_on_its_name(name: str, auc: float, leak: str) -> None:
    said = verdict(name, ranking(auc), np.arange(10_000) < 5000)
    assert leak in said
    assert bool(said) is bool(leak)
