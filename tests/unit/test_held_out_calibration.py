"""The slope and the uncertainty of a calibration, from bins of held-out customers."""

from __future__ import annotations

import pytest

from domain.evaluation import CalibrationBin
from domain.held_out_calibration import HeldOutCalibration, held_out_calibration, probability_of


def bins(*own: tuple[int, float, float]) -> tuple[CalibrationBin, ...]:
    return tuple(CalibrationBin(customers, predicted, observed, 0.0, 1.0) for customers, predicted, observed in own)


def test_right_probabilities_are_not_stretched_and_are_as_uncertain_as_chance_leaves_them() -> None:
    known = held_out_calibration(bins((1000, 0.8, 0.8), (1000, 0.2, 0.2), (1000, 0.5, 0.5)))

    assert known.slope == pytest.approx(1.0)
    assert known.edges == pytest.approx((0.35, 0.65))
    assert known.variances == pytest.approx((1 / 160, 1 / 250, 1 / 160))
    assert [known.place(p) for p in (0.0, 0.34, 0.36, 0.66, 1.0)] == [0, 0, 1, 2, 2]


def test_log_odds_that_are_twice_too_far_apart_are_halved() -> None:
    known = held_out_calibration(
        bins(*((1000, probability_of(2 * x), probability_of(x)) for x in (-1.5, -0.5, 0.5, 1.5)))
    )
    assert known.slope == pytest.approx(0.5)


def test_deviations_beyond_chance_make_every_bin_more_uncertain() -> None:
    as_expected = held_out_calibration(bins((400, 0.2, 0.2), (400, 0.4, 0.4), (400, 0.6, 0.6), (400, 0.8, 0.8)))
    apart = held_out_calibration(bins((400, 0.2, 0.3), (400, 0.4, 0.3), (400, 0.6, 0.7), (400, 0.8, 0.7)))

    assert as_expected.variances == pytest.approx((1 / 64, 1 / 96, 1 / 96, 1 / 64))
    assert apart.variances[0] - 1 / 64 > 0.02


@pytest.mark.parametrize(
    "given",
    [
        bins((500, 0.3, 0.2)),
        bins((500, 0.2, 0.0), (500, 0.4, 0.0)),
        bins((500, 0.2, 0.9), (500, 0.8, 0.1)),
        bins((1, 0.0, 1.0), (1, 1.0, 0.0)),
    ],
)
def test_a_slope_that_is_not_determined_or_impossible_is_1(given: tuple[CalibrationBin, ...]) -> None:
    assert held_out_calibration(given).slope == 1.0


def test_without_bins_nothing_is_changed_and_nothing_is_added() -> None:
    assert held_out_calibration(()) == HeldOutCalibration(1.0, (), (0.0,))
