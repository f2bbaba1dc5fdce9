"""When the disk of an installation counts as scarce."""

from __future__ import annotations

MIN_FREE_SHARE = 0.1
"""Free share of the disk below which the health page warns. It leaves days to add space before jobs stop at the
reserve, on a disk that fills within months."""


def is_scarce(free: int, total: int) -> bool:
    """Whether so many free bytes are too few for a disk of this size."""
    return free < MIN_FREE_SHARE * total
