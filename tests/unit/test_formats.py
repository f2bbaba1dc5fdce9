"""How numbers and dates are written on pages: never as a negative zero."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from adapters.formatting.babel_formats import formats_of
from domain.wording import percent as printed_percent
from entrypoints.web.formats import decimal, month, number, percent, plural, points, size


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (lambda: number(-0.2), "0"),
        (lambda: number(-0.04, 1), "0.0"),
        (lambda: number(-3), "−3"),
        (lambda: number(1962), "1,962"),
        (lambda: percent(-0.0004), "0.0%"),
        (lambda: percent(-0.05), "−5.0%"),
        (lambda: decimal(-0.0001), "0.000"),
        (lambda: points(-0.0004), "0.0"),
        (lambda: points(0.0004), "0.0"),
        (lambda: points(0.05), "+5.0"),
        (lambda: points(-0.05), "−5.0"),
        (lambda: printed_percent(-0.0001, formats_of("USD")), "0.0%"),
        (lambda: month("2026-09"), "Sep 2026"),
        (lambda: month("week 3"), "week 3"),
        (lambda: size(1_234), "1.2 KB"),
        (lambda: size(123_456), "123 KB"),
        (lambda: plural(1_200, "row"), "1,200 rows"),
    ],
)
def test_a_number_that_rounds_to_nothing_has_no_sign(written: Callable[[], str], expected: str) -> None:
    app = Flask(__name__)
    app.extensions["netone"] = SimpleNamespace(formats_of=formats_of)
    with app.app_context():
        assert written() == expected
