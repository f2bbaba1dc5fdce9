"""Every number is the same number: pages, charts, PDF, CSV and XLSX against pandas on the input and the scores."""

from __future__ import annotations

import gc
import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from math import exp
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from tests.integration.terminal import Terminal
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import (
    Scored,
    contributions_of,
    dollars,
    frame_of,
    share,
    the_file,
    train_and_score,
)
from tests.integration.web.test_insights_pages import spec
from tests.integration.web.workbooks import cells_of

pytestmark = [
    # xhtml2pdf leaves its temporary files of pictures to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", params=["generated", "ibm"])
def of_a_file(
    request: pytest.FixtureRequest, installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, bytes]:
    """An installation whose analyst learned from a file and scored it, and the file."""
    file = the_file(request.param)
    return furnished(installed, tmp_path_factory.mktemp("scored") / "data", partial(train_and_score, file=file)), file


@pytest.fixture
def scored(of_a_file: tuple[Path, bytes], new_office: Callable[..., Office], tmp_path: Path) -> Iterator[Scored]:
    folder, file = of_a_file
    office = new_office(copy_of=folder)
    with ports_of(office.application).new_reading() as uow:
        (run,) = uow.runs.find(RunQuery()).runs
    frame = frame_of(office, run.id, file)
    (tmp_path / "scored.csv").write_bytes(file)
    contributions = contributions_of(office, run.model_version, tmp_path / "scored.csv").loc[frame.index]
    yield Scored(office, office.browser(Role.ANALYST), str(run.id), run.threshold, frame, contributions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


CONTRACTS = {
    "Month-to-month": "Month-to-month contract",
    "One year": "One-year contract",
    "Two year": "Two-year contract",
}
"""The words of pages and PDF."""


def plain(page: str) -> str:
    """A page's words, without its markup."""
    unemphasised = re.sub(r"</?strong>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", unemphasised)).split())


def test_every_page_and_export_shows_the_same_numbers(scored: Scored) -> None:
    check_the_result_page(scored)
    check_the_insights(scored)
    check_the_pdf(scored)
    check_the_csv(scored)
    check_the_workbook(scored)


def test_pages_and_exports_agree_at_another_threshold_and_under_a_filter(scored: Scored) -> None:
    scored.frame["likely"] = scored.frame.p >= 0.31
    scored.moved = True
    query = "?threshold=0.31"
    check_the_result_page(scored, query)
    check_the_pdf(scored, f"{query}&customers=60")  # the other figures are of all customers
    check_the_csv(scored, query)
    check_the_workbook(scored, query)

    within = scored.frame[(scored.frame.Contract == "Month-to-month") & scored.frame.likely]
    csv = read_csv(scored, f"{query}&label=leaving&attr=Contract&level=Month-to-month")
    assert sorted(csv.customerID) == sorted(within.customerID)


def check_the_result_page(scored: Scored, query: str = "") -> None:
    page, frame, likely = scored.page(scored.address + query), scored.frame, scored.likely
    words = plain(page)
    assert f"{len(likely):,} of {len(frame):,} customers" in words
    assert scored.answer in words
    assert words.count("assuming save rates of 11.5% to 42%; none measured yet") == 1
    assert f"paying {dollars(likely.pays.sum())} a month" in words
    assert f"paying {dollars(frame.pays.sum() - likely.pays.sum())} a month" in words
    for band, count in likely.band.value_counts().items():
        assert f"{count:,} {band}" in words

    pie = spec(page, "d-pie")
    assert pie["data"] == [len(likely), len(frame) - len(likely)]
    staying, leaving = bars_of(page)
    together = [stay + leave for stay, leave in zip(staying, leaving, strict=True)]
    expected = (frame.p * len(together)).astype(int).clip(upper=len(together) - 1).value_counts()
    assert together == [int(expected.get(place, 0)) for place in range(len(together))]
    assert sum(leaving) == len(likely)
    for action, group in frame.groupby("action"):
        if action != "leave-alone":
            assert re.search(rf"{len(group):,}( customers)? {re.escape(dollars(group.gain.sum()))}", words), action
    counts = [(likely.left).sum(), (~likely.left).sum()]
    assert f"Left {counts[0]:,} found {frame.left.sum() - counts[0]:,} missed" in words
    assert f"Stayed {counts[1]:,} false alarms" in words
    assert "it cannot see a change in how attributes relate to leaving (concept drift)" in words
    assert re.search(
        rf"Churn {share(frame.p.mean())} [\d.]+% to [\d.]+% [\d.]+% to [\d.]+% {share(frame.left.mean())}", words
    )
    assert re.search(rf"Precision [\d.]+% [^P]+ {share(likely.left.mean())} Recall", words)


