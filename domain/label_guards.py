"""What stops a label from being made of a base, and what a person has to look at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import median

from domain.campaign_outcomes import is_another_base
from domain.dates import DateForm, day_of, day_part
from domain.errors import FileRefused
from domain.formats import Formats
from domain.label_figures import LabelFigures
from domain.label_rule import LabelRule, LabelSource
from domain.presence import Fate
from domain.snapshot_month import in_words

MAX_REPEATED = 0.02
"""Share of a month's rows that may repeat a customer."""
MIN_RESPELLED, MIN_RESPELLED_SHARE = 5, 0.01
"""Missing customers whose ids come back in another spelling, from which the files write ids differently."""
MIN_REUSED, MIN_REUSED_SHARE = 5, 0.01
"""Customers whose time as a customer falls, from which ids are given to other customers again."""
MIN_SKIPPED_SHARE = 0.01
"""Share of a month's customers who are not in the next file, but in a later one, from which that file is doubtful."""
MIN_CHANGE, TIMES_USUAL = 0.03, 3.0
"""Relative change of the number of customers from one file to the next that is unusual: at least 3%, and three times
that of the other months."""
MIN_MORE_MISSING, TIMES_MORE_MISSING, STANDARD_ERRORS = 0.01, 1.5, 4.0
"""Share of missing customers that is unusual: one point and half as much again as the median of the other months, and
by more than so many standard errors above it."""
MIN_OF_VALUE, MIN_VALUE_SHARE = 20, 0.005
"""Customers with one value from which its vanishing is no chance."""
MAX_KEPT = 0.05
"""Share of the customers with a value who are still there, up to which it has vanished."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """All or nearly all customers of a month with one value who are missing in the next file."""

    month: str
    column: str
    value: str
    customers: int
    missing: int


@dataclass(frozen=True, slots=True)
class SpelledIds:
    """Ids of two months that differ only in their spelling: how many, and what differs between the two."""

    earlier: str
    later: str
    customers: int
    difference: str


def spelling_difference(first: str, second: str) -> str:
    """How two spellings of one id differ, in words that name no customer."""
    if first.lstrip("0") == second or second.lstrip("0") == first:
        return "with leading zeros in one and without them in the other"
    if first.removesuffix(".0") == second.removesuffix(".0"):
        return "as numbers with “.0” in one and as text in the other"
    if first.casefold() == second.casefold():
        return "in capital letters in one and in small letters in the other"
    return "with other separators, zeros or letters"


def repeated_must_be_few(figures: LabelFigures, id_name: str, formats: Formats) -> None:
    """Raises FileRefused for a month in which too many rows repeat an id."""
    for month in figures.months:
        rows = month.customers + month.repeated
        if month.repeated > MAX_REPEATED * rows:
            raise FileRefused(
                f"{_in(month.month)}{formats.number(month.repeated)} of {formats.number(rows)} rows repeat an id in "
                f"“{id_name}”, so it does not name one customer each.",
                advice="Choose another column as the customer, or give each customer one row in a file.",
            )


def ids_must_be_spelled_alike(found: Sequence[SpelledIds], customers: Mapping[str, int], formats: Formats) -> None:
    """Raises FileRefused if the ids of a month come back in another spelling. `customers` are those of each month."""
    for own in found:
        if own.customers >= max(MIN_RESPELLED, MIN_RESPELLED_SHARE * customers.get(own.earlier, 0)):
            raise FileRefused(
                f"The ids of {in_words(own.earlier)} and {in_words(own.later)} are written differently: "
                f"{formats.number(own.customers)} customers have the same id {own.difference}, and would count as "
                "having left.",
                advice="Export both files with the ids as text, written alike.",
            )


def must_be_one_base(figures: LabelFigures, vanished: Sequence[Vanished], formats: Formats) -> None:
    """Raises FileRefused if too few customers of a month are in the next file."""
    for month, later in pairwise(figures.months):
        found = month.customers - month.missing
        if is_another_base(found, month.customers):
            lost = " ".join(vanished_words(own, formats) for own in vanished if own.month == month.month)
            raise FileRefused(
                f"Only {formats.number(found)} of the {formats.number(month.customers)} customers of "
                f"{in_words(month.month)} are in the file of {in_words(later.month)}, so they look like two different "
                f"bases.{f' {lost}' if lost else ''}",
                advice="Use files with all customers of the same base, and the same column of ids.",
            )


def ids_must_not_be_reused(month: str, column: str, *, compared: int, fell: int, formats: Formats) -> None:
    """Raises FileRefused if the time as a customer falls for too many ids from `month` to the next."""
    if fell >= max(MIN_REUSED, MIN_REUSED_SHARE * compared):
        raise FileRefused(
            f"From {in_words(month)} to the next month, “{column}” falls for {formats.number(fell)} of "
            f"{formats.number(compared)} customers that were compared, so their ids were given to other customers.",
            advice="Use ids that stay with a customer, such as the contract number instead of the telephone number.",
        )


def somebody_must_have_left(figures: LabelFigures, rule: LabelRule, formats: Formats) -> None:
    """Raises FileRefused if all customers left, or none did, or a file holds only customers who have left."""
    for month in figures.months:
        if month.customers and month.gone == month.customers:
            raise FileRefused(
                f"{_in(month.month)}all {formats.number(month.customers)} customers have left, by “{rule.column}”.",
                advice=_advice_on(rule),
            )
    left, stayed = figures.left(rule.horizon, rule.returning), figures.stayed(rule.horizon, rule.returning)
    if left and stayed:
        return
    if not left and not stayed:
        raise FileRefused(
            "No customer can be labelled with these choices.", advice="Choose a shorter time, or add a later file."
        )
    if not stayed:
        raise FileRefused(f"All {formats.number(left)} customers have left.", advice=_advice_on(rule))
    where = "no customer of a month is missing in the later file" if rule.horizon else "no row says that one has left"
    raise FileRefused(
        f"Nobody has left: {where}.",
        advice="Check that the files are different months, and that customers who left are no longer in them."
        if rule.horizon
        else _advice_on(rule),
    )


def warnings(figures: LabelFigures, vanished: Sequence[Vanished], formats: Formats) -> tuple[str, ...]:
    """What a person has to look at before the label is used, one sentence each; empty if the files look sound."""
    return (
        *(vanished_words(own, formats) for own in vanished),
        *_skipped(figures, formats),
        *_unusual_sizes(figures, formats),
        *_unusually_missing(figures, formats),
    )


def vanished_words(own: Vanished, formats: Formats) -> str:
    all_of = "All" if own.missing == own.customers else f"{formats.number(own.missing)} of the"
    return (
        f"{all_of} {formats.number(own.customers)} customers of {in_words(own.month)} with {own.column[:60]} = "
        f"“{own.value[:60]}” are missing in the next file: a part of the base may be lacking there."
    )


def is_part_of_a_base(value: str) -> bool:
    """Whether customers with this value can be a part of the base, such as a region. A day is none: it passes by."""
    return all(day_of(day_part(value), form) is None for form in (DateForm.YEAR_FIRST, DateForm.MONTH_FIRST))


def not_usual(vanished: Sequence[Vanished], figures: LabelFigures) -> tuple[Vanished, ...]:
    """Without values whose customers go missing in most months, such as those of a trial, and without days."""
    transitions = max(1, len(figures.months) - 1)
    times: dict[tuple[str, str], int] = {}
    for own in vanished:
        times[own.column, own.value] = times.get((own.column, own.value), 0) + 1
    seldom = max(1, transitions // 3)
    return tuple(own for own in vanished if times[own.column, own.value] <= seldom and is_part_of_a_base(own.value))


def _skipped(figures: LabelFigures, formats: Formats) -> list[str]:
    sentences = []
    for before, month in pairwise(figures.months):
        if month.skipped and month.skipped >= MIN_SKIPPED_SHARE * before.customers:
            sentences.append(
                f"{formats.number(month.skipped)} customers are not in the file of {in_words(month.month)}, and are in "
                f"files before and after it ({formats.percent(month.skipped / before.customers)}): that file may lack "
                "customers, who would count as having left."
            )
    return sentences


def _unusual_sizes(figures: LabelFigures, formats: Formats) -> list[str]:
    pairs = [(a, b) for a, b in pairwise(figures.months) if a.customers]
    changes = [(later.customers - before.customers) / before.customers for before, later in pairs]
    sentences = []
    for place, (change, (before, later)) in enumerate(zip(changes, pairs, strict=True)):
        others = [abs(own) for own in (*changes[:place], *changes[place + 1 :])]
        usual = median(others) if others else 0.0
        if abs(change) >= max(MIN_CHANGE, TIMES_USUAL * usual):
            more, lacking = ("more", before) if change > 0 else ("fewer", later)
            sentences.append(
                f"{in_words(later.month)} has {formats.percent(abs(change))} {more} customers than "
                f"{in_words(before.month)}, which is unusual: the file of {in_words(lacking.month)} may lack customers."
            )
    return sentences


def _unusually_missing(figures: LabelFigures, formats: Formats) -> list[str]:
    months = [month for month in figures.months[:-1] if month.customers]
    shares = [month.missing / month.customers for month in months]
    sentences = []
    for place, (share, month) in enumerate(zip(shares, months, strict=True)):
        others = [*shares[:place], *shares[place + 1 :]]
        usual = median(others) if others else share
        by_chance = STANDARD_ERRORS * sqrt(usual * (1 - usual) / month.customers)
        if share >= TIMES_MORE_MISSING * usual and share - usual >= max(MIN_MORE_MISSING, by_chance):
            sentences.append(
                f"{formats.percent(share)} of the customers of {in_words(month.month)} are missing in the next file; "
                f"in other months it is {formats.percent(usual)}."
            )
    return sentences


def returned_note(figures: LabelFigures, horizon: int, formats: Formats) -> str | None:
    """How many customers return after they were missing; None if nobody does."""
    returned = figures.count(horizon, Fate.RETURNED)
    if not returned:
        return None
    away = returned + figures.count(horizon, Fate.LEFT)
    return (
        f"{formats.number(returned)} of {formats.number(away)} customers who were missing are customers again in a "
        "later file."
    )


def _advice_on(rule: LabelRule) -> str:
    if rule.source is LabelSource.STATUS:
        return "Choose the values that mean left, and use a file that also holds customers who stayed."
    if rule.source is LabelSource.MONTHS:
        return "Use files with all customers of each month."
    return "Choose another day or another number of days, and use a file that also holds customers who stayed."


def _in(month: str) -> str:
    return f"In the file of {in_words(month)}, " if month else ""
