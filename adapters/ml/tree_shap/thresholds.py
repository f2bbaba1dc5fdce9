"""The split rules of other libraries as "float32 value < float32 threshold"."""

import numpy as np
from numpy.typing import NDArray


def just_above(limits: NDArray[np.float64]) -> NDArray[np.float32]:
    """Thresholds t, float32, such that x < t exactly where x ≤ limit, for every float32 x.

    t is the float32 number after the largest one that is not above the limit. It is finite, so the largest float32
    number itself counts as above every limit; LightGBM has limits beyond it, which separate missing values from others.
    """
    largest = np.finfo(np.float32).max
    with np.errstate(over="ignore", under="ignore"):
        nearest = limits.astype(np.float32)
        below = np.where(nearest.astype(np.float64) > limits, np.nextafter(nearest, np.float32(-np.inf)), nearest)
        above = np.nextafter(below.astype(np.float32), np.float32(np.inf))
    clipped: NDArray[np.float32] = np.clip(above, -largest, largest)
    return clipped