def bars_of(page: str) -> list[list[int]]:
    """The histogram's customers on each side of the threshold."""
    drawn: list[dict[str, Any]] = spec(page, "d-hist")["series"]  # type: ignore[assignment]
    return [[count for _, count in line["data"]] for line in drawn]


def check_the_insights(scored: Scored) -> None:
    page = scored.page(f"/insights?run={scored.run_id}&attribute=Contract")
    frame, likely = scored.frame, scored.likely
    assert spec(page, "pie-chart")["data"] == [len(likely), len(frame) - len(likely)]
    assert f"Expected to leave: {share(frame.p.mean())}; actually left: {share(frame.left.mean())}" in plain(page)
    assert f"Estimate: {share(frame.p.mean())} leave (95% interval " in plain(page)
    assert "Estimate: " not in plain(scored.page(f"/insights?run={scored.run_id}&label=leaving"))
    histogram, risk = spec(page, "attribute-chart"), spec(page, "risk-chart")
    by = frame.groupby("Contract")
    for place, level in enumerate(histogram["labels"]):  # type: ignore[arg-type,var-annotated]
        group = by.get_group(level)
        leaving, staying = (series["data"][place] for series in histogram["series"])  # type: ignore[index,union-attr]
        assert (leaving, staying) == (group.likely.sum(), (~group.likely).sum())
        mean, seen = (series["data"][place] for series in risk["series"])  # type: ignore[index,union-attr]
        assert mean == pytest.approx(100 * group.p.mean(), abs=0.0051)
        assert seen == pytest.approx(100 * group.left.mean(), abs=0.0051)
    check_the_contributions(scored, page)
    rows = {row[0]: row for row in spec(page, "segments-table")["rows"]}  # type: ignore[union-attr]
    monthly = by.get_group("Month-to-month")
    segment = rows["Month-to-month contract"]
    lift = monthly.p.mean() / frame.p.mean()
    assert segment[1:3] == [f"{len(monthly):,}", share(monthly.p.mean())]
    assert segment[4] == f"{lift:.1f}×"
    assert segment[6] == dollars((monthly.p * monthly.pays).sum())


def check_the_contributions(scored: Scored, page: str) -> None:
    by = scored.contributions.groupby(scored.frame.Contract)
    mean, half = by.mean(), 1.96 * by.sem()
    chart = spec(page, "contribution-chart")
    assert sorted(chart["labels"]) == sorted(mean.index)  # type: ignore[call-overload]
    (line,) = chart["series"]  # type: ignore[misc]
    for place, level in enumerate(chart["labels"]):  # type: ignore[arg-type,var-annotated]
        assert line["data"][place] == pytest.approx(mean[level], abs=6e-5)
        assert line["lo"][place] == pytest.approx(mean[level] - half[level], abs=6e-5)
        assert line["hi"][place] == pytest.approx(mean[level] + half[level], abs=6e-5)
        assert chart["titles"][place] == f"{level}: {by.size()[level]:,} customers"  # type: ignore[index]
    assert f"multiplied by {exp(mean.max()):.2f} at {mean.idxmax()}" in plain(page)


def fetched(scored: Scored, address: str) -> TestResponse:
    """The file, made by a worker first where the answer says that it has to be."""
    answer = scored.browser.get(address)
    if answer.status_code == 202:
        for record in ports_of(scored.office.application).exports.unfinished():
            scored.office.application.reports.make_export(record.order.run_id, record.order.id)
        answer = scored.browser.get(address)
    return answer


