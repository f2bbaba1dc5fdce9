"""Bins that a person can read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.results.writing.bin_edges import Spread, number_bins, number_in_words


def spread_of(values: list[float]) -> Spread:
    low, high = np.quantile(values, [0.01, 0.99]).tolist()
    return Spread(min(values), max(values), low, high)


def test_few_integers_have_a_bin_each() -> None:
    bins = number_bins(Spread(0, 3, 0, 3, (0, 1, 3)), most=12)
    assert [(b.label, b.low, b.high) for b in bins] == [("0", 0.0, 1.0), ("1", 1.0, 2.0), ("3", 3.0, 4.0)]


def test_tenure_is_cut_into_years_or_parts_of_years() -> None:
    def labels(most: int) -> list[str]:
        return [b.label for b in number_bins(Spread(0, 71, 1, 70), most=most, months=True)]

    assert labels(11) == ["0–12", "12–24", "24–36", "36–48", "48–60", "60–72"]
    assert labels(12) == [f"{month}–{month + 6}" for month in range(0, 72, 6)]
    assert labels(5) == ["0–24", "24–48", "48–72"]


def test_far_outliers_get_open_bins() -> None:
    bins = number_bins(Spread(-500, 1e9, 20.0, 118.0), most=12)
    assert (bins[0].label, bins[0].low) == ("under 20", None)
    assert (bins[-1].label, bins[-1].high) == ("120 and over", None)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(-1e12, 1e12, allow_nan=False, allow_subnormal=False), min_size=1, max_size=30),
    st.sampled_from([5, 12]),
    st.booleans(),
)
def test_every_number_lies_in_exactly_one_bin(values: list[float], most: int, months: bool) -> None:
    bins = number_bins(spread_of(values), most=most, months=months)
    assert 1 <= len(bins) <= most
    for value in values:
        inside = [b for b in bins if (b.low is None or value >= b.low) and (b.high is None or value < b.high)]
        assert len(inside) == 1


@pytest.mark.parametrize(
    ("number", "words"), [(12.0, "12"), (1000.0, "1,000"), (0.25, "0.25"), (-2.5, "-2.5"), (1e-9, "1e-09")]
)
def test_bin_labels_describe_their_bounds(number: float, words: str) -> None:
    assert number_in_words(number) == words
