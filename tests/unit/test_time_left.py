"""How much time a job still takes."""

from __future__ import annotations

import pytest

from domain.time_left import TimeLeft, rounded_up


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4, 2), (5, 5), (5.1, 10), (61, 90), (200, 240), (3600, 3600), (3601, 7200), (9000, 10_800)],
)
def test_times_are_rounded_up_to_steps(seconds: float, shown: int) -> None:
    assert rounded_up(seconds) == shown


def test_nothing_is_said_before_there_is_something_to_estimate_from() -> None:
    time_left = TimeLeft()
    assert time_left(0.5, 0.1) is None
    assert time_left(5.0, 0.01) is None
    assert time_left(5.0, None) is None
    assert time_left(5.0, 0.25) == 15


def test_the_time_left_falls_and_rises_only_if_it_was_far_too_short() -> None:
    """The estimates are 12, 16, 25 and 4 s."""
    time_left = TimeLeft()
    assert [time_left(4.0, 0.25), time_left(8.0, 1 / 3), time_left(10.0, 2 / 7), time_left(12.0, 0.75)] == [
        15,
        15,
        30,
        5,
    ]


def test_the_last_answer_stays_while_the_share_is_unknown() -> None:
    time_left = TimeLeft()
    assert [time_left(4.0, 0.25), time_left(9.0, None)] == [15, 15]
