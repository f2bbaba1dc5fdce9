"""The insights page over a real result."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from application.ports.runs import RunQuery
from application.ports.stored_files import FileKind
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.run import RunId
from domain.training import TrainingRequest
from domain.vocabulary.tenure import TenureUnit
from tests.integration.web.conftest import Browser, Office, furnished

EMPTY = "Insights come with your first prediction"


def labelled(rows: int = 400) -> str:
    lines = ["customerID,tenure,Contract,InternetService,MonthlyCharges,Churn"]
    for n in range(rows):
        monthly, fibre = n % 2 == 0, n % 4 < 2
        leaves = (n * 7919) % 100 < (55 if monthly and fibre else 30 if monthly else 8)
        lines.append(
            f"{n:05d}-AAAAA,{(n * 13) % 72},{'Month-to-month' if monthly else 'Two year'},"
            f"{'Fiber optic' if fibre else 'DSL'},{20 + (n * 31) % 90},{'Yes' if leaves else 'No'}"
        )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def with_a_run(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation whose analyst trained a model and scored its file."""
    return furnished(installed, tmp_path_factory.mktemp("scored") / "data", _train_and_score)


@pytest.fixture
def scored(new_office: Callable[..., Office], with_a_run: Path) -> tuple[Office, Browser, str]:
    """Its copy, the analyst's browser, and the run's id."""
    office = new_office(copy_of=with_a_run)
    with ports_of(office.application).new_reading() as uow:
        (run,) = uow.runs.find(RunQuery()).runs
    return office, office.browser(Role.ANALYST), str(run.id)


def _train_and_score(office: Office) -> None:
    analyst = office.people[Role.ANALYST]
    application = office.application
    file = labelled().encode()
    request = TrainingRequest(algorithm="logistic", effort="low", tenure_unit=TenureUnit.MONTHS)
    training = application.models.submit_training(io.BytesIO(file), "labelled.csv", request, by=Actor(analyst))
    ended = application.models.train_model(training.id)
    assert ended is not None
    assert ended.error is None
    run = application.predictions.submit_scoring(io.BytesIO(file), "labelled.csv", by=Actor(analyst))
    done = application.predictions.score_run(run.id)
    assert done is not None
    assert done.error is None


def spec(page: str, chart: str) -> dict[str, object]:
    template = re.search(rf'<template id="{chart}">(.*?)</template>', page, re.DOTALL)
    assert template, f"no chart {chart}"
    return json.loads(unescape(template[1]))  # type: ignore[no-any-return]


def test_without_a_finished_prediction_the_page_offers_the_next_step(office: Office) -> None:
    assert EMPTY in office.browser(Role.ANALYST).get("/insights").get_data(as_text=True)
    viewer = office.browser(Role.VIEWER).get("/insights").get_data(as_text=True)
    assert EMPTY in viewer


