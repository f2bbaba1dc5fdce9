"""Probability, label, band and the reasons that are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer import CustomerId
from domain.prediction import BandLimits, Prediction, Reason, RiskBand, band_of, is_labelled_churn

RAISES, LOWERS = (Reason("Contract", "Month-to-month", 0.9),), (Reason("tenure", 60.0, -0.4),)


def prediction(**changes: object) -> Prediction:
    return Prediction(
        **{
            "customer_id": CustomerId("7590-VHVKG"),
            "row": 1,
            "probability": 0.6,
            "likely_to_leave": True,
            "band": RiskBand.HIGH,
            "raises": RAISES,
            "lowers": LOWERS,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, RiskBand.LOW),
        (0.2499, RiskBand.LOW),
        (0.25, RiskBand.MEDIUM),
        (0.5, RiskBand.HIGH),
        (0.75, RiskBand.CRITICAL),
        (1.0, RiskBand.CRITICAL),
    ],
)
def test_a_band_begins_at_its_limit(probability: float, band: RiskBand) -> None:
    assert band_of(probability, BandLimits()) is band


@given(st.floats(0, 1))
def test_every_probability_lies_in_the_range_of_its_band(probability: float) -> None:
    low, high = BandLimits().range_of(band_of(probability, BandLimits()))
    assert low <= probability < high


def test_limits_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="rise"):
        BandLimits(medium=0.6, high=0.5)


def test_the_threshold_itself_counts_as_likely_to_leave() -> None:
    assert is_labelled_churn(0.42, 0.42)
    assert not is_labelled_churn(0.4199, 0.42)


def test_likely_leavers_show_what_raises_and_the_others_what_lowers() -> None:
    assert prediction().shown == RAISES
    assert prediction(likely_to_leave=False).shown == LOWERS


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_zero_and_one_are_valid_probabilities(certain: float) -> None:
    assert prediction(probability=certain).probability == certain


NEUTRAL = (Reason("tenure", 60.0, 0.0),)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"probability": 1.01}, {"probability": -0.01}),
        *({"raises": LOWERS}, {"lowers": RAISES}, {"raises": NEUTRAL}, {"lowers": NEUTRAL}),
    ],
)
def test_contradictory_values_are_rejected(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        prediction(**wrong)
