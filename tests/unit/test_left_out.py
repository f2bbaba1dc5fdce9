"""Which excluded columns a person may use anyway."""

from __future__ import annotations

import pytest

from domain.model import LeftOut


@pytest.mark.parametrize(
    ("why", "is_leakage"),
    [
        ("gives the answer away: it is only filled for customers who left", True),
        ("gives the answer away: alone it ranks customers almost perfectly (AUC 0.991)", True),
        ("has the same value for every customer", False),
        ("names the customer", False),
    ],
)
def test_only_leakage_may_be_used_anyway(why: str, is_leakage: bool) -> None:
    assert LeftOut("Closing code", why).is_leakage is is_leakage