def test_the_charts_hold_the_runs_own_numbers(scored: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = scored
    with ports_of(office.application).new_reading() as uow:
        summary = uow.runs.get(RunId(run_id)).summary
    assert summary is not None
    page = browser.get("/insights").get_data(as_text=True)

    pie = spec(page, "pie-chart")
    assert pie["data"] == [summary.likely_to_leave, summary.scored - summary.likely_to_leave]
    histogram = spec(page, "attribute-chart")
    leaving, staying = (series["data"] for series in histogram["series"])  # type: ignore[index,union-attr]
    assert sum(leaving) == summary.likely_to_leave
    assert sum(leaving) + sum(staying) == summary.scored
    assert "Month-to-month contract" in page
    assert f'value="{run_id}" selected' in page
    sent = sum(len(json.dumps(spec(page, chart))) for chart in ("pie-chart", "attribute-chart", "risk-chart"))
    assert sent < 20_000

    link = re.search(r'href="(/predictions/[^"?]+\?attr=Contract[^"]*)"', page)
    assert link, "a segment leads to its customers"
    assert browser.get(unescape(link[1])).status_code == 200


def test_parts_refresh_in_place_and_the_address_reproduces_the_whole_view(
    scored: tuple[Office, Browser, str],
) -> None:
    _, browser, _ = scored
    answers: list[tuple[str, str, Callable[[str], bool]]] = [
        ("/insights/attribute?attribute=tenure", "by_attribute", lambda text: "Months with us" in text),
        ("/insights/segments?sort=lift", "segments", lambda text: 'aria-sort="descending"' in text),
        ("/insights/together?first=Contract&second=tenure", "together", lambda text: 'class="heat"' in text),
    ]
    for address, block, holds in answers:
        answer = browser.htmx(address)
        text = answer.get_data(as_text=True)
        assert f'id="{block}"' in text
        assert holds(text)
        assert answer.headers["HX-Push-Url"] == "/insights?" + address.split("?")[1]

    filtered = browser.htmx("/insights?filter=Contract%3DTwo+year")
    text = filtered.get_data(as_text=True)
    assert text.lstrip().startswith('<div id="insights_body">')
    assert "200 customers match the filter" in text
    assert sum(spec(text, "pie-chart")["data"]) == 200  # type: ignore[arg-type]


def test_label_and_threshold_change_every_part(scored: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = scored
    with ports_of(office.application).new_reading() as uow:
        policy = uow.policies.get()
    at_threshold = ports_of(office.application).results.at_threshold(RunId(run_id), 0.4, bands=policy.bands)
    page = browser.htmx(f"/insights?run={run_id}&percent=40&of={run_id}").get_data(as_text=True)
    assert spec(page, "pie-chart")["data"] == [
        at_threshold.likely_to_leave,
        at_threshold.customers - at_threshold.likely_to_leave,
    ]
    leaving = spec(page, "attribute-chart")["series"][0]["data"]  # type: ignore[index]
    assert sum(leaving) == at_threshold.likely_to_leave
    assert "back to" in page

    page = browser.htmx(f"/insights?run={run_id}&percent=40&of={run_id}&label=leaving").get_data(as_text=True)
    assert spec(page, "pie-chart")["data"] == [at_threshold.likely_to_leave, 0]
    in_cells = [int(n.replace(",", "")) for n in re.findall(r"<td class=\"[^\"]*\">[^<]*<span>([\d,]+)</span>", page)]
    assert sum(in_cells) == at_threshold.likely_to_leave


def test_a_threshold_belongs_to_the_run_it_was_chosen_for(scored: tuple[Office, Browser, str]) -> None:
    _, browser, run_id = scored
    answer = browser.htmx(f"/insights?run={run_id}&percent=99&of=another")

    assert answer.headers["HX-Push-Url"] == f"/insights?run={run_id}"
    assert "back to" not in answer.get_data(as_text=True)


def test_the_address_names_a_threshold_only_where_it_is_not_the_runs_own(scored: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = scored
    own = office.application.predictions.view_run(RunId(run_id), by=office.people[Role.ANALYST]).run.threshold
    answer = browser.htmx(f"/insights?run={run_id}&percent={own * 100:.1f}&of={run_id}")
    assert answer.headers["HX-Push-Url"] == f"/insights?run={run_id}"

    answer = browser.htmx(f"/insights?run={run_id}&percent=12.5&of={run_id}")
    assert answer.headers["HX-Push-Url"] == f"/insights?run={run_id}&percent=12.5&of={run_id}"


def test_bars_of_a_categorical_attribute_carry_their_interval(scored: tuple[Office, Browser, str]) -> None:
    _, browser, run_id = scored
    page = browser.get(f"/insights?run={run_id}&attribute=Contract").get_data(as_text=True)
    bars = spec(page, "risk-chart")["series"][0]  # type: ignore[index]
    assert bars["type"] == "bar"
    assert all(low < mean < high for low, mean, high in zip(bars["lo"], bars["data"], bars["hi"], strict=True))
    assert "k-whisker" in page


@pytest.mark.parametrize("chosen", ["", "&filter=Contract%3DTwo+year", "&percent=20", "&label=leaving"])
@pytest.mark.parametrize("attribute", ["tenure", "InternetService"])
def test_a_bar_links_to_as_many_customers_as_it_counts(
    attribute: str, chosen: str, scored: tuple[Office, Browser, str]
) -> None:
    _, browser, run_id = scored
    page = browser.get(f"/insights?run={run_id}&attribute={attribute}{chosen}").get_data(as_text=True)
    series: Any = spec(page, "attribute-chart")["series"]
    drawn = [(count, link) for bars in series for count, link in pairs(bars) if count]
    assert drawn
    for count, link in drawn[:2] + drawn[-2:]:
        customers = browser.get(link).get_data(as_text=True)
        assert re.search(rf">{count:,} customers? of 400 match", customers), link


def pairs(bars: dict[str, list[Any]]) -> list[tuple[int, str]]:
    return list(zip(bars["data"], bars["links"], strict=True))


def test_one_of_several_filters_can_be_removed(scored: tuple[Office, Browser, str]) -> None:
    _, browser, run_id = scored
    page = browser.get(f"/insights?run={run_id}&attribute=tenure&filter=Contract%3DTwo+year").get_data(as_text=True)
    link = spec(page, "attribute-chart")["series"][0]["links"][0]  # type: ignore[index]
    customers = browser.get(link).get_data(as_text=True)
    chips = re.findall(r'class="chip">([^<]+)<a href="([^"]+)"', customers)
    assert [words.strip() for words, _ in chips] == ["Contract: Two year", "Tenure: 0 to under 6"]
    left = browser.get(unescape(chips[1][1])).get_data(as_text=True)
    assert re.findall(r'class="chip">\s*([^<]+?)\s*<a', left) == ["Contract: Two year"]

    broken = browser.get(f"/predictions/{run_id}?attr=Contract&attr=tenure&level=x")
    assert broken.status_code == 422
    assert "each needs level, low and high" in broken.get_data(as_text=True)


def test_the_contribution_of_an_attribute_is_over_all_customers_and_labelled_so(
    scored: tuple[Office, Browser, str],
) -> None:
    _, browser, run_id = scored
    chart = "contribution-chart"
    page = browser.get(f"/insights?run={run_id}&attribute=Contract").get_data(as_text=True)
    filtered = browser.get(f"/insights?run={run_id}&attribute=Contract&label=leaving").get_data(as_text=True)
    assert spec(page, chart)["series"] == spec(filtered, chart)["series"]
    assert "over all customers, whatever the filter" not in page
    assert "over all customers, whatever the filter" in filtered


def test_a_run_from_before_contributions_were_kept_says_so(scored: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = scored
    (kept,) = office.folder.rglob(f"{run_id}/contributions.npy")
    kept.unlink()
    kept.with_name("manifest.json").unlink()
    with ports_of(office.application).new_uow() as uow:
        uow.hashes.remove(FileKind.RESULTS, run_id)
        uow.commit()
    page = browser.get(f"/insights?run={run_id}").get_data(as_text=True)
    assert "did not store these figures" in page
    assert 'id="contribution-chart"' not in page


def test_insights_are_visible_to_those_who_can_see_the_run(scored: tuple[Office, Browser, str]) -> None:
    office, _, run_id = scored
    stranger = office.add("stranger@telco.example.com", Role.ANALYST)
    other = office.browser()
    other.log_in(stranger.email)
    assert other.get(f"/insights?run={run_id}").status_code == 404
    assert EMPTY in other.get("/insights").get_data(as_text=True)
    assert office.browser(Role.MANAGER).get(f"/insights?run={run_id}").status_code == 200


def test_invalid_choices_are_ignored(office: Office) -> None:
    answer = office.browser(Role.VIEWER).get("/insights?attribute=%01&filter==&first=<b>&sort=;drop")

    assert answer.status_code == 200


def test_an_unknown_run_is_not_found(office: Office) -> None:
    assert office.browser(Role.MANAGER).get("/insights?run=nope").status_code == 404


def test_a_customers_page_shows_the_gain_as_the_sum_it_is(scored: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = scored
    policy = office.application.predictions.open_result(RunId(run_id), by=office.people[Role.ANALYST]).view.policy
    best = ports_of(office.application).results.page(
        RunId(run_id), CustomerQuery(0.0, sort="gain", limit=1), bands=policy.bands
    )
    page = browser.get(f"/predictions/{run_id}/customers/{best.customers[0].customer.row}").get_data(as_text=True)
    sums = re.search(r'<div class="sum.*?</section>', page, re.DOTALL)
    assert sums
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", sums[0])).split()).replace("$", "").replace(",", "")
    equation = re.search(
        r"([\d.]+)% × \(([\d.]+)% saved × \(([\d.]+) value − ([\d.]+) offer\) − ([\d.]+) contact\) ([\d.]+) "
        r".*?([\d.]+)% × \(([\d.]+) offer \+ ([\d.]+) contact\) −([\d.]+) .* months ([\d.]+)",
        words,
    )
    assert equation, words
    leave, saved, value, offer, contact, kept, stay, offer_2, contact_2, lost, gain = map(float, equation.groups())

    assert kept > 0
    assert kept == pytest.approx(leave / 100 * (saved / 100 * (value - offer) - contact), abs=0.12)
    assert lost == pytest.approx(stay / 100 * (offer_2 + contact_2), abs=0.12)
    assert gain == pytest.approx(kept - lost, abs=0.011)
    assert (offer, contact, leave + stay) == (offer_2, contact_2, pytest.approx(100.0))
