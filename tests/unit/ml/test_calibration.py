"""Recalibration on the newest month: the intercept always, the slope where it gains certainly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.ml.training.calibration import (
    Calibrated,
    calibrated,
    calibration_of,
    fit_shift,
    recalibration,
    unseen_months,
)
from adapters.ml.training.quality_metrics import sigmoid
from adapters.ml.training.selection import losses_of, standard_error
from adapters.ml.training.validation import Division
from domain.forward_validation import MonthLevel

N = 3000


def outcomes(*, shift: float = 0.0, slope: float = 1.0, seed: int = 1, rows: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of a model, and who left: with log-odds `slope` · z + `shift`."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(-1.0, 1.5, rows)
    return log_odds, draw.random(rows) < sigmoid(slope * log_odds + shift)


def parts(rows: int = N) -> np.ndarray:
    return (np.arange(rows) % 3).astype(np.int8)


def three_months(*shifts: float, first_seed: int = 0) -> tuple[Division, np.ndarray, np.ndarray]:
    both = [outcomes(shift=shift, seed=place) for place, shift in enumerate(shifts, first_seed)]
    log_odds, churned = (np.concatenate([own[at] for own in both]) for at in (0, 1))
    months = tuple(f"2026-0{place}" for place in range(1, len(shifts) + 1))
    month_of = np.repeat(np.arange(len(shifts)), N).astype(np.int8)
    rows = np.arange(len(log_odds))
    return Division((), rows, parts(len(rows)), len(shifts), months, month_of), log_odds, churned


def test_after_the_shift_as_many_are_expected_as_left() -> None:
    log_odds, churned = outcomes(shift=-0.7)
    assert sigmoid(log_odds + fit_shift(log_odds, churned)).sum() == pytest.approx(churned.sum())


def test_without_leavers_nothing_is_shifted() -> None:
    log_odds = outcomes()[0]
    assert fit_shift(log_odds, np.zeros(N, bool)) == 0.0
    assert fit_shift(log_odds, np.ones(N, bool)) == 0.0


def test_a_level_that_moved_is_shifted_and_not_stretched() -> None:
    slope, shift = recalibration(*outcomes(shift=-0.7), parts())
    assert slope == 1.0
    assert shift == pytest.approx(-0.7, abs=0.15)


def test_a_level_that_has_not_moved_is_left_as_it_is() -> None:
    assert [recalibration(*outcomes(seed=seed), parts()) for seed in (1, 2, 3)] == [(1.0, 0.0)] * 3


def test_without_drift_recalibration_loses_no_more_than_a_standard_error() -> None:
    for seed in range(0, 40, 4):
        division, log_odds, churned = three_months(0.0, 0.0, 0.0, first_seed=seed)
        final = calibrated(log_odds[None], churned, division)[0]
        worse = losses_of(final, churned) - losses_of(log_odds, churned)
        assert worse.mean() <= standard_error(worse)


def test_log_odds_that_are_too_extreme_are_shrunk_where_that_gains_certainly() -> None:
    slope, shift = recalibration(*outcomes(slope=0.5, shift=0.3), parts())
    assert slope == pytest.approx(0.5, abs=0.07)
    assert shift == pytest.approx(0.3, abs=0.15)


def test_each_month_is_recalibrated_by_the_month_before_it_only() -> None:
    division, log_odds, churned = three_months(0.0, -0.8, 0.9)
    final = calibrated(log_odds[None], churned, division)[0]
    oldest, middle, newest = (division.in_month(place) for place in (0, 1, 2))
    assert (final[oldest] == log_odds[oldest]).all()
    assert (final[middle] - log_odds[middle]).mean() == pytest.approx(0.0, abs=0.15)
    assert (final[newest] - log_odds[newest]).mean() == pytest.approx(-0.8, abs=0.15)
    churned[newest] = ~churned[newest]
    assert (calibrated(log_odds[None], churned, division)[0] == final).all()


def test_the_model_itself_is_recalibrated_by_the_newest_month() -> None:
    division, log_odds, churned = three_months(0.0, -0.8, 0.9)
    assert calibration_of(log_odds, churned, division) == (1.0, pytest.approx(0.9, abs=0.15))


def test_unseen_months_count_leavers_before_and_after() -> None:
    division, log_odds, churned = three_months(0.0, -0.8, -0.8)
    final = calibrated(log_odds[None], churned, division)[0]
    middle, newest = unseen_months(Calibrated(division, log_odds, final, 1.0, 0.0), churned)
    assert (middle.month, newest.month, newest.customers) == ("2026-02", "2026-03", 3000)
    assert newest.churned == churned[division.in_month(2)].sum()
    assert newest.expected_before == pytest.approx(sigmoid(log_odds[division.in_month(2)]).sum())
    assert newest.is_as_expected
    assert not middle.is_as_expected
    assert newest.high - newest.expected == pytest.approx(newest.expected - newest.low)


def risen(*values: float) -> tuple[MonthLevel, ...]:
    return tuple(MonthLevel(f"2026-0{place}", value, 0.0) for place, value in enumerate(values, 1))


def test_what_happens_in_a_month_does_not_change_what_is_said_of_it() -> None:
    division, log_odds, churned = three_months(0.0, 0.0, 0.0)
    for third in (0.6, 5.0):
        known = replace(division, levels=risen(0.0, 0.3, third))
        final = calibrated(log_odds[None], churned, known)[0]
        middle, newest = (division.in_month(place) for place in (1, 2))
        assert (final[middle] == log_odds[middle]).all()
        assert final[newest] - log_odds[newest] == pytest.approx(0.3)
        months = unseen_months(Calibrated(known, log_odds, final, 1.0, 0.0), churned)
        assert months[1].high - months[1].expected > 3 * (months[0].high - months[0].expected)


def test_the_model_itself_expects_that_the_change_goes_on() -> None:
    division, log_odds, churned = three_months(0.0, 0.0, 0.0)
    known = replace(division, levels=risen(0.0, 0.3, 0.5))
    assert calibration_of(log_odds, churned, known) == (1.0, pytest.approx(0.25))


def test_random_folds_have_no_unseen_months_and_keep_log_odds_that_nothing_improves() -> None:
    log_odds, churned = outcomes()
    division = Division((), np.arange(N), parts(), 2)
    assert unseen_months(Calibrated(division, log_odds, log_odds, 1.0, 0.0), churned) == ()
    one = log_odds[None]
    assert calibrated(one, churned, division) is one
