"""Counts customers with like scores, from which a run's expected quality is computed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.expected_quality import SCORE_EDGES, ScoreBin

EDGES = np.array(SCORE_EDGES)
BINS = len(EDGES) + 1


class ScoreTotals:
    """Customers and Σ p by bin of equal width in log-odds, those at or above the threshold apart. In any order."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._customers, self._expected = np.zeros(2 * BINS, np.int64), np.zeros(2 * BINS)

    def add(self, probability: NDArray[np.float64]) -> None:
        place = np.searchsorted(EDGES, probability, side="right")
        place += BINS * (probability >= self._threshold)
        self._customers += np.bincount(place, minlength=2 * BINS)
        self._expected += np.bincount(place, weights=probability, minlength=2 * BINS)

    def bins(self) -> tuple[ScoreBin, ...]:
        """The bins with customers, highest probability first."""
        return tuple(
            ScoreBin(int(self._customers[place]), float(self._expected[place]), called=place >= BINS)
            for place in np.flatnonzero(self._customers)[::-1].tolist()
        )
