"""What moved between training and a file, in one sentence."""

from __future__ import annotations

from domain.shift import shift_words

METHODS = ("Electronic check", "Mailed check")


def test_a_level_that_is_twice_as_common_is_said_to_be_so() -> None:
    words = shift_words("PaymentMethod", (330, 670, 0, 0), (66, 34, 0, 0), levels=METHODS)
    assert words == (
        "Payment method is “Electronic check” for 66% of this file’s customers and 33% of those the model learned from"
        ": twice as often."
    )


def test_values_that_the_model_never_saw_are_named_as_new() -> None:
    words = shift_words("PaymentMethod", (500, 500, 0, 0), (35, 35, 30, 0), levels=METHODS)
    assert words == (
        "Payment method is a new value for 30% of this file’s customers and 0% of those the model learned from."
    )


def test_blanks_are_named_where_they_moved_most() -> None:
    words = shift_words("tenure", (25, 25, 25, 25, 0, 0), (20, 20, 20, 20, 0, 20), edges=(10.0, 20.0, 30.0))
    assert words == "Tenure is blank for 20% of this file’s customers and 0% of those the model learned from."


def test_numbers_are_compared_at_the_edge_where_they_differ_most() -> None:
    lower = shift_words("tenure", (25, 25, 25, 25, 0, 0), (50, 40, 5, 5, 0, 0), edges=(10.0, 20.0, 30.0))
    higher = shift_words("MonthlyCharges", (25, 25, 25, 25, 0, 0), (0, 0, 25, 75, 0, 0), edges=(10.0, 20.0, 1030.5))
    assert lower == "Tenure is below 20 for 90% of this file’s customers and 50% of those the model learned from."
    assert higher == (
        "Monthly charges is 20 or more for 100% of this file’s customers and 50% of those the model learned from"
        ": twice as often."
    )


def test_nothing_is_said_without_customers_or_without_edges() -> None:
    assert shift_words("tenure", (0, 0, 0), (1, 0, 0)) is None
    assert shift_words("tenure", (1, 0, 0), (0, 0, 0)) is None
    assert shift_words("tenure", (5, 0, 0), (5, 1, 0)) is None
