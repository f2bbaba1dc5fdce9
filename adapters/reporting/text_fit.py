"""Formats texts for the limited space of a printed report."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.formatting.babel_formats import formats_of, formats_without_currency
from adapters.reporting.print_fonts import drawable
from application.ports.reports import ReportContent
from domain import wording
from domain.prediction import BandLimits, RiskBand


def fit(text: str, characters: int) -> str:
    """The text on one line. Cuts the middle of too long a text, because names differ mostly at their ends."""
    text = drawable(" ".join(text.split()))
    if len(text) <= characters:
        return text
    room = characters - 1
    return f"{text[: room - room // 3]}…{text[len(text) - room // 3 :]}"


def count(number: int) -> str:
    return formats_without_currency().number(number)


def decimal(value: float, decimals: int) -> str:
    return formats_without_currency().number(value, decimals=decimals)


def times(value: float) -> str:
    return f"{decimal(value, 2)}×"


def bound(value: float) -> str:
    return wording.range_end_words(value, formats_without_currency())


def percent(fraction: float, *, decimals: int = 1) -> str:
    return wording.percent(fraction, formats_without_currency(), decimals=decimals)


def money(amount: float, content: ReportContent) -> str:
    return wording.money(amount, formats_of(content.policy.currency))


def whole_money(amount: float, content: ReportContent) -> str:
    return wording.whole_money(amount, formats_of(content.policy.currency))


def when_words(content: ReportContent, when: datetime) -> str:
    return formats_without_currency().date_time(when.astimezone(ZoneInfo(content.policy.time_zone)))


def day_words(content: ReportContent, when: datetime) -> str:
    return formats_without_currency().date(when.astimezone(ZoneInfo(content.policy.time_zone)))


def band_range(band: RiskBand, limits: BandLimits) -> str:
    low, high = limits.range_of(band)
    if band is RiskBand.CRITICAL:
        return f"{percent(low, decimals=0)} and more"
    return f"{percent(low, decimals=0)} to {percent(high, decimals=0)}" if low else f"below {percent(high, decimals=0)}"
