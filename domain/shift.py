"""Describes in words how a file's customers differ from the training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

from domain import wording
from domain.formats import Formats
from domain.vocabulary.spelling import plain_words

PSI_MOVED, PSI_ACT = 0.10, 0.25
"""The usual bands of the population stability index: below the first stable, above the second a reason to act."""
MIN_PSI_CUSTOMERS = 50
"""Customers from which a PSI is worked out: from here on its distribution by chance is known well enough."""
Z_CHANCE = 3.090232
"""The normal distribution's 99.9 % quantile: chance exceeds the limit of an attribute once in a thousand times."""
BY_CHANCE = (
    "A PSI that chance alone could reach (once in a thousand times, by the number of customers and of values) counts "
    "as too few customers to say."
)
"""The part of the rule that depends on the number of customers, in words."""
TRAINING = "those the model learned from"


STATES = {"stable": "Stable", "moved": "Moved", "act": "Moved far", "unclear": "Too few to say", "unknown": "Unknown"}
"""States of an attribute, and their words."""


def shift_state(psi: float | None, by_chance: float | None = None) -> str:
    """ "stable", "moved", "act", "unclear" where chance alone could explain it, or "unknown" without a PSI.

    An attribute has moved only if its PSI is above both the usual limit, so that trivial shifts of huge files do not
    count, and `by_chance`, so that chance in small files does not. Results of earlier versions lack `by_chance`.
    """
    if psi is None:
        return "unknown"
    if psi < PSI_MOVED:
        return "stable"
    if by_chance is not None and psi <= by_chance:
        return "unclear"
    return "moved" if psi <= PSI_ACT else "act"


def has_moved(state: str) -> bool:
    return state in ("moved", "act")


@dataclass(frozen=True, slots=True)
class AttributeDrift:
    """Drift of an attribute between two runs: PSI (None below the minimum sample), and a description if it drifted.

    `by_chance` is the PSI that chance alone could reach.
    """

    attribute: str
    psi: float | None
    words: str | None = None
    by_chance: float | None = None

    @property
    def state(self) -> str:
        return shift_state(self.psi, self.by_chance)


def overall_state(states: Sequence[str]) -> str:
    """The state of a file by those of its attributes: the one that needs most attention."""
    return next((state for state in ("act", "moved", "unclear", "stable") if state in states), "unknown")


def moved_words(states: Sequence[str], formats: Formats) -> str:
    """How many of the attributes with these states moved, in one sentence."""
    moved, unclear = sum(map(has_moved, states)), sum(own == "unclear" for own in states)
    count = f"{formats.number(len(states))} attribute{'' if len(states) == 1 else 's'}"
    few = f"; of {formats.number(unclear)} there are too few customers to say" if unclear else ""
    if moved:
        return f"{formats.number(moved)} of {count} moved{few}."
    if unclear:
        return f"None of {count} moved further than chance could explain{few}."
    return f"All {count} are stable: changes of risk come from customers, not from a different kind of file."


def psi_by_chance(trained: Sequence[int], now: Sequence[int]) -> float | None:
    """The PSI that chance alone exceeds once in a thousand times; None without customers on either side.

    If nothing has moved, n·m / (n + m) · PSI of n and m customers in B bins is about chi-squared with B − 1 degrees of
    freedom. Bins without any customer do not count. Yurdakul & Naranjo, "Statistical properties of the population
    stability index", Journal of Risk Model Validation 14(3), 2020. The quantile is that of Wilson & Hilferty, PNAS 17,
    1931.
    """
    before, after = sum(trained), sum(now)
    if not before or not after:
        return None
    freedom = max(1, sum(bool(old + new) for old, new in zip(trained, now, strict=True)) - 1)
    part = 2.0 / (9.0 * freedom)
    return float(freedom * (1.0 - part + Z_CHANCE * sqrt(part)) ** 3 * (1.0 / before + 1.0 / after))


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
