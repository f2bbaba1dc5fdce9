"""When a disk counts as scarce, at the limit."""

from __future__ import annotations

from domain.disk import is_scarce


def test_less_than_a_tenth_of_the_disk_is_scarce() -> None:
    assert is_scarce(99, 1_000)
    assert not is_scarce(100, 1_000)
