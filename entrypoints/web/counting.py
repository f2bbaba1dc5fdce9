"""Template filters for shares and remainders, so that templates do not calculate."""

from __future__ import annotations

from collections.abc import Sized

from flask import Flask

MIN_DRAWN_WIDTH = 0.003
"""Minimum width of a bar as a fraction of the whole width."""


def share_of(part: float | None, whole: float | None) -> float:
    """`part` as a fraction of `whole`; 0 if either is missing or `whole` is 0."""
    return part / whole if part is not None and whole else 0.0


def beyond(items: Sized, shown: int) -> int:
    """The number of items after the first `shown`."""
    return max(0, len(items) - shown)


def in_percent(fraction: float, digits: int = 2) -> float:
    """A fraction as a rounded percentage, for form fields and drawings."""
    return round(fraction * 100, digits)


def within_whole(share: float) -> float:
    """The share limited to 0–1, for drawing."""
    return min(1.0, max(0.0, share))


def width_to(left: float, right: float) -> float:
    """The width of a bar between two fractions, at least the minimum width."""
    return max(MIN_DRAWN_WIDTH, right - left)


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        share_of=share_of, beyond=beyond, in_percent=in_percent, within_whole=within_whole, width_to=width_to
    )
