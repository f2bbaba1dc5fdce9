"""Which attributes of history are tried, what they gained, and what is said where earlier months are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.campaign_outcomes import MIN_FOUND_PERCENT
from domain.customer import Value
from domain.formats import Formats
from domain.history_kind import HistoryFound, HistoryGain, HistoryKind, HistoryOf
from domain.model_comparison import months_in_words
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.snapshot_month import month_at, place_of
from domain.vocabulary.spelling import plain_words

MAX_SOURCES = 40
"""Attributes whose history is tried: the first of the schema."""
YES_NO = ("No", "Yes")
"""The levels of an attribute that says whether another one changed."""


def history_candidates(schema: CustomerSchema, *, most: int = MAX_SOURCES) -> tuple[Column, ...]:
    """The attributes of history that are tried for this schema.

    Not for dates and for how long somebody has been a customer, which change by themselves.
    """
    sources = [
        column for column in schema.columns if column.kind is not ColumnKind.DATE and not schema.is_tenure(column.name)
    ]
    made = [own for column in sources[:most] for own in _of(column)]
    made.append(Column(HistoryOf(HistoryKind.SEEN).name, ColumnKind.NUMERIC, history=HistoryOf(HistoryKind.SEEN)))
    taken = {*schema.names, *schema.needed}
    return tuple(own for own in made if own.name not in taken)


def _of(column: Column) -> tuple[Column, ...]:
    if column.kind is not ColumnKind.NUMERIC:
        changed = HistoryOf(HistoryKind.CHANGED, column.name)
        return (Column(changed.name, ColumnKind.BOOLEAN, YES_NO, history=changed),)
    kinds = (HistoryKind.CHANGE, HistoryKind.LONG_CHANGE)
    made = [HistoryOf(kind, column.name) for kind in kinds]
    return tuple(Column(own.name, ColumnKind.NUMERIC, unit=column.unit, history=own) for own in made)


def gain_sentences(gain: HistoryGain | None, formats: Formats) -> tuple[str, ...]:
    """What a model's history gained, for its page and card; nothing where none was tried."""
    if gain is None:
        return ()
    tried = f"{formats.number(gain.tried)} attributes of earlier months were tried"
    if not gain.kept:
        return (f"{tried}; none lowered the log-loss of unseen months by more than its error, so none is used.",)
    parts = [
        f"{plain_words(own.column)} lowered the log-loss of unseen months by {formats.number(own.gain, decimals=4)} "
        f"(standard error {formats.number(own.standard_error, decimals=4)})."
        for own in gain.kept
    ]
    return (f"{tried}, and {formats.number(len(gain.kept))} of them kept.", *parts)


def is_other_base_before(found: int, asked: int, months: int) -> bool:
    """Whether too few of the customers were there so many months before: 60% of them for each month."""
    return not asked or found < (MIN_FOUND_PERCENT / 100) ** months * asked


def needed_months(schema: CustomerSchema, months: Sequence[str]) -> tuple[str, ...]:
    """The earlier months that a model's history needs for rows of these months, newest first, without the months."""
    lags = {lag for column in schema.history_columns if column.history for lag in column.history.kind.lags}
    places = {place_of(month) - lag for month in months for lag in lags}
    return tuple(month_at(place) for place in sorted(places - set(map(place_of, months)), reverse=True))


def history_remark(schema: CustomerSchema, own: HistoryFound, formats: Formats) -> str:
    """What is said of a result whose model needs earlier months; "" for another model."""
    columns = schema.history_columns
    if not columns:
        return ""
    count = formats.number(len(columns))
    verb = "needs" if len(columns) == 1 else "need"
    begin = f"{count} of the model’s attributes {verb} earlier months"
    if not own.months:
        return (
            f"{begin}; which month this file shows is not known: predictions are less exact. Give the month in the "
            "file’s name or in a column."
        )
    others = f" {', '.join(own.others[:3])} shows another base." if own.others else ""
    if own.is_complete:
        return f"{begin}: {_named(own)}.{others}"
    if not own.found and len(own.months) == 1:
        return (
            f"{begin}; none were found: predictions are less exact. Give last month’s file: score it first, or name "
            f"it with --earlier on the command line.{others}"
        )
    lacking = ", ".join(months_in_words([month]) for month in sorted(own.missing))
    is_missing = "is" if len(own.missing) == 1 else "are"
    return f"{begin}: {_named(own)}. {lacking} {is_missing} missing: predictions are less exact.{others}"


def _named(own: HistoryFound) -> str:
    named = ", ".join(f"{months_in_words([month])} ({own.found[month][:60]})" for month in sorted(own.found))
    return named or "the file’s own"


def history_after(schema: CustomerSchema, now: Mapping[str, Value], changed: Mapping[str, Value]) -> dict[str, Value]:
    """The attributes of history of a customer whose values change now: a bill that falls by 5 has changed by 5 less.

    Unknown history stays unknown. Only attributes that become others are returned.
    """
    after: dict[str, Value] = {}
    for column in schema.history_columns:
        own, before = column.history, now.get(column.name)
        if own is None or own.source not in changed or before is None:
            continue
        old, new = now.get(own.source), changed[own.source]
        if new is None:
            after[column.name] = None
        elif own.kind is HistoryKind.CHANGED:
            after[column.name] = YES_NO[1]
        elif isinstance(before, float | int) and isinstance(old, float | int) and isinstance(new, float | int):
            after[column.name] = float(before) + float(new) - float(old)
    return after
