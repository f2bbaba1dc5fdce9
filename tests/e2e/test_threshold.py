"""The threshold slider: nothing moves under the pointer, and the page has one address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect as expect_that

from tests.e2e.conftest import Finished
from tests.e2e.visitor import Visitor


@pytest.mark.parametrize("width", [1440, 390])
def test_the_slider_stays_under_the_pointer(visit: Callable[..., Visitor], finished: Finished, width: int) -> None:
    visitor = visit(finished.owner, width=width)
    page = visitor.page
    visitor.open(f"/predictions/{finished.run}")
    slider = page.locator("#thr")
    slider.scroll_into_view_if_needed()
    for value, words in (("99", "99.0%"), ("2", "2.0%")):
        box = slider.bounding_box()
        assert box is not None
        with visitor.refreshed("#result"):
            slider.fill(value)
        expect_that(page.locator("output[for=thr]")).to_have_text(words)
        moved = slider.bounding_box()
        assert moved is not None
        assert abs(moved["y"] - box["y"]) <= 1
        assert page.url.endswith(f"/predictions/{finished.run}?threshold={float(value) / 100!r}")
