"""What moved between training and a file, in one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.formatting.babel_formats import formats_without_currency
from adapters.results.grouping.training_profile import psi
from domain.shift import moved_words, overall_state, psi_by_chance, shift_state, shift_words

FORMATS = formats_without_currency()
METHODS = ("Electronic check", "Mailed check")


def test_a_level_that_is_twice_as_common_is_said_to_be_so() -> None:
    words = shift_words("PaymentMethod", (330, 670, 0, 0), (66, 34, 0, 0), levels=METHODS, formats=FORMATS)
    assert words == (
        "Payment method is “Electronic check” for 66% of this file’s customers and 33% of those the model learned from"
        ": twice as often."
    )


def test_values_that_the_model_never_saw_are_named_as_new() -> None:
    words = shift_words("PaymentMethod", (500, 500, 0, 0), (35, 35, 30, 0), levels=METHODS, formats=FORMATS)
    assert words == (
        "Payment method is a new value for 30% of this file’s customers and 0% of those the model learned from."
    )


def test_drift_names_missing_values_when_they_changed_most() -> None:
    words = shift_words(
        "tenure", (25, 25, 25, 25, 0, 0), (20, 20, 20, 20, 0, 20), edges=(10.0, 20.0, 30.0), formats=FORMATS
    )
    assert words == "Tenure is blank for 20% of this file’s customers and 0% of those the model learned from."


def test_numbers_are_compared_at_the_edge_where_they_differ_most() -> None:
    lower = shift_words(
        "tenure", (25, 25, 25, 25, 0, 0), (50, 40, 5, 5, 0, 0), edges=(10.0, 20.0, 30.0), formats=FORMATS
    )
    higher = shift_words(
        "MonthlyCharges", (25, 25, 25, 25, 0, 0), (0, 0, 25, 75, 0, 0), edges=(10.0, 20.0, 1030.5), formats=FORMATS
    )
    assert lower == "Tenure is below 20 for 90% of this file’s customers and 50% of those the model learned from."
    assert higher == (
        "Monthly charges is 20 or more for 100% of this file’s customers and 50% of those the model learned from"
        ": twice as often."
    )


def test_drift_is_not_described_without_customers_or_edges() -> None:
    assert shift_words("tenure", (0, 0, 0), (1, 0, 0), formats=FORMATS) is None
    assert shift_words("tenure", (1, 0, 0), (0, 0, 0), formats=FORMATS) is None
    assert shift_words("tenure", (5, 0, 0), (5, 1, 0), formats=FORMATS) is None


def test_edges_and_ratios_are_written_with_separators() -> None:
    words = shift_words("MonthlyCharges", (90, 10, 0, 0), (50, 50, 0, 0), edges=(1030.5,), formats=FORMATS)
    assert words == (
        "Monthly charges is 1,030.5 or more for 50% of this file’s customers and 10% of those the model learned from"
        ": 5 times as often."
    )


def test_an_attribute_moves_above_both_the_usual_limit_and_what_chance_could_do() -> None:
    assert [shift_state(psi) for psi in (None, 0.09, 0.10, 0.25, 0.26)] == [
        "unknown",
        "stable",
        "moved",
        "moved",
        "act",
    ]
    assert [shift_state(psi, 0.18) for psi in (0.09, 0.10, 0.18, 0.19, 0.26)] == [
        "stable",
        "unclear",
        "unclear",
        "moved",
        "act",
    ]
    assert [shift_state(psi, 0.4) for psi in (0.3, 0.4, 0.41)] == ["unclear", "unclear", "act"]
    assert shift_state(0.02, 0.001) == "stable", "a trivial shift of a huge file"


def test_chance_is_less_with_more_customers_and_more_with_more_bins() -> None:
    three = psi_by_chance((50, 30, 20), (100, 60, 40))
    assert three == pytest.approx(0.20723, abs=0.005)  # chi-squared with 2 degrees: 13.8155 · (1 / 100 + 1 / 200)
    assert psi_by_chance((5000, 3000, 2000), (10_000, 6000, 4000)) == pytest.approx(0.00207, abs=5e-5)
    assert psi_by_chance((100,) * 12, (20,) * 12) == pytest.approx(0.15632, abs=0.001)  # 31.264 · (1/1200 + 1/240)
    assert psi_by_chance((50, 30, 20, 0, 0), (100, 60, 40, 0, 0)) == three, "bins that nobody is in do not count"
    assert psi_by_chance((0, 0), (3, 4)) is None
    assert psi_by_chance((3, 4), (0, 0)) is None
    assert psi_by_chance((5,), (7,)) is not None


@pytest.mark.parametrize(
    ("learned", "scored", "bins"),
    [(200, 50, 12), (1000, 200, 12), (5000, 200, 52), (500, 5000, 4), (100_000, 100_000, 2)],
)
def test_customers_who_are_like_those_of_the_training_hardly_ever_move(learned: int, scored: int, bins: int) -> None:
    draw = np.random.default_rng(bins)
    shares = 1.0 / np.arange(1, bins + 1)
    moved = 0
    for _ in range(300):
        before, after = (draw.multinomial(count, shares / shares.sum()) for count in (learned, scored))
        moved += shift_state(psi(before, after), psi_by_chance(before.tolist(), after.tolist())) in ("moved", "act")
    assert moved <= 3


def test_the_state_of_a_file_is_that_of_the_attribute_that_needs_most_attention() -> None:
    assert overall_state(["stable", "unclear", "moved", "act"]) == "act"
    assert overall_state(["stable", "unclear", "moved"]) == "moved"
    assert overall_state(["stable", "unclear", "unknown"]) == "unclear"
    assert overall_state(["stable", "unknown"]) == "stable"
    assert overall_state([]) == "unknown"


def test_how_many_attributes_moved_is_said_with_those_of_too_few_customers() -> None:
    assert moved_words(["act", "moved", "stable"], FORMATS) == "2 of 3 attributes moved."
    assert moved_words(["act", "unclear"], FORMATS) == (
        "1 of 2 attributes moved; of 1 there are too few customers to say."
    )
    assert moved_words(["stable", "unclear"], FORMATS) == (
        "None of 2 attributes moved further than chance could explain; of 1 there are too few customers to say."
    )
    assert moved_words(["stable", "stable"], FORMATS) == (
        "All 2 attributes are stable: changes of risk come from customers, not from a different kind of file."
    )
