"""When a column counts as leakage, at the limits."""

from __future__ import annotations

import pytest

from domain.leakage import (
    MIN_EMPTY_PER_LEAVER,
    MIN_FILLED_PER_LEAVER,
    Cells,
    must_be_asked_about,
    ranks_too_well,
)


@pytest.mark.parametrize(
    ("auc", "suspicious", "leakage"),
    [(0.97, False, True), (0.969, False, False), (0.80, True, True), (0.799, True, False), (0.80, False, False)],
)
def test_a_column_that_ranks_customers_alone_is_leakage(auc: float, suspicious: bool, leakage: bool) -> None:
    assert ranks_too_well(auc, suspicious_name=suspicious) is leakage


@pytest.mark.parametrize(
    ("cells", "per_leaver", "of_leavers"),
    [
        (Cells(100, 98, 10_000, 1_000), MIN_FILLED_PER_LEAVER, True),
        (Cells(100, 97, 10_000, 1_000), MIN_FILLED_PER_LEAVER, False),
        (Cells(50, 50, 10_000, 1_000), MIN_FILLED_PER_LEAVER, True),
        (Cells(49, 49, 10_000, 1_000), MIN_FILLED_PER_LEAVER, False),
        (Cells(200, 200, 10_000, 1_000), MIN_EMPTY_PER_LEAVER, True),
        (Cells(199, 199, 10_000, 1_000), MIN_EMPTY_PER_LEAVER, False),
        (Cells(10, 10, 1_000, 20), MIN_FILLED_PER_LEAVER, True),
        (Cells(9, 9, 1_000, 20), MIN_FILLED_PER_LEAVER, False),
        (Cells(500, 500, 1_000, 899), MIN_FILLED_PER_LEAVER, True),
        (Cells(500, 500, 1_000, 900), MIN_FILLED_PER_LEAVER, False),
    ],
)
def test_cells_of_leavers_only_are_leakage(cells: Cells, per_leaver: float, of_leavers: bool) -> None:
    assert cells.are_of_leavers(per_leaver=per_leaver) is of_leavers


@pytest.mark.parametrize(
    ("cells", "of_leavers"),
    [
        (Cells(200, 196, 10_000, 1_000), True),
        (Cells(200, 195, 10_000, 1_000), False),
        (Cells(199, 199, 10_000, 1_000), False),
        (Cells(30, 30, 1_000, 60), True),
        (Cells(29, 29, 1_000, 60), False),
        (Cells(200, 200, 1_000, 500), True),
        (Cells(200, 200, 1_000, 501), False),
    ],
)
def test_unusual_values_of_leavers_only_are_leakage(cells: Cells, of_leavers: bool) -> None:
    assert cells.are_values_of_leavers() is of_leavers


@pytest.mark.parametrize(
    ("cells", "of_stayers"),
    [
        (Cells(500, 0, 10_000, 1_000), True),
        (Cells(499, 0, 10_000, 1_000), False),
        (Cells(2_000, 1, 10_000, 1_000), True),
        (Cells(1_999, 1, 10_000, 1_000), False),
    ],
)
def test_cells_without_leavers_where_many_are_expected_are_leakage(cells: Cells, of_stayers: bool) -> None:
    assert cells.are_of_stayers() is of_stayers


@pytest.mark.parametrize(
    ("cells", "usable"),
    [
        (Cells(500, 10, 1_000, 100), True),
        (Cells(499, 10, 1_000, 100), False),
        (Cells(500, 9, 1_000, 100), False),
        (Cells(500, 490, 1_000, 600), True),
        (Cells(500, 491, 1_000, 600), False),
    ],
)
def test_half_of_the_cells_with_both_outcomes_are_enough_to_use_a_column(cells: Cells, usable: bool) -> None:
    assert cells.are_usable() is usable


@pytest.mark.parametrize(("auc", "asked"), [(0.899, False), (0.90, True), (0.969, True)])
def test_a_column_that_ranks_customers_very_well_is_asked_about(auc: float, asked: bool) -> None:
    assert must_be_asked_about(auc) is asked
