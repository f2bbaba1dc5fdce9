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
from tests.e2e.visitor import Person, Visitor, content_of, table_rows, words

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
    context.close()
    assert visitor.troubles == []


def the_first_level(visitor: Visitor) -> str:
    visitor.page.locator("#attribute-chart-as-table").click()
    return words(visitor.page.locator("#attribute-chart-table tbody th").first)


def check_chosen_level(visitor: Visitor, level: str) -> None:
    visitor.page.wait_for_url(re.compile(r"/predictions/.*attr=Contract"))
    assert f"Contract: {level}" in words(visitor.page.locator("#customer-filters .chip"))


def test_a_click_on_a_bar_leads_to_its_customers(reader: Visitor) -> None:
    level = the_first_level(reader)
    reader.page.locator("#attribute-chart-as-table").click()
    box = reader.page.locator(CONTRACT).bounding_box()
    assert box is not None
    reader.page.locator(CONTRACT).click(position={"x": box["width"] * 0.22, "y": box["height"] * 0.6})
    check_chosen_level(reader, level)


def test_a_line_of_a_charts_table_leads_to_its_customers(reader: Visitor) -> None:
    level = the_first_level(reader)
    reader.page.locator("#attribute-chart-table tbody th a").first.click()
    check_chosen_level(reader, level)


def test_arrow_keys_announce_chart_values_and_enter_opens_the_customers(reader: Visitor) -> None:
    reader.page.locator('[data-chart="contribution-chart"]').focus()
    reader.page.keyboard.press("ArrowRight")
    said = words(reader.page.locator("#chart-says"))
    found = re.fullmatch(r"(.+): [\d,]+ customers, Adds to the log-odds: [+−][\d.]+ \([+−][\d.]+ to [+−][\d.]+\)", said)
    assert found, said
    reader.page.keyboard.press("End")
    assert words(reader.page.locator("#chart-says")) != said
    reader.page.keyboard.press("Home")
    reader.page.keyboard.press("Enter")
    check_chosen_level(reader, found[1])


def test_a_slice_leads_to_the_likely_leavers(reader: Visitor, scored: tuple[Person, Run]) -> None:
    run = scored[1]
    assert run.summary is not None
    reader.page.locator('[data-chart="pie-chart"]').focus()
    reader.page.keyboard.press("ArrowRight")
    said = words(reader.page.locator("#chart-says"))
    leaving = re.fullmatch(r"Likely to leave, ([\d,]+) \([\d.]+%\)", said)
    assert leaving, said
    assert leaving[1] == f"{run.summary.likely_to_leave:,}"
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile(r"/predictions/.*label=leaving"))

    table = reader.page.locator("#customers_table")
    assert f"{leaving[1]} customers of {run.summary.scored:,} match" in words(table)
    assert reader.page.get_by_label("Label").input_value() == "leaving"
    with reader.refreshed("#customers_table"):
        table.get_by_role("link", name="Risk").click()
    risks = [float(risk.partition("%")[0]) for _, risk, *_ in table_rows(table.locator("table"))]
    assert risks == sorted(risks, reverse=True), "the most likely of them come first"
    assert risks[-1] >= round(run.threshold * 100, 1)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_also_a_table_and_a_picture(chart: str, reader: Visitor) -> None:
    with reader.page.expect_download() as started:
        reader.page.locator(f"#{chart}-as-png").click()
    assert content_of(started.value).startswith(b"\x89PNG")
    reader.page.locator(f"#{chart}-as-table").click()
    table = reader.page.locator(f"#{chart}-table")
    assert table.locator("tbody tr").count() >= 2
    assert not reader.page.locator(f'[data-chart="{chart}"]').is_visible()
    overlap = table.evaluate(
        "box => { const r = box.getBoundingClientRect();"
        " const top = document.elementFromPoint(r.x + r.width / 2, r.y + 40); return box.contains(top); }"
    )
    assert overlap, "nothing stands over the table"
