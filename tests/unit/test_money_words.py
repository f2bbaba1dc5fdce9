"""Currency signs, codes and words as files write them next to a number."""

from __future__ import annotations

import pytest
from babel import Locale, localedata
from babel.core import get_global

from adapters.intake.numbers import number_of
from tests import currency_words

FIGURE = 63.58


@pytest.mark.parametrize(
    "text",
    [
        "Rp 63.58",
        "Rp63.58",
        "Rp. 63.58",
        "RM63.58",
        "rm 63.58",
        "63.58 TL",
        "63.58TL",
        "TL 63.58",
        "DH 63.58",
        "63.58 dh",
        "S/ 63.58",
        "S/63.58",
        "63.58 руб.",
        "63.58 руб",
        "63.58 ₽",
        "63.58元",
        "63.58 원",
        "৳63.58",
        "63.58 đ",
        "63.58 ₫",
        "ZWL$63.58",
        "ZWL$ 63.58",
        "63.58 zł",
        "63.58 Kč",
        "KSh 63.58",
        "KSh63.58",
        "R$ 63.58",
        "R63.58",
        "63.58 euros",
        "63.58 USD",
        "usd 63.58",
        "63.58 د.إ",
        "63.58 ر.س.\u200f",
        "$63.58/month",
        "63.58 EUR pro Monat",
        "$63.58 USD",
        "C$63.58",
        "B/. 63.58",
        "Kr. 63.58",
        "63.58 kr.",
        "USh 63.58",
        "L. 63.58",
        "63.58 грн",
    ],
)
def test_an_amount_with_its_currency_is_a_number(text: str) -> None:
    assert number_of(text) == FIGURE


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-$63.58", -63.58),
        ("$-63.58", -63.58),
        ("($63.58)", -63.58),
        ("63.58- ", -63.58),
        ("Rs.20", 20.0),
        ("S/.20", 20.0),
        ("$.50", 0.5),
        ("Rp 1.234.567", 1_234_567.0),
        ("€ 1 234,50", 1234.5),
    ],
)
def test_signs_and_marks_next_to_a_currency(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["UP12", "Q1", "12 K", "12M", "50 cents", "SIM123", "plan 12", "12 kg", "B12", "XYZ 5", "DA12", "12 of 20"]
)
def test_codes_and_units_are_no_currencies(text: str) -> None:
    assert number_of(text) is None


def test_every_code_and_sign_of_cldr_is_understood() -> None:
    signs = {
        sign
        for name in localedata.locale_identifiers()
        for code, sign in Locale.parse(name).currency_symbols.items()
        if sign != code and len(currency_words.key_of(sign)) > 1
    }
    unread = {sign for sign in signs if number_of(f"{sign} 63.58") != FIGURE or number_of(f"63.58 {sign}") != FIGURE}
    assert len(signs) > 150
    assert {currency_words.key_of(sign) for sign in unread} == {"kg", "km"}
    codes = get_global("all_currencies")
    assert len(codes) > 300
    assert [code for code in codes if number_of(f"{code} 63.58") != FIGURE or number_of(f"63.58{code}") != FIGURE] == []
