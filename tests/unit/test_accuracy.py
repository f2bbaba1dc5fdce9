"""Accuracy next to what saying that everybody stays would get."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.accuracy import accuracy_sentence
from domain.evaluation import ConfusionMatrix


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            ConfusionMatrix(145, 90, 120, 645),
            "It is right for 79.0% of customers; saying that everybody stays would be right for 73.5%.",
        ),
        (
            ConfusionMatrix(0, 0, 265, 735),
            "It is right for 73.5% of customers, as often as saying that everybody stays.",
        ),
        (
            ConfusionMatrix(120, 120, 145, 615),
            "It is right for 73.5% of customers, as often as saying that everybody stays.",
        ),
        (
            ConfusionMatrix(230, 400, 35, 335),
            (
                "It is right for 56.5% of customers, less often than saying that everybody stays (73.5%), which would "
                "find no one who leaves."
            ),
        ),
        (
            ConfusionMatrix(30_001, 10_000, 30_000, 69_999),
            "It is right for 71.4% of customers; saying that everybody stays would be right for 57.1%.",
        ),
        (
            ConfusionMatrix(10_001, 10_000, 30_000, 70_000),
            "It is right for 66.7% of customers, as often as saying that everybody stays.",
        ),
        (
            ConfusionMatrix(4, 0, 0, 0),
            "It is right for 100.0% of customers; saying that everybody stays would be right for 0.0%.",
        ),
        (ConfusionMatrix(0, 0, 0, 0), "There are no customers whose outcome is known."),
    ],
    ids=["better", "nobody labelled", "equal", "worse", "much better", "equal when rounded", "all left", "nobody"],
)
def test_accuracy_is_compared_with_saying_that_everybody_stays(counts: ConfusionMatrix, sentence: str) -> None:
    assert accuracy_sentence(counts, formats_without_currency()) == sentence
