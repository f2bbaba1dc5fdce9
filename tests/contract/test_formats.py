"""Amounts, numbers and dates: literal examples, and the same text as Babel writes for every currency."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from babel.core import get_global
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from adapters.formatting.babel_formats import LOCALE, formats_of, formats_without_currency, is_currency_known

CURRENCIES = sorted(get_global("all_currencies"))
THIN = "\u202f"


@pytest.mark.parametrize(
    ("currency", "plain", "negative", "large"),
    [
        ("USD", "$1,234.50", "−$3.25", "$98,765,432,100.00"),
        ("EUR", "€1,234.50", "−€3.25", "€98,765,432,100.00"),
        ("GBP", "£1,234.50", "−£3.25", "£98,765,432,100.00"),
        ("JPY", "¥1,234", "−¥3", "¥98,765,432,100"),
        ("CHF", "CHF\u00a01,234.50", "−CHF\u00a03.25", "CHF\u00a098,765,432,100.00"),
        ("KES", "KES\u00a01,234.50", "−KES\u00a03.25", "KES\u00a098,765,432,100.00"),
        ("ZWL", "ZWL\u00a01,234.50", "−ZWL\u00a03.25", "ZWL\u00a098,765,432,100.00"),
        ("ZWG", "ZWG\u00a01,234.50", "−ZWG\u00a03.25", "ZWG\u00a098,765,432,100.00"),
        ("BHD", "BHD\u00a01,234.500", "−BHD\u00a03.250", "BHD\u00a098,765,432,100.000"),
        ("INR", "₹1,234.50", "−₹3.25", "₹98,765,432,100.00"),
        ("CAD", "CA$1,234.50", "−CA$3.25", "CA$98,765,432,100.00"),
        ("XOF", f"F{THIN}CFA\u00a01,234", f"−F{THIN}CFA\u00a03", f"F{THIN}CFA\u00a098,765,432,100"),
        ("ABC", "ABC\u00a01,234.50", "−ABC\u00a03.25", "ABC\u00a098,765,432,100.00"),
    ],
)
def test_amounts_have_the_sign_and_the_decimals_of_their_currency(
    currency: str, plain: str, negative: str, large: str
) -> None:
    formats = formats_of(currency)
    assert [formats.money(amount) for amount in (1234.5, -3.25, 98_765_432_100.0)] == [plain, negative, large]


@given(
    st.sampled_from(CURRENCIES),
    st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100) | st.just(-0.0),
)
def test_amounts_are_those_of_babel_but_for_space_and_minus(currency: str, amount: float) -> None:
    expected = format_currency(Decimal(amount), currency, locale=LOCALE)
    bare = expected.replace("-", "") if not any(digit in expected for digit in "123456789") else expected
    assert formats_of(currency).money(amount).replace("\u00a0", "").replace("−", "-") == bare.replace("\u00a0", "")


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_numbers_are_those_of_babel_but_for_the_minus(value: float, decimals: int) -> None:
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    expected = format_decimal(Decimal(value), format=pattern, locale=LOCALE)
    bare = expected.replace("-", "") if not any(digit in expected for digit in "123456789") else expected
    assert formats_without_currency().number(value, decimals=decimals).replace("−", "-") == bare


@pytest.mark.parametrize(
    ("value", "decimals", "min_decimals", "written"),
    [
        (1234.5, 2, 0, "1,234.5"),
        (1234.0, 2, 0, "1,234"),
        (1234.5, 2, 1, "1,234.5"),
        (1234.0, 2, 1, "1,234.0"),
        (1234.5, 2, None, "1,234.50"),
        (-0.004, 2, 0, "0"),
        (1200.0, 0, 0, "1,200"),
    ],
)
def test_trailing_zeros_are_left_out(value: float, decimals: int, min_decimals: int | None, written: str) -> None:
    assert formats_without_currency().number(value, decimals=decimals, min_decimals=min_decimals) == written


def test_percentages_and_dates_have_a_fixed_format() -> None:
    formats, at = formats_without_currency(), datetime(2026, 9, 3, 4, 5, 6, tzinfo=UTC)
    assert [formats.percent(0.26543), formats.percent(-0.5, decimals=0), formats.percent(12.5)] == [
        "26.5%",
        "−50%",
        "1,250.0%",
    ]
    assert (formats.date(at), formats.date_time(at)) == ("3 Sep 2026", "3 Sep 2026, 04:05")
    assert (formats.time(at), formats.month(at)) == ("04:05:06", "Sep 2026")


@pytest.mark.parametrize(
    ("code", "known"), [("USD", True), ("ZWG", True), ("ZWL", True), ("ABC", False), ("usd", False)]
)
def test_a_currency_is_known_when_cldr_lists_it(code: str, known: bool) -> None:
    assert is_currency_known(code) is known
