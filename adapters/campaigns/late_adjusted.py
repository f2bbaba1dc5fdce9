"""Imports the estimator at its first use, because SciPy takes time and memory that other requests need."""

from __future__ import annotations

from application.ports.campaigns import Assigned
from domain.effect import Difference


class LateAdjustedEffect:
    """Implements `application.ports.campaigns.AdjustedEffect`."""

    def adjusted(self, members: Assigned) -> Difference:
        from adapters.campaigns.adjusted import LeastSquaresEffect

        return LeastSquaresEffect().adjusted(members)
