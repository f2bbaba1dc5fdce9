"""Accuracy next to what labelling everybody as staying would get."""

from __future__ import annotations

from domain.evaluation import ConfusionMatrix
from domain.formats import Formats


def accuracy_sentence(counts: ConfusionMatrix, formats: Formats) -> str:
    """How often the labels are right, compared with saying that everybody stays.

    Compares what is shown: two accuracies that round to the same text count as equal.
    """
    if not counts.total:
        return "There are no customers whose outcome is known."
    stayed = counts.false_positive + counts.true_negative
    own, naive = (formats.percent(right / counts.total) for right in (counts.right, stayed))
    if own == naive:
        return f"It is right for {own} of customers, as often as saying that everybody stays."
    if counts.right > stayed:
        return f"It is right for {own} of customers; saying that everybody stays would be right for {naive}."
    return (
        f"It is right for {own} of customers, less often than saying that everybody stays ({naive}), which would find "
        "no one who leaves."
    )
