"""How a file's customers differ from those a model learned from, in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from domain.schema import plain_words

PSI_MOVED, PSI_ACT = 0.10, 0.25
"""The usual bands of the population stability index: below the first stable, above the second a reason to act."""
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
) -> str | None:
    """One sentence on what moved most in an attribute; None where either side has no customers.

    `trained` and `now` count customers by bin: one for each of `levels` (of numbers: below the first of the rising
    `edges`, between them, and above), then values outside of these, then missing ones. `those` names the former ones.
    """
    if not sum(trained) or not sum(now):
        return None
    before, after = _shares(trained), _shares(now)
    if abs(after[-1] - before[-1]) >= max(abs(b - a) for a, b in zip(before[:-1], after[:-1], strict=True)):
        return _compared(f"{plain_words(name)} is blank", before[-1], after[-1], those)
    if levels:
        return _level_words(name, before, after, levels, those)
    return _number_words(name, trained, now, edges, those)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts]


def _level_words(name: str, before: list[float], after: list[float], levels: Sequence[str], those: str) -> str:
    place = max(range(len(levels) + 1), key=lambda at: abs(after[at] - before[at]))
    what = f"{plain_words(name)} is “{levels[place]}”" if place < len(levels) else f"{plain_words(name)} is a new value"
    return _compared(what, before[place], after[place], those)


def _number_words(
    name: str, trained: Sequence[int], now: Sequence[int], edges: Sequence[float], those: str
) -> str | None:
    """At the edge where the shares of customers below it differ most."""
    known_before, known_now = trained[: len(edges) + 1], now[: len(edges) + 1]
    if not edges or not sum(known_before) or not sum(known_now):
        return None
    below_before = list(accumulate(_shares(known_before)))
    below_now = list(accumulate(_shares(known_now)))
    place = max(range(len(edges)), key=lambda at: abs(below_now[at] - below_before[at]))
    before, after = below_before[place], below_now[place]
    if after >= before:
        return _compared(f"{plain_words(name)} is below {edges[place]:,.6g}", before, after, those)
    return _compared(f"{plain_words(name)} is {edges[place]:,.6g} or more", 1.0 - before, 1.0 - after, those)


def _compared(what: str, before: float, after: float, those: str) -> str:
    return f"{what} for {after:.0%} of this file’s customers and {before:.0%} of {those}{_times(before, after)}."


def _times(before: float, after: float) -> str:
    """ ": twice as often", or nothing where the shares speak for themselves."""
    if before < 0.005 or after < 0.005:
        return ""
    ratio = after / before
    if 0.4 <= ratio <= 0.6:
        return ": half as often"
    if 1.9 <= ratio <= 2.1:
        return ": twice as often"
    return f": {ratio:.1f} times as often".replace(".0 ", " ") if ratio > 2.1 else ""
