"""A small additive model made by hand, with numbers that floats hold exactly."""

from __future__ import annotations

import numpy as np

from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm


def an_additive_model() -> AdditiveModel:
    """Attributes: months (0 to 40; bins below and from 12), plan (S, M) and months and plan together.

    months falls from 0.5 by 1/64 a month, jumps to 0.25 at 16 and stays there; a missing number is −0.125.
    """
    months = NumberTerm(
        starts=np.array([0.0, 16.0]),
        values=np.array([0.5, 0.25]),
        slopes=np.array([-1 / 64, 0.0]),
        high=40.0,
        missing=-0.125,
        edges=np.array([12.0]),
    )
    plan = LevelTerm(np.array([0.75, -0.25, 0.0, 0.0625]))
    together = np.array([[0.5, -0.5, 0.0, 0.0], [-1.0, 1.0, 0.0, 0.0], [0.25, 0.0, 0.0, -0.25]])
    return AdditiveModel(-1.0, (months, plan), (PairTerm(0, 1, together),))
