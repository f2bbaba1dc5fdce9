"""Numbers, amounts, percentages and dates as CLDR writes them, from Babel's data. Patterns are parsed once."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_datetime
from babel.numbers import NumberPattern, get_currency_precision, get_currency_symbol

from domain.csv_style import CsvStyle
from domain.formats import NO_CURRENCY

LOCALE = Locale("en")
"""The language and conventions of every page, export and report."""
MINUS = "−"
"""The minus sign. It is wider than CLDR's hyphen for English, so that nobody reads it as a dash."""
NO_BREAK_SPACE = "\u00a0"
DATE, DATE_TIME, TIME, MONTH = "d MMM y", "d MMM y, HH:mm", "HH:mm:ss", "MMM y"
"""CLDR patterns: the day comes first, and hours count to 24."""


@dataclass(frozen=True, slots=True)
class BabelFormats:
    """Implements `domain.formats.Formats` for one currency. Created by `formats_of`."""

    currency: str
    decimals: int
    before_amount: str
    after_amount: str
    after_percent: str
    group: str
    point: str

    def number(self, value: float, *, decimals: int = 0, min_decimals: int | None = None) -> str:
        digits = self._digits(value, decimals)
        if min_decimals is not None and decimals > min_decimals:
            whole, _, fraction = digits.partition(self.point)
            fraction = fraction[:min_decimals] + fraction[min_decimals:].rstrip("0")
            digits = whole + self.point + fraction if fraction else whole
        return _signed(value, digits, digits)

    def significant(self, value: float, digits: int) -> str:
        text = f"{abs(value):.{digits}g}".replace(".", self.point)
        return _signed(value, text, text)

    def percent(self, fraction: float, *, decimals: int = 1) -> str:
        digits = self._digits(100.0 * fraction, decimals)
        return _signed(fraction, digits, digits + self.after_percent)

    def money(self, amount: float) -> str:
        return self._amount(amount, self.decimals)

    def whole_money(self, amount: float) -> str:
        return self._amount(amount, 0)

    def date(self, at: datetime) -> str:
        return format_datetime(at, DATE, tzinfo=at.tzinfo, locale=LOCALE)

    def date_time(self, at: datetime) -> str:
        return format_datetime(at, DATE_TIME, tzinfo=at.tzinfo, locale=LOCALE)

    def time(self, at: datetime) -> str:
        return format_datetime(at, TIME, tzinfo=at.tzinfo, locale=LOCALE)

    def month(self, at: datetime) -> str:
        return format_datetime(at, MONTH, tzinfo=at.tzinfo, locale=LOCALE)

    def excel_number(self, *, decimals: int = 0) -> str:
        """The number format of an Excel cell. Excel writes the separators of the language it runs in."""
        return f"#,##0.{'0' * decimals}" if decimals else "#,##0"

    def excel_percent(self, *, decimals: int) -> str:
        return f"0.{'0' * decimals}%" if decimals else "0%"

    def excel_amount(self) -> str:
        """The number format of an amount with the currency's decimals."""
        amount = self.excel_number(decimals=self.decimals) + _in_excel(self.after_amount)
        return f"{_in_excel(self.before_amount)}{amount};{_in_excel(MINUS + self.before_amount)}{amount}"

    def _amount(self, amount: float, decimals: int) -> str:
        digits = self._digits(amount, decimals)
        return _signed(amount, digits, f"{self.before_amount}{digits}{self.after_amount}")

    def _digits(self, value: float, decimals: int) -> str:
        """The number without its sign. Python rounds the exact value, so 2.675 with two decimals is "2.67"."""
        text = f"{abs(value):,.{decimals}f}"
        if self.group == "," and self.point == ".":
            return text
        return text.replace(",", "\0").replace(".", self.point).replace("\0", self.group)


@lru_cache(maxsize=64)
def formats_of(currency: str) -> BabelFormats:
    """The formats for a currency. For a code unknown to Babel, the code is the sign, and amounts have two decimals.

    Raises ValueError if the locale does not group digits in threes.
    """
    money = LOCALE.currency_formats["standard"]
    percent = LOCALE.percent_formats[None]
    if money.grouping != (3, 3):
        raise ValueError(f"the locale {LOCALE} does not group digits in threes")
    before, after = _around_amount(money, get_currency_symbol(currency, locale=LOCALE))
    symbols = LOCALE.number_symbols[LOCALE.default_numbering_system]
    return BabelFormats(
        currency=currency,
        decimals=get_currency_precision(currency),
        before_amount=before,
        after_amount=after,
        after_percent=percent.suffix[0].replace("%", symbols["percentSign"]),
        group=symbols["group"],
        point=symbols["decimal"],
    )


def style_of_language(language: str) -> CsvStyle:
    """Implements `domain.csv_style.StyleOfLanguage`, by the decimal mark of the language."""
    try:
        symbols = Locale.parse(language, sep="-").number_symbols
    except (UnknownLocaleError, ValueError):
        return CsvStyle.COMMA
    return CsvStyle.SEMICOLON if symbols.get("latn", {}).get("decimal") == "," else CsvStyle.COMMA


def formats_without_currency() -> BabelFormats:
    """Formats for texts that contain no amounts."""
    return formats_of(NO_CURRENCY)


def is_currency_known(code: str) -> bool:
    """Whether CLDR lists the currency, in use or not."""
    return code in get_global("all_currencies")


def _around_amount(pattern: NumberPattern, sign: str) -> tuple[str, str]:
    """The texts before and after an amount: the pattern with the sign instead of "¤".

    A no-break space separates a letter from the number: "CHF 12", but "CA$12". Babel omits this rule of UTS #35
    (currency spacing).
    """
    before, after = pattern.prefix[0], pattern.suffix[0]
    if before.endswith("¤") and _is_letter_like(sign[-1]):
        before += NO_BREAK_SPACE
    if after.startswith("¤") and _is_letter_like(sign[0]):
        after = NO_BREAK_SPACE + after
    return before.replace("¤", sign), after.replace("¤", sign)


def _is_letter_like(character: str) -> bool:
    return unicodedata.category(character)[0] not in "SZ"


def _signed(value: float, digits: str, text: str) -> str:
    return MINUS + text if value < 0 and any(digit in digits for digit in "123456789") else text


def _in_excel(text: str) -> str:
    """Literal text in a number format. Quotes are removed, because they cannot be escaped there."""
    bare = text.replace('"', "")
    return f'"{bare}"' if bare else ""