def check_the_pdf(scored: Scored, query: str = "") -> None:
    answer = fetched(scored, f"{scored.address}/export.pdf{query}")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    frame, likely = scored.frame, scored.likely
    assert scored.answer in text
    assert text.count("assuming save rates of 11.5% to 42%; none measured yet") == 1
    assert f"paying {dollars(likely.pays.sum())} a month" in text
    assert "Money at risk" in text
    assert dollars((frame.p * frame.pays).sum()) in text
    assert share(len(likely) / len(frame)) in text
    for action, group in frame.groupby("action"):
        if action != "leave-alone":
            assert f"{len(group):,} {dollars(group.gain.sum())}" in text, action
    means = scored.contributions.groupby(frame.Contract).mean()
    ends = [(means.max(), CONTRACTS[means.idxmax()]), (means.min(), CONTRACTS[means.idxmin()])]
    assert ", ".join(f"×{exp(mean):.2f} among “{words}”" for mean, words in ends) in text
    assert f"{frame.left.sum():,} of {len(frame):,} ({share(frame.left.mean())})" in text
    monthly = frame[frame.Contract == "Month-to-month"]
    assert f"Month-to-month contract {len(monthly):,} {monthly.likely.sum():,} {share(monthly.p.mean())}" in text
    check_the_words(text, plain(scored.page(scored.address + query.partition("&customers")[0])), frame)
    first = frame[frame.action != "leave-alone"].sort_values(["gain", "p"], ascending=False).iloc[0]
    assert first.customerID in text
    assert share(first.p) in text
    assert f"${first.gain:,.2f}" in text


def check_the_words(report: str, page: str, frame: pd.DataFrame) -> None:
    """Quality in this file has the same words, the same order and the same form on the page and in the report."""
    found, missed = int((frame.likely & frame.left).sum()), int((~frame.likely & frame.left).sum())
    alarms, right = int((frame.likely & ~frame.left).sum()), int((~frame.likely & ~frame.left).sum())
    f1 = f"{2 * found / (2 * found + alarms + missed):.3f}"
    counts = f"Left {found:,} found {missed:,} missed Stayed {alarms:,} false alarms {right:,} correct “staying” labels"
    for text in (page, report):
        assert "Called leaving Called staying" in text
        assert counts in text
        assert f1 in text
    assert re.search(r"● Critical 75% and more .*● High 50% to 75% ", report)


def read_csv(scored: Scored, query: str = "") -> pd.DataFrame:
    answer = scored.browser.get(f"{scored.address}/export.csv{query}")
    return pd.read_csv(io.BytesIO(answer.data), dtype={"customerID": str})


def check_the_csv(scored: Scored, query: str = "") -> None:
    check_by_customer(read_csv(scored, query), scored, digits=6, cents=2)
    check_by_customer(read_csv(scored, f"{query}{'&' if query else '?'}raw=1"), scored)


def check_by_customer(table: pd.DataFrame, scored: Scored, *, digits: int = 12, cents: int = 9) -> None:
    frame = scored.frame.set_index("customerID").loc[table.customerID]
    assert len(table) == len(scored.frame)
    assert table.churn_probability.tolist() == pytest.approx(frame.p.tolist(), abs=10**-digits)
    assert (table.churn_prediction == "Yes").tolist() == frame.likely.tolist()
    assert table.risk_band.tolist() == frame.band.tolist()
    earns = (frame.action != "leave-alone").to_numpy()
    assert table.expected_gain[earns].tolist() == pytest.approx(frame.gain[earns].tolist(), abs=10**-cents)


def check_the_workbook(scored: Scored, query: str = "") -> None:
    answer = fetched(scored, f"{scored.address}/export.xlsx{query}")
    book = zipfile.ZipFile(io.BytesIO(answer.data))
    header, *rows = cells_of(book, "xl/worksheets/sheet1.xml")
    check_by_customer(pd.DataFrame(rows, columns=header), scored)
    summary = {row[0]: row[1:] for row in cells_of(book, "xl/worksheets/sheet2.xml") if row and row[0]}
    frame, likely = scored.frame, scored.likely
    numbers = {name: next((cell for cell in cells if isinstance(cell, float)), None) for name, cells in summary.items()}
    assert numbers["Likely to leave"] in (len(likely), likely.left.sum())
    assert numbers["Worth contacting"] == len(scored.earning)
    assert scored.earning.gain.sum() == pytest.approx(numbers["Expected gain"], abs=0.01)
    assert scored.answer in summary
    for band, count in likely.band.value_counts().items():
        assert numbers[band] == count
    assert any(number == pytest.approx(likely.pays.sum()) for number in numbers.values())
    assert len(frame) in numbers.values()


def test_the_charts_send_no_more_than_they_draw(scored: Scored) -> None:
    for url in (scored.address, f"/insights?run={scored.run_id}"):
        page = scored.page(url)
        for template in re.findall(r"<template id=\"[^\"]+\">(.*?)</template>", page, re.DOTALL):
            drawn = json.loads(unescape(template))
            assert sum(len(line["data"]) for line in drawn.get("series", ()) if "data" in line) <= 2_000


