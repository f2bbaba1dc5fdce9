"""Insights at a browser: a bar, a slice and a line of a table lead to their customers, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.run import Run
from entrypoints.application import Application
from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, content_of, expect_that, table_rows, words

CONTRACT = '[data-chart="attribute-chart"]'
CHARTS = ("pie-chart", "attribute-chart", "risk-chart", "contribution-chart")


@pytest.fixture(scope="module")
def scored(
    application: Application, new_person: Callable[..., Person], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Person, Run]:
    person = new_person(Role.ANALYST)
    with ports_of(application).new_reading() as uow:
        account = uow.accounts.by_email(person.email)
    assert account is not None
    file = tmp_path_factory.mktemp("insights") / "customers.csv"
    ports_of(application).sample.write(file, rows=800, seed=4)
    with file.open("rb") as stream:
        run = application.predictions.score_run(
            application.predictions.submit_scoring(stream, file.name, by=Actor(account)).id
        )
    assert run is not None
    return person, run


@pytest.fixture
def reader(browser: Browser, site: Site, scored: tuple[Person, Run]) -> Iterator[Visitor]:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    visitor = Visitor(site, context).take_session(scored[0])
    visitor.open(f"/insights?run={scored[1].id}&attribute=Contract")
    visitor.page.wait_for_function("document.querySelectorAll('canvas[tabindex=\"0\"]').length >= 4")
    yield visitor
    visitor.leave()
    assert visitor.troubles == []


def the_first_level(visitor: Visitor) -> str:
    visitor.page.locator("#attribute-chart-as-table").click()
    expect_that(visitor.page.locator("#attribute-chart-table")).to_be_visible()
    return words(visitor.page.locator("#attribute-chart-table tbody th").first)


def check_chosen_level(visitor: Visitor, level: str) -> None:
    visitor.page.wait_for_url(re.compile(r"/predictions/.*attr=Contract"))
    expect_that(visitor.page.locator("#customer-filters .chip")).to_contain_text(f"Contract: {level}")


def said_by_chart(visitor: Visitor, pattern: str) -> re.Match[str]:
    """What a chart announces to a screen reader, once it matches."""
    announcer = visitor.page.locator("#chart-says")
    expect_that(announcer).to_have_text(re.compile(f"^{pattern}$"))
    announced = re.fullmatch(pattern, words(announcer))
    assert announced
    return announced


def test_a_click_on_a_bar_leads_to_its_customers(reader: Visitor) -> None:
    level = the_first_level(reader)
    reader.page.locator("#attribute-chart-as-table").click()
    expect_that(reader.page.locator(CONTRACT)).to_be_visible()
    box = reader.page.locator(CONTRACT).bounding_box()
    assert box is not None
    reader.page.locator(CONTRACT).click(position={"x": box["width"] * 0.22, "y": box["height"] * 0.6})
    check_chosen_level(reader, level)


def test_a_line_of_a_charts_table_leads_to_its_customers(reader: Visitor) -> None:
    level = the_first_level(reader)
    reader.page.locator("#attribute-chart-table tbody th a").first.click()
    check_chosen_level(reader, level)


def test_arrow_keys_announce_chart_values_and_enter_opens_the_customers(reader: Visitor) -> None:
    reader.page.locator("details.analysts > summary").click()
    reader.page.locator('[data-chart="contribution-chart"]').focus()
    reader.page.keyboard.press("ArrowRight")
    announced = said_by_chart(
        reader, r"(.+): [\d,]+ customers, Adds to the log-odds: [+−][\d.]+ \([+−][\d.]+ to [+−][\d.]+\)"
    )
    reader.page.keyboard.press("End")
    expect_that(reader.page.locator("#chart-says")).not_to_have_text(announced[0])
    reader.page.keyboard.press("Home")
    expect_that(reader.page.locator("#chart-says")).to_have_text(announced[0])
    reader.page.keyboard.press("Enter")
    check_chosen_level(reader, announced[1])


def test_a_slice_leads_to_the_likely_leavers(reader: Visitor, scored: tuple[Person, Run]) -> None:
    run = scored[1]
    assert run.summary is not None
    reader.page.locator('[data-chart="pie-chart"]').focus()
    reader.page.keyboard.press("ArrowRight")
    leaving = said_by_chart(reader, r"Likely to leave, ([\d,]+) \([\d.]+%\)")
    assert leaving[1] == f"{run.summary.likely_to_leave:,}"
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile(r"/predictions/.*label=leaving"))

    table = reader.page.locator("#customers_table")
    expect_that(table).to_contain_text(f"{leaving[1]} customers of {run.summary.scored:,} match")
    expect_that(reader.page.get_by_label("Label")).to_have_value("leaving")
    with reader.refreshed("#customers_table"):
        table.get_by_role("link", name="Risk").click()
    risks = [float(risk.partition("%")[0]) for _, risk, *_ in table_rows(table.locator("table"))]
    assert risks == sorted(risks, reverse=True), "the most likely of them come first"
    assert risks[-1] >= round(run.threshold * 100, 1)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_also_a_table_and_a_picture(chart: str, reader: Visitor) -> None:
    reader.page.locator("details.analysts > summary").click()
    with reader.page.expect_download() as started:
        reader.page.locator(f"#{chart}-as-png").click()
    assert content_of(started.value).startswith(b"\x89PNG")
    reader.page.locator(f"#{chart}-as-table").click()
    table = reader.page.locator(f"#{chart}-table")
    expect_that(table.locator("tbody tr").nth(1)).to_be_visible()
    expect_that(reader.page.locator(f'[data-chart="{chart}"]')).to_be_hidden()
    overlap = table.evaluate(
        "box => { box.scrollIntoView({ block: 'center' }); const r = box.getBoundingClientRect();"
        " const top = document.elementFromPoint(r.x + r.width / 2, r.y + 40); return box.contains(top); }"
    )
    assert overlap, "nothing stands over the table"
