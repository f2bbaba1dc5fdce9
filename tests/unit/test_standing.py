"""What is said about a customer's place among the others."""

from __future__ import annotations

import pytest

from domain.standing import Standing


@pytest.mark.parametrize(
    ("lower", "others", "share", "highest"),
    [
        (0, 7_042, 0.0, False),
        (7_038, 7_042, 0.999, False),  # 99.94%: as 100% it would contradict the four above
        (7_041, 7_042, 0.999, False),
        (7_042, 7_042, 1.0, True),
        (1, 2, 0.5, False),
        (2, 3, 0.666, False),
        (0, 0, 0.0, False),
    ],
)
def test_the_share_below_is_rounded_down(lower: int, others: int, share: float, highest: bool) -> None:
    standing = Standing(lower, others)
    assert standing.share_below == share
    assert standing.is_highest is highest
