"""Validation forward in time: which months are tested, intervals, errors, and the words for them."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.evaluation import Metric, RandomFolds
from domain.forward_validation import (
    MonthCounts,
    MonthLevel,
    UnseenMonth,
    expected_change,
    leavers_interval,
    mean_error,
    mean_error_before,
    months_to_test,
    movement,
)
from domain.forward_words import (
    expected_sentence,
    forward_sentences,
    months_sentence,
    random_folds_sentence,
    recalibration_sentence,
)
from tests.builders import an_evaluation

FORMATS = formats_without_currency()


def months(*churned: int, customers: int = 100) -> list[MonthCounts]:
    return [MonthCounts(f"2026-{place:02d}", customers, left) for place, left in enumerate(churned, 1)]


def unseen(
    churned: int = 27, expected: float = 29.0, *, before: float = 33.0, customers: int = 100, low: float = 20.0
) -> UnseenMonth:
    return UnseenMonth("2026-10", customers, churned, expected, low, 38.0, before)


def test_the_newest_four_months_are_tested() -> None:
    assert months_to_test(months(30, 30, 30, 30, 30, 30)) == ("2026-03", "2026-04", "2026-05", "2026-06")
    assert months_to_test(months(30, 30, 30)) == ("2026-02", "2026-03")


def test_months_are_ordered_by_time() -> None:
    assert months_to_test(months(30, 30, 30)[::-1]) == ("2026-02", "2026-03")


def test_two_months_are_not_tested() -> None:
    assert months_to_test(months(30, 30)) == ()
    assert months_to_test([]) == ()


@pytest.mark.parametrize(
    ("churned", "tested"),
    [
        ((30, 30, 20, 30), ("2026-02", "2026-03", "2026-04")),
        ((30, 30, 19, 30), ("2026-02", "2026-04")),
        ((30, 80, 80, 81), ("2026-02", "2026-03")),
        ((20, 30, 30), ("2026-02", "2026-03")),
        ((19, 30, 30), ()),
        ((30, 30, 19), ()),
    ],
)
def test_a_month_needs_twenty_leavers_and_stayers_and_so_do_the_months_before(
    churned: tuple[int, ...], tested: tuple[str, ...]
) -> None:
    assert months_to_test(months(*churned)) == tested


def test_an_interval_allows_for_chance_in_the_month_and_in_the_one_that_recalibrated_it() -> None:
    low, high = leavers_interval(100.0, customers=400, variance=72.0, earlier_variance=72.0, moving=0.0)
    assert (low, high) == (pytest.approx(76.481, abs=0.001), pytest.approx(123.520, abs=0.001))
    assert leavers_interval(2.0, customers=5, variance=4.0, earlier_variance=4.0, moving=0.0) == (0.0, 5.0)


def test_an_interval_allows_for_churn_that_moves_from_month_to_month() -> None:
    low, high = leavers_interval(100.0, customers=400, variance=72.0, earlier_variance=72.0, moving=0.01)
    assert (low, high) == (pytest.approx(72.571, abs=0.001), pytest.approx(127.429, abs=0.001))


def levels(*values: float, variance: float = 0.0025) -> list[MonthLevel]:
    return [MonthLevel(f"2026-{place:02d}", value, variance) for place, value in enumerate(values, 1)]


def test_a_change_that_chance_does_not_explain_is_expected_to_go_on() -> None:
    assert expected_change(levels(0.0, 0.1, 0.3, variance=0.0)) == pytest.approx(0.15)
    assert expected_change(levels(5.0, 0.0, 0.1, 0.3, variance=0.0)) == pytest.approx(0.15)
    assert expected_change(levels(0.2, 0.1, variance=0.0)) == pytest.approx(-0.1)
    assert expected_change(levels(0.0, 0.1, 0.3)) == pytest.approx(0.15 * (1 - 0.2134), abs=1e-4)


def test_a_change_within_chance_is_not_expected_to_go_on() -> None:
    assert expected_change(levels(0.0, 0.05, 0.13)) == 0.0
    assert expected_change(levels(0.0, 0.05, 0.14)) > 0.0
    assert expected_change(levels(0.4)) == expected_change([]) == 0.0


def test_movement_is_what_neither_chance_nor_the_expected_change_explains() -> None:
    assert movement(levels(0.0, 0.3, variance=0.01)) == pytest.approx(0.07)
    assert movement(levels(0.0, 0.1, variance=0.01)) == 0.0
    assert movement(levels(0.0, 0.1, 0.2, 0.3, variance=0.0)) == pytest.approx(0.01 / 3)
    assert movement(levels(0.0, 0.1, 0.0, variance=0.0)) == pytest.approx((0.01 + 0.04) / 2)
    assert movement(levels(0.4)) == movement([]) == 0.0


def test_a_month_is_as_expected_within_its_interval() -> None:
    assert unseen(20).is_as_expected
    assert unseen(38).is_as_expected
    assert not unseen(19).is_as_expected
    assert not unseen(39).is_as_expected


def test_rates_are_shares_of_the_customers() -> None:
    month = unseen(50, 60.0, before=80.0, customers=200)
    assert (month.churn_rate, month.expected_rate, month.rate_before) == (0.25, 0.3, 0.4)
    assert (month.low_rate, month.high_rate) == (0.1, 0.19)


def test_errors_of_opposite_sign_do_not_cancel() -> None:
    both = [unseen(27, 29.0, before=33.0), unseen(27, 26.0, before=21.0)]
    assert mean_error(both) == pytest.approx(0.015)
    assert mean_error_before(both) == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (288.0, "Forward in time the model expects 1.9 points too many: 28.8% instead of 26.9%."),
        (268.0, "Forward in time the model expects 0.1 points too few: 26.8% instead of 26.9%."),
        (269.4, "Forward in time the model expects as many leavers as there were: 26.9%."),
    ],
)
def test_too_many_or_too_few_is_said_in_points(expected: float, sentence: str) -> None:
    assert expected_sentence([unseen(269, expected, customers=1000)], FORMATS) == sentence


def test_points_are_the_difference_of_the_percentages_that_are_shown() -> None:
    sentence = expected_sentence([unseen(2696, 2884.0, customers=10_000)], FORMATS)
    assert sentence == "Forward in time the model expects 1.8 points too many: 28.8% instead of 27.0%."


def test_months_within_their_interval_are_counted() -> None:
    assert months_sentence([unseen(), unseen(19)], FORMATS) == (
        "In 1 of 2 unseen months the number of leavers was within its 95% interval."
    )
    assert months_sentence([unseen()], FORMATS).startswith("In 1 of 1 unseen month the number")


def test_the_error_before_and_after_recalibration_is_said() -> None:
    assert recalibration_sentence([unseen(), unseen(27, 26.0, before=21.0)], FORMATS) == (
        "Over 2 unseen months, the expected churn was off by 1.5 points on average after recalibration on the month "
        "before, and by 6.0 points without it."
    )
    assert recalibration_sentence([unseen()], FORMATS).startswith("Over one unseen month, the expected churn")


def test_random_folds_are_compared_by_what_they_expect() -> None:
    other = RandomFolds({"auc": Metric(0.846)}, 1000, 269, 268.6)
    evaluation = an_evaluation(random_folds=other, metrics={"auc": Metric(0.829)}, months=(unseen(),))
    sentence = (
        "Random folds, which mix all months, expect 26.9% where 26.9% left, and give AUC 0.846 instead of 0.829: they "
        "do not show how far the newest months have moved."
    )
    assert random_folds_sentence(evaluation, FORMATS) == sentence
    assert forward_sentences(evaluation, FORMATS)[-1] == sentence
    assert len(forward_sentences(evaluation, FORMATS)) == 4


def test_a_model_of_an_earlier_release_says_nothing_about_unseen_months() -> None:
    assert forward_sentences(an_evaluation(months=(), random_folds=None), FORMATS) == ()


def test_another_threshold_leaves_random_folds_without_figures_that_depend_on_it() -> None:
    other = RandomFolds({"auc": Metric(0.8), "recall": Metric(0.5)}, 1000, 269, 268.6)
    evaluation = an_evaluation(random_folds=other)
    changed = evaluation.at(evaluation.cuts[0]).random_folds
    assert changed == RandomFolds({"auc": Metric(0.8)}, 1000, 269, 268.6)
