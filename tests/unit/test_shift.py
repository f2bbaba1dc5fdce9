"""What moved between training and a file, in one sentence."""

from __future__ import annotations

from adapters.formatting.babel_formats import formats_without_currency
from domain.shift import shift_words

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
