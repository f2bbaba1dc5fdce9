"""Whether a model is still as good as it was, by the months whose truth is known, and when to train again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from domain.evaluation import Metric
from domain.formats import Formats
from domain.grading import Grading, newest_per_month
from domain.intervals import mean_interval, variance_of
from domain.snapshot_month import in_words, month_at, place_of


class Advice(StrEnum):
    """UNKNOWN: no month is graded yet. FALLEN: the AUC fell by more than chance. MISSED: two following months had
    other numbers of leavers than expected. FRESH: no sign yet."""

    UNKNOWN = "unknown"
    FALLEN = "fallen"
    MISSED = "missed"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class BestBefore:
    """What the graded months of a model say, oldest month first.

    `fall` is the AUC's fall from `reference` to the newest month, with its 95% interval; None where it is not defined.
    `since` is the month of the reference, "" for the customers held out in training. `next_file` is the month of the
    file that will grade the next prediction.
    """

    advice: Advice
    months: tuple[Grading, ...]
    reference: Metric | None = None
    since: str = ""
    fall: Metric | None = None
    next_file: str = ""

    @property
    def train_again(self) -> bool:
        return self.advice in (Advice.FALLEN, Advice.MISSED)


def best_before(gradings: Sequence[Grading], held_out: Metric) -> BestBefore:
    """The advice for one model version. `held_out` is its AUC on customers that it did not learn from.

    The newest month is compared with the first one, or with `held_out` where only one month is graded. A fall counts
    if its 95% interval is above 0, which chance alone reaches once in 40 months.
    """
    months = newest_per_month(gradings)
    if not months:
        return BestBefore(Advice.UNKNOWN, ())
    newest, first = months[-1], months[0]
    since = first.month if len(months) > 1 else ""
    reference = first.quality.auc if len(months) > 1 else held_out
    fall = _fall(reference, newest.quality.auc)
    advice = Advice.FRESH
    if fall is not None and fall.low is not None and fall.low > 0:
        advice = Advice.FALLEN
    elif _missed_in_a_row(months):
        advice = Advice.MISSED
    following = month_at(place_of(newest.month) + 1 + newest.horizon)
    return BestBefore(advice, months, reference, since, fall, following)


def _fall(before: Metric | None, now: Metric | None) -> Metric | None:
    if before is None or now is None:
        return None
    fall = before.value - now.value
    return Metric(fall, *mean_interval(fall, sqrt(_variance(before) + _variance(now)), 1))


def _variance(auc: Metric) -> float:
    """Variance of a figure from the width of its 95% interval; 0 without one."""
    return 0.0 if auc.low is None or auc.high is None else variance_of(auc.low, auc.high)


def _missed_in_a_row(months: Sequence[Grading]) -> bool:
    if len(months) < 2:
        return False
    before, newest = months[-2:]
    follow = place_of(newest.month) - place_of(before.month) == 1
    return follow and not before.quality.is_as_expected and not newest.quality.is_as_expected


def best_before_words(own: BestBefore, formats: Formats) -> str:
    """The sentence that says whether and when to train again, with its uncertainty."""
    if own.advice is Advice.UNKNOWN:
        return (
            "Best before: not known yet. No prediction of this model has been graded; the file of the month after a "
            "prediction grades it."
        )
    month = in_words(own.months[-1].month)
    if own.advice is Advice.FALLEN:
        return f"Best before {month}: train again. {_fall_words(own, formats)}"
    if own.advice is Advice.MISSED:
        before = in_words(own.months[-2].month)
        return (
            f"Best before {month}: train again. In {before} and {month}, the number of leavers was outside of the "
            f"95% interval of the expected number: {_miss_words(own.months[-2], formats)}, then "
            f"{_miss_words(own.months[-1], formats)}."
        )
    return (
        f"Best before: no sign yet that the model is out of date. {_fall_words(own, formats)} Next check: the file of "
        f"{in_words(own.next_file)}."
    )


def _fall_words(own: BestBefore, formats: Formats) -> str:
    newest, fall, reference = own.months[-1].quality.auc, own.fall, own.reference
    if newest is None or fall is None or reference is None:
        return "Its AUC in the newest month is not defined, because nobody left or everybody did."
    number = formats.number
    since = f"in {in_words(own.since)}" if own.since else "on customers it did not learn from"
    change = f"{number(abs(fall.value), decimals=3)} {'lower' if fall.value > 0 else 'higher'}"
    low, high = (-(end or 0.0) for end in (fall.high, fall.low))
    return (
        f"In {in_words(own.months[-1].month)} its AUC was {number(newest.value, decimals=3)}, {change} than {since} "
        f"(95% interval of the change {_signed(low, formats)} to {_signed(high, formats)})."
    )


def _signed(value: float, formats: Formats) -> str:
    written = formats.number(abs(value), decimals=3)
    return f"−{written}" if round(value, 3) < 0 else written


def _miss_words(grading: Grading, formats: Formats) -> str:
    figures = grading.quality
    return f"{formats.number(figures.left)} instead of {formats.number(figures.expected.value)}"