def test_who_is_worth_contacting_is_the_same_everywhere(scored: Scored, tmp_path: Path) -> None:
    check_the_dashboard(scored)
    check_the_command_line(scored, tmp_path)
    check_the_contact_list(scored, tmp_path)
    check_the_list_of_customers(scored)
    check_the_filter(scored)


def terminal_of(scored: Scored, folder: Path) -> Terminal:
    terminal = Terminal(folder)
    terminal.data = scored.office.folder
    return terminal


def check_the_dashboard(scored: Scored) -> None:
    words = plain(scored.page("/dashboard"))
    assert scored.answer in words
    assert words.count("assuming save rates of 11.5% to 42%; none measured yet") == 1
    assert f"Contact {len(scored.earning):,} customers" in words


def check_the_command_line(scored: Scored, folder: Path) -> None:
    terminal, earning = terminal_of(scored, folder), scored.earning
    document = terminal.json("runs", "show", scored.run_id)
    assert document["answer"] == scored.answer
    assert document["assumption"] == "Gains are expected, assuming save rates of 11.5% to 42%; none measured yet."
    assert (document["predicted_churn"], document["worth_contacting"]) == (len(scored.likely), len(earning))
    assert document["expected_gain"] == pytest.approx(earning.gain.sum())
    assert scored.answer in terminal.run("runs", "show", scored.run_id).stdout

    chosen = {"--worth-contacting": earning, "--not-worth-contacting": scored.frame.drop(earning.index)}
    for option, customers in chosen.items():
        out = folder / "chosen.csv"
        terminal.json("runs", "export", scored.run_id, option, "--out", out)
        exported = pd.read_csv(out, dtype={"customerID": str})
        assert sorted(exported.customerID) == sorted(customers.customerID)


def check_the_contact_list(scored: Scored, folder: Path) -> None:
    """The list in SQL holds everybody, and says what the table says."""
    wanted = "customer_id, expected_gain, message, offer_cost, contact_cost"
    rows = terminal_of(scored, folder).sql(f"select {wanted} from contacts where expected_gain > 0")  # noqa: S608 - no input
    assert len(rows) == len(scored.earning)
    assert sum(row[1] for row in rows) == pytest.approx(scored.earning.gain.sum())
    kept = {row[0]: row[2:] for row in rows}
    table = read_csv(scored).fillna({"message": ""})
    assert tuple(table.columns[-8:-4]) == ("worth_contacting", "message", "offer_cost", "contact_cost")
    assert tuple(table.columns[-4:]) == ("monthly_revenue", "model", "threshold", "predicted_on")
    written = table[table.worth_contacting == "Yes"]
    assert set(written.customerID) == set(scored.earning.customerID) == set(kept)
    for customer, message, offer, contact in zip(
        written.customerID, written.message, written.offer_cost, written.contact_cost, strict=True
    ):
        assert (message, offer, contact) == (kept[customer][0], pytest.approx(kept[customer][1]), kept[customer][2])
    others = table[table.worth_contacting == "No"]
    assert set(others.message) <= {""}
    assert others[["offer_cost", "contact_cost"]].sum().sum() == 0


def check_the_list_of_customers(scored: Scored) -> None:
    """The page and the table begin with the highest gain, and go by risk on demand."""
    best = scored.frame.sort_values(["gain", "p"], ascending=False).customerID.tolist()
    assert re.findall(r'<a class="id"[^>]*>\s*([^<]+)</a>', scored.page(scored.address))[0] == best[0]
    assert read_csv(scored).expected_gain.is_monotonic_decreasing
    assert read_csv(scored, "?sort=risk").churn_probability.is_monotonic_decreasing


def check_the_filter(scored: Scored) -> None:
    everybody, earning = scored.frame, scored.earning
    for wanted, customers in (("yes", earning), ("no", everybody.drop(earning.index))):
        query = f"?worth_contacting={wanted}"
        part = scored.browser.get(
            scored.address + query, headers={"HX-Request": "true", "HX-Target": "customers_table"}
        )
        assert f"{len(customers):,} customers of {len(everybody):,}" in plain(part.get_data(as_text=True))
        assert sorted(read_csv(scored, query).customerID) == sorted(customers.customerID)
        staying = customers[~customers.likely]
        assert sorted(read_csv(scored, f"{query}&label=staying").customerID) == sorted(staying.customerID)
    nobody = plain(scored.page(f"{scored.address}?threshold=0.999"))
    assert f"Contacting the {len(earning):,} for whom an offer pays is expected to earn" in nobody
