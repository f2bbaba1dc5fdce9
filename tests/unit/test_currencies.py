"""Amounts in different currencies in one column."""

from __future__ import annotations

import pytest

from domain.currencies import Currencies
from domain.errors import FileRefused


def two(*cells: str) -> tuple[str, str] | None:
    currencies = Currencies()
    currencies.add(cells)
    return currencies.two


@pytest.mark.parametrize(
    "cells",
    [
        ("$5", "€7"),
        ("5 USD", "7 EUR"),
        ("£5", "7 €"),
        ("ZWL$ 700", "US$ 5"),
        ("R 90", "$5"),
        ("5 руб.", "$7"),
        ("KES 500", "UGX 9000"),
        ("A$5", "US$7"),
    ],
)
def test_different_currencies_are_list_phrase(cells: tuple[str, str]) -> None:
    assert two("12", *cells, "8.5") == cells


@pytest.mark.parametrize(
    "cells",
    [
        ("$5", "US$7", "9 USD", "12 dollars", "-$5", "($7)"),
        ("5 €", "7 EUR", "9 euros", "€8 per month"),
        ("£5", "GBP 7", "9 pounds"),
        ("¥500", "700 JPY", "900円"),
        ("R5", "ZAR 7"),
        ("₹1,00,000", "INR 7"),
        ("5", "6.5", "", "unlimited", "7%", "12 GB"),
        ("$5", "7 A$"),
    ],
)
def test_spellings_of_one_currency_go_together(cells: tuple[str, ...]) -> None:
    assert two(*cells) is None


def test_a_column_with_two_currencies_is_refused_with_an_example() -> None:
    currencies = Currencies()
    currencies.add(["$5"])
    currencies.must_be_one("bill")
    currencies.add(["€7"])
    with pytest.raises(FileRefused) as refused:
        currencies.must_be_one("bill")
    assert str(refused.value) == (
        "The column “bill” has amounts in different currencies, such as “$5” and “€7”, which cannot be compared. "
        "Convert them to one currency, or make one file for each currency."
    )
