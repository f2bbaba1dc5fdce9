"""Words that fit where they are printed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.reporting import charts
from application.ports.reports import ReportContent
from domain.prediction import BandLimits, RiskBand
from domain.wording import money, percent


def fit(text: str, characters: int) -> str:
    """One line that fits: too long a text loses its middle, where names and files differ least."""
    text = charts.drawable(" ".join(text.split()))
    if len(text) <= characters:
        return text
    kept = characters - 1
    return f"{text[: kept - kept // 3]}…{text[len(text) - kept // 3 :]}"


def whole_money(amount: float, content: ReportContent) -> str:
    return money(amount, content.policy.currency, decimals=0)


def when_words(content: ReportContent, when: datetime) -> str:
    local = when.astimezone(ZoneInfo(content.policy.time_zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def day_words(content: ReportContent, when: datetime) -> str:
    local = when.astimezone(ZoneInfo(content.policy.time_zone))
    return f"{local.day} {local:%b %Y}"


def band_range(band: RiskBand, limits: BandLimits) -> str:
    low, high = limits.range_of(band)
    if band is RiskBand.CRITICAL:
        return f"{percent(low, decimals=0)} and more"
    return f"{percent(low, decimals=0)} to {percent(high, decimals=0)}" if low else f"below {percent(high, decimals=0)}"
