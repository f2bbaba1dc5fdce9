"""What became of the customer of a month, from the months in which there is a row."""

from __future__ import annotations

import pytest

from domain.presence import Fate, Presence, Returning, fate, label_of


@pytest.mark.parametrize(
    ("presence", "month", "horizon", "expected"),
    [
        (Presence(0b0011), 0, 1, Fate.STAYED),
        (Presence(0b0001), 0, 1, Fate.LEFT),
        (Presence(0b0101), 0, 1, Fate.RETURNED),
        (Presence(0b0101), 0, 2, Fate.STAYED),
        (Presence(0b0011), 0, 2, Fate.LEFT),
        (Presence(0b1001), 0, 2, Fate.RETURNED),
        (Presence(0b1111), 3, 1, Fate.TOO_YOUNG),
        (Presence(0b1111), 2, 2, Fate.TOO_YOUNG),
        (Presence(0b1101), 1, 1, None),
        (Presence(0b0011, gone=0b0010), 0, 1, Fate.LEFT),
        (Presence(0b0111, gone=0b0010), 0, 1, Fate.RETURNED),
        (Presence(0b0011, gone=0b0001), 0, 1, Fate.LEFT_BEFORE),
        (Presence(0b0011, unsaid=0b0010), 0, 1, Fate.UNSAID),
        (Presence(0b0011, unsaid=0b0001), 0, 1, Fate.STAYED),
        (Presence(0b0001, gone=0b0001), 0, 0, Fate.LEFT),
        (Presence(0b0001), 0, 0, Fate.STAYED),
        (Presence(0b0001, unsaid=0b0001), 0, 0, Fate.UNSAID),
    ],
)
def test_a_customer_is_looked_for_after_the_horizon(
    presence: Presence, month: int, horizon: int, expected: Fate | None
) -> None:
    assert fate(presence, month, horizon=horizon, last=3 if horizon else 0) is expected


def test_only_those_who_stayed_left_or_returned_are_labelled() -> None:
    assert [label_of(what, Returning.LEFT) for what in Fate] == [False, True, True, None, None, None]
    assert label_of(Fate.RETURNED, Returning.STAYED) is False
    assert label_of(Fate.RETURNED, Returning.OUT) is None
    assert label_of(None, Returning.LEFT) is None
