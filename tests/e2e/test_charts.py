"""Charts are drawn on each page that has some, after a swap, in the other theme and on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Finished
from tests.e2e.visitor import Visitor, expect_that

COUNTS = {
    "/dashboard": 0,  # one prediction has no trend yet; its drivers are bars
    "/predictions/{run}": 2,
    "/predictions/{run}/customers/1": 0,
    "/insights?run={run}": 4,
    "/models/v0": 7,
}
"""Pages with the least number of their canvases."""
COLOURS = """
async () => {
  await document.fonts.ready;
  await new Promise((resolve) => setTimeout(resolve, 150)); // a chart answers its new size 60 ms later
  return [...document.querySelectorAll("canvas[data-chart]")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) colours.add(data.slice(at, at + 3).join());
    return [canvas.dataset.chart, [...colours]];
  });
}
"""
DRAWN = """
() => {
  document.querySelectorAll("details.analysts").forEach((fold) => { fold.open = true; });
  const canvases = [...document.querySelectorAll("canvas[data-chart]")];
  return canvases.every((canvas) => canvas.tabIndex === 0 && canvas.width > 0);
}
"""
"""The fold for analysts is opened first: what nobody sees has no size."""

OVER_THE_EDGE = """
() => {
  dispatchEvent(new Event("beforeprint"));
  return [...document.querySelectorAll("canvas[data-chart]")].filter((canvas) => {
    const [own, panel] = [canvas, canvas.closest(".panel")].map((element) => element.getBoundingClientRect());
    return own.height && (own.bottom > panel.bottom || own.right > panel.right || own.height > 200);
  }).map((canvas) => canvas.dataset.chart);
}
"""
CONTROLS = """
() => [...document.querySelectorAll("main input, main textarea, main button, main summary")]
  .filter((control) => control.checkVisibility() && !control.closest("details[open]"))
  .map((control) => control.outerHTML)
"""


def colours_of(page: Page) -> dict[str, set[str]]:
    """The opaque colours of each chart on the page, once all are drawn."""
    page.wait_for_function(DRAWN)
    return {name: set(colours) for name, colours in page.evaluate(COLOURS)}


def blank(page: Page) -> list[str]:
    return [name for name, colours in colours_of(page).items() if len(colours) < 2]


@pytest.mark.parametrize("path", COUNTS)
def test_every_chart_of_a_page_is_drawn(visit: Callable[..., Visitor], finished: Finished, path: str) -> None:
    visitor = visit(finished.owner)
    visitor.open(path.format(run=finished.run))

    assert blank(visitor.page) == []
    assert len(colours_of(visitor.page)) >= COUNTS[path]
    expect_that(visitor.page.locator("[data-chart-png]").first).to_be_attached()


def test_charts_are_drawn_again_after_a_swap(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner)
    visitor.open(f"/insights?run={finished.run}&attribute=Contract")
    assert blank(visitor.page) == []

    with visitor.page.expect_response("**/insights/attribute?*"):
        visitor.page.locator("select[name=attribute]").select_option("tenure")
    visitor.page.locator("canvas[data-chart=attribute-chart][aria-label*='tenure']").wait_for()

    assert blank(visitor.page) == []


def test_charts_take_the_colours_of_the_other_theme(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner)
    visitor.open(f"/predictions/{finished.run}")
    light = colours_of(visitor.page)["d-hist"]

    visitor.page.locator("[data-theme-toggle]:visible").first.click()
    expect_that(visitor.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    dark = colours_of(visitor.page)["d-hist"]

    assert "39,112,124" in light  # --c-stay of the light theme, #27707c
    assert "61,131,141" in dark  # of the dark theme, #3d838d
    assert "39,112,124" not in dark


def test_charts_are_drawn_on_paper_in_their_panels_and_without_controls(
    visit: Callable[..., Visitor], finished: Finished
) -> None:
    visitor = visit(finished.owner)
    for path in ("/predictions/{run}", "/models/v0", "/predictions/{run}/customers/1"):
        visitor.open(path.format(run=finished.run))
        visitor.page.emulate_media(media="print")

        assert blank(visitor.page) == []
        assert visitor.page.pdf().startswith(b"%PDF")
        assert visitor.page.evaluate(OVER_THE_EDGE) == []
        assert visitor.page.evaluate(CONTROLS) == []
        visitor.page.emulate_media(media="screen")


def test_a_chart_that_is_resized_and_drawn_again_at_once_leaves_nothing_behind(
    visit: Callable[..., Visitor], finished: Finished
) -> None:
    """Chart.js answers a change of size a moment later; by then a change of theme may have replaced the chart."""
    visitor = visit(finished.owner)
    visitor.open(f"/predictions/{finished.run}")
    visitor.page.evaluate(
        """async () => {
          const frame = () => new Promise(requestAnimationFrame);
          const panel = document.querySelector("canvas[data-chart]").parentElement;
          await document.fonts.ready;
          for (const width of [300, 310, 320, 330]) {
            panel.style.width = `${width}px`;
            await frame(); await frame(); await frame();
            document.dispatchEvent(new Event("netone:theme"));
            await new Promise((resolve) => setTimeout(resolve, 120));
          }
        }"""
    )

    assert visitor.troubles == []
