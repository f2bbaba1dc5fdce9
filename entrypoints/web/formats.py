"""How numbers, money, dates and sizes are written on pages."""

from __future__ import annotations

import datetime as dt
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from domain.accuracy import accuracy_sentence
from domain.evaluation import ConfusionMatrix
from domain.file_format import TABLE_ENDINGS
from domain.folders.names import shown_name
from domain.formats import NO_CURRENCY, Formats
from domain.history import history_remark
from domain.history_kind import HistoryFound
from domain.joint_drift import JointDrift, joint_drift_words
from domain.model_comparison import months_in_words
from domain.policy import InstallationPolicy
from domain.run import TrainingOverlap
from domain.schema import CustomerSchema
from domain.scoring_price import cost_words
from domain.training_overlap import overlap_note
from domain.vocabulary.spelling import plain_words
from domain.wording import range_end_words
from entrypoints.web.access import application

NOTHING = "–"


def policy() -> InstallationPolicy:
    """The installation's settings, read once per request."""
    if "policy" not in g:
        g.policy = application().administration.read_settings()
    current_policy: InstallationPolicy = g.policy
    return current_policy


def _numbers() -> Formats:
    return application().formats_of(NO_CURRENCY)


def _amounts() -> Formats:
    """Formats with the installation's currency."""
    return application().formats_of(policy().currency)


def accuracy(counts: ConfusionMatrix) -> str:
    """How often labels are right, in a sentence."""
    return accuracy_sentence(counts, _numbers())


def overlap(own: TrainingOverlap) -> str:
    """Why the quality shown is not that of the file."""
    return overlap_note(own, _numbers())


def history_note(found: HistoryFound, schema: CustomerSchema) -> str:
    """Which earlier months a prediction was made with."""
    return history_remark(schema, found, _numbers())


def joint_drift(own: JointDrift | None) -> str:
    """Whether customers can be distinguished from those of the training."""
    return joint_drift_words(own, _numbers())


def scoring_cost(microseconds: float) -> str:
    return cost_words(microseconds, _numbers())


def currency_sign() -> str:
    """The text before an amount: the currency's sign, or its code and a space."""
    return _amounts().before_amount


def number(value: float | None, digits: int = 0) -> str:
    return NOTHING if value is None else _numbers().number(value, decimals=digits)


def percent(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else _numbers().percent(value, decimals=digits)


def money(value: float | None) -> str:
    """An amount without decimals."""
    return NOTHING if value is None or value != value else _amounts().whole_money(value)


def exact_money(value: float | None) -> str:
    """An amount with the currency's decimals."""
    return NOTHING if value is None or value != value else _amounts().money(value)


def decimal(value: float | None, digits: int = 3) -> str:
    return number(value, digits)


def range_end(value: float) -> str:
    """An end of a range of an attribute's values."""
    return range_end_words(value, _numbers())


def input_number(value: float | None) -> str:
    """A number in a form's field: a point, two decimals and no separators, as the field's parser reads it."""
    return "" if value is None else f"{value:.2f}"


def local(at: datetime) -> datetime:
    """A time in the installation's zone."""
    return at.astimezone(ZoneInfo(policy().time_zone))


def clock() -> str:
    """The time of this machine's clock in the installation's zone, to compare with a phone's clock."""
    return _numbers().time(local(application().now()))


def date(at: datetime | None) -> str:
    return NOTHING if at is None else _numbers().date(local(at))


def day(on: dt.date) -> str:
    """A date that belongs to no time: "22 Nov 2026"."""
    return _numbers().date(datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(policy().time_zone)))


def date_time(at: datetime | None) -> str:
    return NOTHING if at is None else _numbers().date_time(local(at))


def month(text: str) -> str:
    """ "2026-11" as "Nov 2026"; any other text unchanged."""
    try:
        first_day = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 (a month has no zone)
    except ValueError:
        return text
    return _numbers().month(first_day)


def size(count: int | None) -> str:
    if count is None:
        return NOTHING
    amount = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{number(amount, 0 if unit == 'bytes' or amount >= 100 else 1)} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"{number(seconds)} second{'' if round(seconds) == 1 else 's'}"
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def age(seconds: float) -> str:
    """A past time relative to now: minutes up to two hours, hours up to two days, then days."""
    for unit, length, most in (("minute", 60, 120), ("hour", 3600, 48)):
        if seconds < most * length:
            return f"{plural(max(0, int(seconds // length)), unit)} ago"
    return f"{plural(int(seconds // 86_400), 'day')} ago"


def points(difference: float | None, digits: int = 1) -> str:
    """A difference of probabilities in percentage points, signed."""
    if difference is None:
        return NOTHING
    shown = number(difference * 100, digits)
    return f"+{shown}" if difference > 0 and any(digit in shown for digit in "123456789") else shown


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        percent=percent,
        money=money,
        money2=exact_money,
        decimal=decimal,
        range_end=range_end,
        input_number=input_number,
        date=date,
        datetime=date_time,
        day=day,
        month=month,
        months=months_in_words,
        bytes=size,
        duration=duration,
        age=age,
        points=points,
        words=plain_words,
        accuracy=accuracy,
        overlap=overlap,
        joint_drift=joint_drift,
        history=history_note,
        shown_name=shown_name,
    )
    app.jinja_env.globals.update(
        plural=plural, currency_sign=currency_sign, table_endings=",".join((*TABLE_ENDINGS, "text/csv"))
    )
