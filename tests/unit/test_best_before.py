"""When to train again: a fall beyond chance, or two misses in a row."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.best_before import Advice, best_before, best_before_words
from domain.evaluation import Metric
from domain.formats import NO_CURRENCY
from domain.grading import Grading, GradingId, GradingSource
from domain.snapshot_month import month_at, place_of
from tests.builders.gradings import a_grading, graded_figures

FORMATS = formats_of(NO_CURRENCY)
HELD_OUT = Metric(0.85, 0.83, 0.87)


def graded(month: str, auc: float | None, left: int = 100) -> Grading:
    """A month with 100 expected leavers (90 to 110) and an AUC that is known to 0.02."""
    metric = None if auc is None else Metric(auc, auc - 0.02, auc + 0.02)
    figures = graded_figures(customers=2_000, left=left, expected=Metric(100.0, 90.0, 110.0), auc=metric)
    source = GradingSource("later.csv", "0" * 64, month_at(place_of(month) + 1))
    return a_grading(id=GradingId(month), month=month, figures=figures, source=source, treated=0, untreated=None)


def words(*gradings: Grading) -> str:
    return best_before_words(best_before(list(gradings), HELD_OUT), FORMATS)


def test_nothing_is_known_without_graded_months() -> None:
    assert words() == (
        "Best before: not known yet. No prediction of this model has been graded; the file of the month after a "
        "prediction grades it."
    )


def test_the_first_month_is_compared_with_held_out_customers() -> None:
    assert words(graded("2026-09", 0.83)) == (
        "Best before: no sign yet that the model is out of date. In September 2026 its AUC was 0.830, 0.020 lower than "
        "on customers it did not learn from (95% interval of the change −0.048 to 0.008). Next check: the file of "
        "November 2026."
    )
    assert words(graded("2026-09", 0.82)) == (
        "Best before September 2026: train again. In September 2026 its AUC was 0.820, 0.030 lower than on "
        "customers it did not learn from (95% interval of the change −0.058 to −0.002)."
    )


def test_later_months_are_compared_with_the_first_one() -> None:
    low_from_the_start = best_before([graded("2026-09", 0.80), graded("2026-10", 0.79)], HELD_OUT)
    assert (low_from_the_start.advice, low_from_the_start.since) == (Advice.FRESH, "2026-09")
    assert not low_from_the_start.train_again
    assert words(graded("2026-10", 0.84), graded("2026-08", 0.88), graded("2026-09", 0.80)) == (
        "Best before October 2026: train again. In October 2026 its AUC was 0.840, 0.040 lower than in August 2026 "
        "(95% interval of the change −0.068 to −0.012)."
    )
    assert "0.010 higher than in August 2026" in words(graded("2026-08", 0.84), graded("2026-09", 0.85))


def test_two_misses_in_following_months_are_a_sign() -> None:
    assert words(graded("2026-08", 0.84, left=120), graded("2026-09", 0.84, left=111)) == (
        "Best before September 2026: train again. In August 2026 and September 2026, the number of leavers was outside "
        "of the 95% interval of the expected number: 120 instead of 100, then 111 instead of 100."
    )


@pytest.mark.parametrize(
    "months",
    [
        [("2026-08", 120), ("2026-09", 110)],
        [("2026-08", 120), ("2026-10", 120)],
        [("2026-08", 120), ("2026-09", 100), ("2026-10", 120)],
        [("2026-09", 120)],
    ],
)
def test_single_misses_and_gaps_are_none(months: list[tuple[str, int]]) -> None:
    own = best_before([graded(month, 0.85, left) for month, left in months], HELD_OUT)
    assert own.advice is Advice.FRESH


def test_a_month_without_an_auc_says_so() -> None:
    assert "Its AUC in the newest month is not defined" in words(graded("2026-09", 0.84), graded("2026-10", None, 100))
    assert best_before([graded("2026-10", None)], Metric(0.8)).fall is None


def test_a_reference_without_an_interval_has_no_variance() -> None:
    own = best_before([graded("2026-10", 0.80)], Metric(0.83))
    assert own.fall is not None
    assert own.fall.low == pytest.approx(0.01)
    assert own.next_file == "2026-12"
