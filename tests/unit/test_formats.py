"""How numbers are written on pages: never as a negative zero."""

from __future__ import annotations

import pytest

from domain.wording import percent as printed_percent
from entrypoints.web.formats import decimal, number, percent, points


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(-0.2), "0"),
        (number(-0.04, 1), "0.0"),
        (number(-3), "−3"),
        (percent(-0.0004), "0.0%"),
        (percent(-0.05), "−5.0%"),
        (decimal(-0.0001), "0.000"),
        (points(-0.0004), "0.0"),
        (points(0.0004), "0.0"),
        (points(0.05), "+5.0"),
        (points(-0.05), "−5.0"),
        (printed_percent(-0.0001), "0.0%"),
    ],
)
def test_a_number_that_rounds_to_nothing_has_no_sign(written: str, expected: str) -> None:
    assert written == expected
