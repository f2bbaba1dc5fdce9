"""Numbers and shares in the messages and notes of adapters, which contain no amounts of money."""

from __future__ import annotations

from adapters.formatting.babel_formats import formats_without_currency


def number(value: float, *, decimals: int = 0) -> str:
    return formats_without_currency().number(value, decimals=decimals)


def significant(value: float, digits: int) -> str:
    return formats_without_currency().significant(value, digits)


def percent(fraction: float, *, decimals: int = 1) -> str:
    return formats_without_currency().percent(fraction, decimals=decimals)
