"""The adjusted effect, beside the plain difference and an ordinary regression."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.campaigns.adjusted import LeastSquaresEffect
from adapters.campaigns.late_adjusted import LateAdjustedEffect
from application.ports.campaigns import AdjustedEffect, Assigned
from domain.effect import NOTHING_KNOWN, Group, difference_of


@pytest.fixture(params=[LeastSquaresEffect, LateAdjustedEffect])
def estimate(request: pytest.FixtureRequest) -> AdjustedEffect:
    made: AdjustedEffect = request.param()
    return made


def test_members_of_equal_risk_give_the_plain_difference(estimate: AdjustedEffect) -> None:
    members = Assigned([True] * 100 + [False] * 50, [True] * 80 + [False] * 20 + [True] * 30 + [False] * 20,
                       [0.4] * 150, [1001] * 150)  # fmt: skip

    adjusted, plain = estimate.adjusted(members), difference_of(Group(100, 80), Group(50, 30))

    assert adjusted.value == pytest.approx(plain.value) == pytest.approx(0.2)
    assert (adjusted.low, adjusted.high) == pytest.approx((plain.low, plain.high), abs=0.02)


def test_a_group_that_drew_the_higher_risks_is_compared_at_equal_risk(estimate: AdjustedEffect) -> None:
    chance = np.random.default_rng(7)
    risk = chance.random(5_000)
    contacted = chance.random(5_000) < 0.3 + 0.5 * risk
    stayed = chance.random(5_000) > risk
    adjusted = estimate.adjusted(Assigned(contacted, stayed, risk, np.ones(5_000, dtype=np.int64)))

    assert stayed[contacted].mean() - stayed[~contacted].mean() < -0.1
    assert adjusted.low < 0.0 < adjusted.high


def test_the_same_members_as_a_textbook_regression(estimate: AdjustedEffect) -> None:
    chance = np.random.default_rng(4)
    risk, contacted = chance.random(400), chance.random(400) < 0.7
    stayed = chance.random(400) > risk * np.where(contacted, 0.7, 1.0)
    stratum = (risk * 3).astype(np.int64)

    adjusted = estimate.adjusted(Assigned(contacted, stayed, risk, stratum))

    sizes = np.bincount(stratum[~contacted], minlength=3)
    covariates = np.column_stack([risk, *(stratum == place for place in np.argsort(-sizes)[1:])])
    covariates = covariates - covariates.mean(axis=0)
    design = np.column_stack([np.ones(400), contacted, covariates, covariates * contacted[:, None]])
    coefficients, *_ = np.linalg.lstsq(design, stayed.astype(float), rcond=None)
    inverse = np.linalg.inv(design.T @ design)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    residual = (stayed - design @ coefficients) ** 2 / (1.0 - leverage)
    error = (inverse @ (design.T * residual) @ design @ inverse)[1, 1] ** 0.5
    assert adjusted.value == pytest.approx(coefficients[1])
    assert (adjusted.high - adjusted.low) / 2 == pytest.approx(error * 1.98, rel=0.02)


def test_a_group_in_which_nobody_left_is_not_certain(estimate: AdjustedEffect) -> None:
    members = Assigned([True] * 60 + [False] * 30, [True] * 57 + [False] * 3 + [True] * 30, [0.1] * 90, [1] * 90)

    adjusted = estimate.adjusted(members)

    assert adjusted.value == pytest.approx(-0.05)
    assert adjusted.low < -0.1
    assert adjusted.high > 0.05


def test_a_group_of_one_says_nothing(estimate: AdjustedEffect) -> None:
    assert estimate.adjusted(Assigned([True, True, False], [True] * 3, [0.1] * 3, [1] * 3)) == NOTHING_KNOWN
    assert estimate.adjusted(Assigned([], [], [], [])) == NOTHING_KNOWN
