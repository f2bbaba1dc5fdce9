"""The guided start: twelve months of made-up customers in one click, gone in one click."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]


def test_sample_data_fills_the_dashboard_and_is_removed_in_one_click(visit: Visit, site: Site, analyst: Person) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/dashboard")
    expect_that(page.locator(".kpis")).to_have_count(0)
    visitor.mark()
    visitor.press("Try it with sample data")
    expect_that(page.locator(".kpis")).to_be_visible(timeout=120_000)
    assert visitor.same_page
    assert "of 2,000 customers" in visitor.answer
    expect_that(page.locator("h1")).to_contain_text("Sample")
    line = page.locator("canvas[data-chart=trend]")
    expect_that(line).to_be_visible()
    months = page.locator("#trend").evaluate("data => JSON.parse((data.content ?? data).textContent).labels.length")
    assert months == 12
    sample = "select count(*) from runs r join accounts a on a.id = r.owner where a.email = ? and r.sample"
    assert site.sql(sample, analyst.email) == [(12,)]
    visitor.open("/history")
    expect_that(page.get_by_text("12 predictions since")).to_be_visible()
    expect_that(page.locator("#run_table tbody tr").filter(has_text="sample")).to_have_count(
        min(12, page.locator("#run_table tbody tr").count())
    )

    visitor.open("/dashboard")
    visitor.press("Remove the sample data")
    page.get_by_role("dialog").get_by_role("button", name="Remove the sample data").click()
    expect_that(page.get_by_text("The sample data was removed.")).to_be_visible()
    expect_that(page.get_by_role("button", name="Try it with sample data")).to_be_visible()
    assert site.sql(sample, analyst.email) == [(0,)]
