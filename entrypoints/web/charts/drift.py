"""The drift of attributes as bars."""

from __future__ import annotations

from collections.abc import Sequence

from domain.shift import PSI_ACT, has_moved
from domain.vocabulary.spelling import plain_words
from entrypoints.web.charts.specification import BarItem, Bars
from entrypoints.web.formats import decimal

MIN_FULL_BAR = PSI_ACT
"""A full bar is at least this PSI, so that small drifts look small."""


def drift_bars(attributes: Sequence[tuple[str, float | None, str]]) -> Bars:
    """Bars of all attributes with a known drift, in the given order: name, PSI and state."""
    items = [
        BarItem(plain_words(name), psi, decimal(psi), "c-leave" if has_moved(state) else "c-1")
        for name, psi, state in attributes
        if psi is not None
    ]
    return Bars(items=items, name="Attribute", value="PSI", max=max([MIN_FULL_BAR, *(item.value for item in items)]))
