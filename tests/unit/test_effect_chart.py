"""The plot of effects around the line of no effect."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.effect import Difference
from entrypoints.web.charts.effects import ForestRow, forest

USD = formats_of("USD")


def test_effects_stand_at_their_place_on_an_axis_that_contains_no_effect() -> None:
    drawn = forest(
        [
            ("Kept", Difference(0.10, 0.05, 0.20), "", "/one"),
            ("Lost", Difference(-0.10, -0.20, -0.05), "", ""),
            ("Unclear", Difference(0.0, -0.05, 0.05), "", ""),
            ("Small", None, "too few to say", ""),
        ],
        USD,
    )

    assert drawn.ticks == tuple(zip((0.0, 0.25, 0.5, 0.75, 1.0), ("−20", "−10", "0", "+10", "+20"), strict=True))
    assert drawn.zero == 0.5
    kept, lost, unclear, small = drawn.rows
    assert (kept.low, kept.value, kept.high) == pytest.approx((0.625, 0.75, 1.0))
    assert (kept.kind, kept.words, kept.url) == ("kept", "+10.0 points, between +5.0 and +20.0", "/one")
    assert (lost.kind, unclear.kind) == ("lost", "")
    assert small == ForestRow("Small", "too few to say")
    assert drawn.table.rows[3] == ["Small", "too few to say"]


def test_an_axis_of_effects_above_none_begins_there() -> None:
    drawn = forest([("Kept", Difference(0.02, 0.01, 0.03), "", "")], USD)

    assert (drawn.zero, drawn.ticks[0]) == (0.0, (0.0, "0"))
