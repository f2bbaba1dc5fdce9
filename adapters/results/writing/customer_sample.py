"""A random sample of a run's customers, as bins of the training profile, drawn while the run is written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.grouping.training_profile import Codes, codes_in
from domain.joint_drift import MAX_SAMPLE
from domain.training_profile import TrainingProfile

SEED = 5_174


class CustomerSample:
    """The customers with the smallest of random numbers, one for each in file order, whatever the batches are.

    Only the values of customers that may be in the sample are looked at.
    """

    def __init__(self, profile: TrainingProfile) -> None:
        self._profile = profile
        self._draw = np.random.default_rng(SEED)
        self._numbers: NDArray[np.float64] = np.empty(0)
        self._codes: Codes = np.empty((0, len(profile.columns)), np.uint8)

    def add(self, data: pa.RecordBatch) -> None:
        numbers = self._draw.random(data.num_rows)
        limit = self._numbers.max() if len(self._numbers) == MAX_SAMPLE else 1.0
        chosen = np.flatnonzero(numbers < limit)
        if len(chosen) > MAX_SAMPLE:
            chosen = np.sort(np.argpartition(numbers, MAX_SAMPLE)[:MAX_SAMPLE])
        if not len(chosen):
            return
        codes = codes_in(self._profile.columns, data.take(pa.array(chosen)))
        numbers, codes = np.append(self._numbers, numbers[chosen]), np.concatenate([self._codes, codes])
        kept = np.sort(np.argsort(numbers, kind="stable")[:MAX_SAMPLE])
        self._numbers, self._codes = numbers[kept], codes[kept]

    @property
    def codes(self) -> Codes:
        """Bins (customers, columns of the profile)."""
        return self._codes
