"""How numbers, money, dates and sizes are written on pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from domain.policy import InstallationPolicy
from domain.schema import plain_words
from entrypoints.web.access import desk

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "ZAR": "R", "ZWL": "Z$", "NGN": "₦", "KES": "KSh ", "INR": "₹"}
NOTHING = "–"


def policy() -> InstallationPolicy:
    """The installation's settings, read once a request."""
    if "policy" not in g:
        with desk().new_reading() as uow:
            g.policy = uow.policies.get()
    return g.policy  # type: ignore[no-any-return]


def currency_sign() -> str:
    """The currency's sign, or its code where it has none of its own."""
    code = policy().currency
    return SIGNS.get(code, f"{code} ")


def number(value: float | None, digits: int = 0) -> str:
    return NOTHING if value is None else _signed(f"{value:z,.{digits}f}")


def percent(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else _signed(f"{value * 100:z,.{digits}f}%")


def _signed(text: str) -> str:
    """With a real minus sign."""
    return text.replace("-", "−")


def money(value: float | None, digits: int = 0) -> str:
    if value is None or value != value:
        return NOTHING
    amount = f"{abs(value):,.{digits}f}"
    minus = "−" if value < 0 and float(amount.replace(",", "")) != 0 else ""
    return f"{minus}{currency_sign()}{amount}"


def money2(value: float | None) -> str:
    return money(value, 2)


def decimal(value: float | None, digits: int = 3) -> str:
    return NOTHING if value is None else _signed(f"{value:z.{digits}f}")


def local(at: datetime) -> datetime:
    """A time in the installation's zone."""
    return at.astimezone(ZoneInfo(policy().time_zone))


def clock() -> str:
    """What this machine's clock says, in the installation's zone, to compare with a phone's."""
    return local(desk().clock.now()).strftime("%H:%M:%S")


def date(at: datetime | None) -> str:
    return NOTHING if at is None else f"{local(at).day} {local(at):%b %Y}"


def date_time(at: datetime | None) -> str:
    return NOTHING if at is None else f"{local(at).day} {local(at):%b %Y, %H:%M}"


def month(text: str) -> str:
    """ "2026-11" as "Nov 2026"; anything else as it is."""
    try:
        return datetime.strptime(text, "%Y-%m").strftime("%b %Y")  # noqa: DTZ007 (a month has no zone)
    except ValueError:
        return text


def size(count: int | None) -> str:
    if count is None:
        return NOTHING
    amount = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:,.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def age(seconds: float) -> str:
    """How long ago: minutes up to two hours, hours up to two days, then days."""
    for unit, length, most in (("minute", 60, 120), ("hour", 3600, 48)):
        if seconds < most * length:
            return f"{plural(max(0, int(seconds // length)), unit)} ago"
    return f"{plural(int(seconds // 86_400), 'day')} ago"


def points(difference: float | None, digits: int = 1) -> str:
    """A difference of probabilities in percentage points, signed."""
    if difference is None:
        return NOTHING
    shown = f"{difference * 100:+z.{digits}f}"
    return _signed(shown if float(shown) else shown.lstrip("+"))


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        percent=percent,
        money=money,
        money2=money2,
        decimal=decimal,
        date=date,
        datetime=date_time,
        month=month,
        bytes=size,
        duration=duration,
        age=age,
        points=points,
        words=plain_words,
    )
    app.jinja_env.globals.update(plural=plural, currency_sign=currency_sign)
