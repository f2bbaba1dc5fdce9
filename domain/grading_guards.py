"""What makes a grading doubtful, so that a person decides: the prediction itself says what is usual.

What stops a grading altogether are the guards of labels (`domain/label_guards.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from domain.formats import Formats
from domain.label_guards import MIN_MORE_MISSING, STANDARD_ERRORS, Vanished, vanished_words
from domain.snapshot_month import in_words

TIMES_EXPECTED = 2.0
"""Missing customers over expected leavers from which the later file may lack customers."""
MIN_BOTH_WAYS = 0.2
"""Share of the marked customers who are missing besides, from which it is unclear what the marks mean."""


@dataclass(frozen=True, slots=True)
class GradingEvidence:
    """What the two files show. `customers` are those of the graded month, of whom `missing` are not in the later file.

    `marked` are in it and marked as having left by `column`. `expected_rate` is the expected share of leavers.
    `own_leavers` are marked as having left in the file of the prediction itself.
    """

    month: str
    later: str
    customers: int
    missing: int
    expected_rate: float
    marked: int = 0
    column: str = ""
    own_leavers: int = 0


def doubts(evidence: GradingEvidence, vanished: Sequence[Vanished], formats: Formats) -> tuple[str, ...]:
    """What a person has to look at before the grading is stored, one sentence each; empty if the files look sound."""
    return (
        *_own_leavers(evidence, formats),
        *(vanished_words(own, formats) for own in vanished),
        *_more_missing(evidence, formats),
        *_both_ways(evidence, formats),
    )


def _own_leavers(own: GradingEvidence, formats: Formats) -> list[str]:
    if not own.own_leavers:
        return []
    return [
        (
            f"The file of {in_words(own.month)} marks {formats.number(own.own_leavers)} customers itself as having "
            "left. If they had left by then, they are left out of the grading; if they left afterwards, the quality of "
            "the prediction is known already."
        )
    ]


def _more_missing(own: GradingEvidence, formats: Formats) -> list[str]:
    share, usual = own.missing / own.customers, own.expected_rate
    by_chance = STANDARD_ERRORS * sqrt(usual * (1 - usual) / own.customers)
    if share < TIMES_EXPECTED * usual or share - usual < max(MIN_MORE_MISSING, by_chance):
        return []
    return [
        (
            f"{formats.percent(share)} of the customers of {in_words(own.month)} are missing in the file of "
            f"{in_words(own.later)}, and {formats.percent(usual)} were expected to leave: that file may lack customers."
        )
    ]


def _both_ways(own: GradingEvidence, formats: Formats) -> list[str]:
    if not own.marked or own.missing < MIN_BOTH_WAYS * own.marked:
        return []
    return [
        (
            f"In the file of {in_words(own.later)}, {formats.number(own.missing)} customers are missing and "
            f"{formats.number(own.marked)} more are marked as having left by “{own.column[:60]}”. Both count as left; "
            "if the column says who will leave later, grade by missing customers alone."
        )
    ]
