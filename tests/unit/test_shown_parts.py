"""Rounding of parts that have to add up in the digits shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formatting.babel_formats import formats_without_currency
from domain.shown_parts import percent_units, shown_parts

FRACTIONS = st.floats(0.0, 1.0).filter(lambda value: value == 0.0 or value > 1e-6)
PARTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(-0.3, 0.3), min_size=1, max_size=9)


def test_units_missing_to_the_total_go_to_the_largest_remainders() -> None:
    # 1.26, 0.53 and 0.21 tenths of a point, together 2.0
    assert shown_parts({"a": 0.00126, "b": 0.00053, "c": 0.00021}, 2, decimals=1) == {"a": 1, "b": 1, "c": 0}


def test_parts_of_either_sign_add_up() -> None:
    assert shown_parts({"up": 0.22149, "down": -0.00349, "more": 0.09}, 308, decimals=1) == {
        "up": 221,
        "down": -3,
        "more": 90,
    }


def test_a_part_of_zero_stays_zero_and_takes_no_unit() -> None:
    assert shown_parts({"a": 0.0, "b": 0.0004}, 1, decimals=1) == {"a": 0, "b": 1}
    assert shown_parts({"a": 0.0, "b": 0.0}, 0, decimals=1) == {"a": 0, "b": 0}


def test_ends_that_are_rounded_apart_take_a_unit_of_the_smallest_remainder() -> None:
    # from 1.5 to 2.5 units: both ends are shown as 2
    assert shown_parts({"a": 0.001, "b": 0.0}, 0, decimals=1) == {"a": 0, "b": 0}
    assert shown_parts({"a": 0.0025, "b": -0.0015}, 0, decimals=1) == {"a": 2, "b": -2}


def test_equal_remainders_are_taken_by_the_larger_part_and_then_by_name() -> None:
    assert shown_parts({"b": 0.0005, "a": 0.0005, "c": 0.0015}, 2, decimals=1) == {"b": 0, "a": 0, "c": 2}
    assert shown_parts({"b": 0.0005, "a": 0.0005}, 1, decimals=1) == {"b": 0, "a": 1}


def test_a_total_further_than_rounding_from_the_parts_raises_an_error() -> None:
    with pytest.raises(ValueError, match="do not add up to 7"):
        shown_parts({"a": 0.001, "b": 0.002}, 7, decimals=1)


@pytest.mark.parametrize(
    ("fraction", "decimals", "units"),
    [(0.1825, 1, 182), (0.61449, 1, 614), (0.26545, 2, 2655), (1.0, 1, 1000), (0.0, 2, 0), (0.29, 0, 29)],
)
def test_fractions_in_units_of_the_last_digit(fraction: float, decimals: int, units: int) -> None:
    assert percent_units(fraction, decimals) == units


@given(FRACTIONS, st.integers(0, 2))
def test_units_are_the_digits_that_pages_show(fraction: float, decimals: int) -> None:
    shown = formats_without_currency().percent(fraction, decimals=decimals)
    assert percent_units(fraction, decimals) == int(shown.rstrip("%").replace(".", ""))


@given(st.floats(0.0, 1.0), PARTS, st.integers(0, 2))
def test_parts_add_up_to_the_difference_of_the_shown_ends(start: float, parts: dict[str, float], decimals: int) -> None:
    total = percent_units(start + sum(parts.values()), decimals) - percent_units(start, decimals)
    units = shown_parts(parts, total, decimals=decimals)
    assert sum(units.values()) == total
    if any(abs(part) > 1e-6 for part in parts.values()):
        for name, part in parts.items():
            assert abs(units[name] - part * 100 * 10**decimals) <= 1.00001
            assert units[name] * part >= 0.0


@given(st.floats(0.0, 1.0), PARTS, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_changes_nothing(start: float, parts: dict[str, float], random: object) -> None:
    total = percent_units(start + sum(parts.values()), 1) - percent_units(start, 1)
    names = list(parts)
    random.shuffle(names)  # type: ignore[attr-defined]  # Hypothesis has no type for it
    assert shown_parts({name: parts[name] for name in names}, total, decimals=1) == shown_parts(
        parts, total, decimals=1
    )
