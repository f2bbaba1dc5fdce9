"""How much time a job still takes: an estimate from the part that is done, in steps that do not flicker."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

STEPS = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600)
"""Seconds that are shown. Longer times are whole hours."""
MIN_SECONDS, MIN_SHARE = 1.0, 0.04
"""The least time and share of a job from which the rest is estimated."""
MAX_EXCESS = 1.5
"""The time that is shown rises only if the estimate exceeds it by this factor: jobs do not go evenly."""


@dataclass
class TimeLeft:
    """The time that is left of one job, in seconds. `shown` is the latest answer."""

    shown: int | None = None

    def __call__(self, seconds: float, share: float | None) -> int | None:
        """`share` of the job took these seconds. The latest answer where there is too little to estimate from."""
        if share is None or seconds < MIN_SECONDS or share < MIN_SHARE:
            return self.shown
        left = seconds * (1.0 - share) / share
        step = rounded_up(left)
        if self.shown is None or step < self.shown or left > MAX_EXCESS * self.shown:
            self.shown = step
        return self.shown


def rounded_up(seconds: float) -> int:
    """The next step: 7 s are 10 s, 200 s are 240 s."""
    place = bisect_left(STEPS, seconds)
    return STEPS[place] if place < len(STEPS) else 3600 * -int(-seconds // 3600)
