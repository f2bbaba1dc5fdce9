"""EMPC and its profit-best share are those that empulse gives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.thresholds import empc


@pytest.mark.parametrize("seed", range(50))
def test_value_and_share_equal_those_of_empulse(seed: int) -> None:
    from empulse.metrics import empc_score  # a fifth of what collecting all tests takes, in each worker

    draw = np.random.default_rng(seed)
    rows = int(draw.integers(5, 400))
    churned = draw.random(rows) < draw.uniform(0.05, 0.6)
    churned[:2] = True, False
    probabilities = np.clip(draw.normal(0.4, 0.2, rows) + churned * draw.uniform(0.0, 0.4), 0.0, 1.0)
    if seed % 2:
        probabilities = probabilities.round(1)  # ties
    alpha, beta = int(draw.integers(1, 12)), int(draw.integers(1, 20))
    clv, offer, contact = draw.uniform(50, 500), draw.uniform(1, 40), draw.uniform(0.1, 5)
    theirs = {"alpha": alpha, "beta": beta, "clv": clv, "incentive_cost": offer, "contact_cost": contact}
    value = empc_score(churned.astype(int), probabilities, **theirs)
    share = empc_score.optimal_rate(churned.astype(int), probabilities, **theirs)

    ours = {"alpha": alpha, "beta": beta, "clv": clv, "offer_cost": offer, "contact_cost": contact}
    result = empc(probabilities.tolist(), churned.tolist(), **ours)
    assert result.value == pytest.approx(value, abs=1e-6)
    assert result.share == pytest.approx(share, abs=1e-6)
