"""Describes in words how a file's customers differ from the training data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from domain import wording
from domain.formats import Formats
from domain.vocabulary.spelling import plain_words

PSI_MOVED, PSI_ACT = 0.10, 0.25
"""The usual bands of the population stability index: below the first stable, above the second a reason to act."""
MIN_PSI_CUSTOMERS = 200
"""Customers from which a PSI is worked out; with fewer, a shift is noise."""
TRAINING = "those the model learned from"


def shift_state(psi: float | None) -> str:
    """ "stable", "moved", "act", or "unknown" where there were too few customers."""
    if psi is None:
        return "unknown"
    return "stable" if psi < PSI_MOVED else "moved" if psi <= PSI_ACT else "act"


def shift_words(
    name: str,
    trained: Sequence[int],
    now: Sequence[int],
    *,
    levels: Sequence[str] = (),
    edges: Sequence[float] = (),
    those: str = TRAINING,
    formats: Formats,
) -> str | None:
    """One sentence on what moved most in an attribute; None where either side has no customers.

    `trained` and `now` count customers by bin: one for each of `levels` (of numbers: below the first of the rising
    `edges`, between them, and above), then values outside of these, then missing ones. `those` are words
    for the customers of `trained`.
    """
    if not sum(trained) or not sum(now):
        return None
    before, after = _shares(trained), _shares(now)
    if abs(after[-1] - before[-1]) >= max(abs(b - a) for a, b in zip(before[:-1], after[:-1], strict=True)):
        return _compared(f"{plain_words(name)} is blank", before[-1], after[-1], those, formats)
    if levels:
        return _level_words(name, before, after, levels, those, formats)
    return _number_words(name, trained, now, edges, those, formats)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts]


def _level_words(
    name: str, before: list[float], after: list[float], levels: Sequence[str], those: str, formats: Formats
) -> str:
    place = max(range(len(levels) + 1), key=lambda at: abs(after[at] - before[at]))
    what = f"{plain_words(name)} is “{levels[place]}”" if place < len(levels) else f"{plain_words(name)} is a new value"
    return _compared(what, before[place], after[place], those, formats)


def _number_words(
    name: str, trained: Sequence[int], now: Sequence[int], edges: Sequence[float], those: str, formats: Formats
) -> str | None:
    """At the edge where the shares of customers below it differ most."""
    known_before, known_now = trained[: len(edges) + 1], now[: len(edges) + 1]
    if not edges or not sum(known_before) or not sum(known_now):
        return None
    below_before = list(accumulate(_shares(known_before)))
    below_now = list(accumulate(_shares(known_now)))
    place = max(range(len(edges)), key=lambda at: abs(below_now[at] - below_before[at]))
    before, after = below_before[place], below_now[place]
    edge = wording.range_end_words(edges[place], formats)
    if after >= before:
        return _compared(f"{plain_words(name)} is below {edge}", before, after, those, formats)
    return _compared(f"{plain_words(name)} is {edge} or more", 1.0 - before, 1.0 - after, those, formats)


def _compared(what: str, before: float, after: float, those: str, formats: Formats) -> str:
    now, then = formats.percent(after, decimals=0), formats.percent(before, decimals=0)
    return f"{what} for {now} of this file’s customers and {then} of {those}{_times(before, after, formats)}."


def _times(before: float, after: float, formats: Formats) -> str:
    """ ": twice as often", or an empty string where the shares show it already."""
    if before < 0.005 or after < 0.005:
        return ""
    ratio = after / before
    if 0.4 <= ratio <= 0.6:
        return ": half as often"
    if 1.9 <= ratio <= 2.1:
        return ": twice as often"
    return f": {formats.number(ratio, decimals=1, min_decimals=0)} times as often" if ratio > 2.1 else ""
