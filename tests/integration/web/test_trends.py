"""Charts over time: one point for each month of the same customers, the same on every page and in the PDF."""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import RunId
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_insights_pages import labelled, scored, spec, with_a_run

__all__ = ["scored", "with_a_run"]

LEFT_OUT = (
    "4 predictions are left out: no month (1), fewer than 30 customers (1), other customers (1), a newer prediction of "
    "the month (1)."
)


@pytest.fixture
def months(scored: tuple[Office, Browser, str]) -> Iterator[tuple[Office, Browser, str]]:
    """Besides a file without a month: October twice, six customers of September, and other customers of August."""
    office, browser, run_id = scored
    lines = labelled().splitlines()
    others = [lines[0], *(line.replace("-AAAAA", "-BBBBB") for line in lines[1:])]
    for name, rows in (
        ("others-2026-08.csv", others),
        ("six_Sep2026.csv", lines[:7]),
        ("customers_Oct2026.csv", lines),
        ("customers-2026-10.csv", lines[:-30]),
    ):
        by = Actor(office.people[Role.ANALYST])
        run = office.application.predictions.submit_scoring(io.BytesIO("\n".join(rows).encode()), name, by=by)
        done = office.application.predictions.score_run(run.id)
        assert done is not None
        assert done.error is None
    yield office, browser, run_id
    gc.collect()  # the renderer of the PDF leaves its temporary files of pictures to the garbage collector


def text_of(browser: Browser, url: str) -> str:
    page = re.sub(r"<template.*?</template>", "", browser.get(url).get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page)))


def chart(browser: Browser, url: str, name: str) -> dict[str, Any]:
    return spec(browser.get(url).get_data(as_text=True), name)


def test_predictions_that_are_no_month_of_the_base_are_left_out_and_said(months: tuple[Office, Browser, str]) -> None:
    _, browser, run_id = months

    for url in ("/dashboard", "/insights"):
        page = text_of(browser, url)
        assert "A line needs two months. So far there is one, Oct 2026, with" in page
        assert f"{LEFT_OUT} Which month is labelled.csv?" in page
        assert f'href="/predictions/{run_id}#month"' in browser.get(url).get_data(as_text=True)
    assert "than on" not in text_of(browser, "/dashboard")
    assert "than in" not in text_of(browser, "/dashboard")


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning")
def test_a_month_that_a_person_says_is_a_point_everywhere(months: tuple[Office, Browser, str], tmp_path: Path) -> None:
    office, browser, run_id = months
    page = browser.get(f"/predictions/{run_id}").get_data(as_text=True)
    assert "The month of this file is not known, so it is left out of charts over time." in page
    assert "Which month is it" in browser.get("/history").get_data(as_text=True)

    answer = browser.post(f"/predictions/{run_id}/month", {"month": "2026-11"})
    assert answer.status_code == 303
    assert "November 2026, as it was chosen here" in text_of(browser, f"/predictions/{run_id}")

    with ports_of(office.application).new_reading() as uow:
        newest = uow.runs.get(RunId(run_id))
    assert newest.summary is not None
    expected = round(100 * newest.summary.mean_probability, 2)
    seen = {url: chart(browser, url, name) for url, name in (("/dashboard", "trend"), ("/insights", "trend-chart"))}
    for own in seen.values():
        assert own["labels"] == ["Oct 2026", "Nov 2026"]
        assert own["series"][0]["data"][1] == expected
    instead = " ".join(re.findall(r"<noscript>(.*?)</noscript>", browser.get("/dashboard").get_data(as_text=True)))
    assert "Nov 2026" in instead
    assert f"{newest.summary.mean_probability:.1%}" in instead
    assert seen["/dashboard"]["series"][0]["data"] == seen["/insights"]["series"][0]["data"]
    sentence = re.search(r'aria-label="(Expected churn [^"]+)"', browser.get("/insights").get_data(as_text=True))
    assert sentence is not None
    assert unescape(sentence[1]) in unescape(browser.get("/dashboard").get_data(as_text=True))
    path, by = tmp_path / "report.pdf", Actor(office.people[Role.ANALYST])
    office.application.reports.export_pdf(newest.id, CustomerQuery(newest.threshold), path, by=by, customers=1)
    report = " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
    assert f"{unescape(sentence[1])}." in report
    assert "3 predictions are left out: fewer than 30 customers (1), other customers (1)" in report


def test_a_month_is_checked_and_taken_back(scored: tuple[Office, Browser, str]) -> None:
    _, browser, run_id = scored
    url = f"/predictions/{run_id}/month"

    assert browser.post(url, {"month": "2026-13"}).status_code == 422
    browser.post(url, {"month": "2026-11"})
    assert "labelled.csv” is of November 2026." in text_of(browser, f"/predictions/{run_id}")
    browser.post(url, {"month": ""})
    assert "The month of this file is not known" in text_of(browser, f"/predictions/{run_id}")


def test_a_customers_risk_is_shown_by_month_and_this_prediction_is_marked(months: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = months
    browser.post(f"/predictions/{run_id}/month", {"month": "2026-11"})
    with ports_of(office.application).new_reading() as uow:
        bands, run = uow.policies.get().bands, uow.runs.get(RunId(run_id))
    first = ports_of(office.application).results.page(run.id, CustomerQuery(run.threshold), bands=bands).customers[0]

    own = chart(browser, f"/predictions/{run_id}/customers/{first.customer.row}", "d-past")

    assert own["labels"] == ["Oct 2026", "Nov 2026"]
    assert own["titles"] == ["Oct 2026", "Nov 2026 (this prediction)"]
    assert own["series"][0]["data"][1] == pytest.approx(100 * first.prediction.probability)
    assert own["series"][0]["label"].endswith("%, this prediction")


def test_a_report_is_made_again_when_its_trend_changes(months: tuple[Office, Browser, str]) -> None:
    office, browser, run_id = months
    order, by = office.application.reports.order_export, Actor(office.people[Role.ANALYST])
    with ports_of(office.application).new_reading() as uow:
        query = CustomerQuery(uow.runs.get(RunId(run_id)).threshold)

    def ordered(kind: ExportKind) -> str:
        return order(RunId(run_id), query, ExportOptions(kind), by=by).order.id

    before = {kind: ordered(kind) for kind in (ExportKind.PDF, ExportKind.XLSX)}
    assert ordered(ExportKind.PDF) == before[ExportKind.PDF]
    browser.post(f"/predictions/{run_id}/month", {"month": "2026-11"})

    assert ordered(ExportKind.PDF) != before[ExportKind.PDF]
    assert ordered(ExportKind.XLSX) == before[ExportKind.XLSX]
