"""How numbers, amounts of money, percentages and dates are written for people: the port that the wording needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Formats(Protocol):
    """Writes for one currency. Numbers are finite; an amount or number that rounds to zero has no minus sign."""

    @property
    def decimals(self) -> int:
        """The decimals of an amount in this currency."""

    @property
    def before_amount(self) -> str:
        """What is written before an amount: "$", or "CHF" and a no-break space."""

    def number(self, value: float, *, decimals: int = 0, min_decimals: int | None = None) -> str:
        """1234.5 → "1,235". Zeros at the end are left out down to `min_decimals`; None keeps all `decimals`."""

    def significant(self, value: float, digits: int) -> str:
        """The number with so many significant digits, with an exponent where it is very large or small."""

    def percent(self, fraction: float, *, decimals: int = 1) -> str:
        """0.265 → "26.5%"."""

    def money(self, amount: float) -> str:
        """The amount with as many decimals as the currency has: "$1,234.50", "¥1,235", "BHD 1.500"."""

    def whole_money(self, amount: float) -> str:
        """The amount without decimals: "$1,235"."""

    def date(self, at: datetime) -> str:
        """ "3 Sep 2026", in the time's own zone."""

    def date_time(self, at: datetime) -> str:
        """ "3 Sep 2026, 04:05", in the time's own zone."""

    def time(self, at: datetime) -> str:
        """ "04:05:06", in the time's own zone."""

    def month(self, at: datetime) -> str:
        """ "Sep 2026"."""


NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved."""
FormatsOf = Callable[[str], Formats]
"""The formats for a currency's code of three letters. An unknown code is shown instead of a sign."""
