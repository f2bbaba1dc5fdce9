"""Every number is the same number: pages, charts, PDF, CSV and XLSX against pandas on the input and the scores."""

from __future__ import annotations

import gc
import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html import unescape
from math import exp
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from application.ports.persistence import RunQuery
from application.ports.results import CustomerQuery
from domain.account import Role
from domain.run import RunId
from domain.schema import match_header
from domain.training import TrainingRequest
from tests.integration.web.conftest import Browser, Office, furnished
from tests.integration.web.test_insights_pages import labelled, spec

pytestmark = [
    # xhtml2pdf leaves its temporary files of pictures to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning"),
]

IBM = Path(__file__).parents[3].parent / "shared" / "data" / "ibm-telco" / "Telco-Customer-Churn.csv"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BANDS = ("low", "medium", "high", "critical")


@dataclass
class Scored:
    """A run, and one frame of its file beside its scores: `p`, `action`, `gain`, `pays`, `left`, `likely`."""

    office: Office
    browser: Browser
    run_id: str
    threshold: float
    frame: pd.DataFrame
    contributions: pd.Series
    """What the contract adds to each customer's log-odds."""

    @property
    def likely(self) -> pd.DataFrame:
        return self.frame[self.frame.likely]

    @property
    def address(self) -> str:
        return f"/predictions/{self.run_id}"

    def page(self, url: str) -> str:
        return self.browser.get(url).get_data(as_text=True)


def the_file(name: str) -> bytes:
    if name == "generated":
        return labelled().encode()
    if not IBM.exists():
        pytest.skip("IBM's telecom sample is not beside the repository (../shared/data/ibm-telco).")
    return IBM.read_bytes()


@pytest.fixture(scope="module", params=["generated", "ibm"])
def of_a_file(
    request: pytest.FixtureRequest, installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, bytes]:
    """An installation whose analyst learned from a file and scored it, and the file."""
    file = the_file(request.param)
    return furnished(installed, tmp_path_factory.mktemp("scored") / "data", partial(_train_and_score, file=file)), file


@pytest.fixture
def scored(of_a_file: tuple[Path, bytes], new_office: Callable[..., Office], tmp_path: Path) -> Iterator[Scored]:
    folder, file = of_a_file
    office = new_office(copy_of=folder)
    with office.desk.new_reading() as uow:
        (run,) = uow.runs.find(RunQuery()).runs
    frame = frame_of(office, run.id, file)
    (tmp_path / "scored.csv").write_bytes(file)
    contributions = contributions_of(office, run.model_version, tmp_path / "scored.csv").loc[frame.index]
    yield Scored(office, office.browser(Role.ANALYST), str(run.id), run.threshold, frame, contributions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _train_and_score(office: Office, *, file: bytes) -> None:
    analyst, desk = office.people[Role.ANALYST], office.desk
    training = desk.submit_training(
        io.BytesIO(file), "labelled.csv", TrainingRequest(algorithm="logistic", effort="low"), by=analyst
    )
    ended = desk.train_model(training.id)
    assert ended is not None
    assert ended.error is None
    run = desk.score_run(desk.submit_scoring(io.BytesIO(file), "customers.csv", by=analyst).id)
    assert run is not None
    assert run.error is None


def frame_of(office: Office, run_id: RunId, file: bytes) -> pd.DataFrame:
    """The file as pandas reads it, joined to each customer's score by the row in the file."""
    with office.desk.new_reading() as uow:
        run, bands = uow.runs.get(run_id), uow.policies.get().bands
    chunks = office.desk.results.stream(run_id, CustomerQuery(run.threshold), bands=bands)
    scores = pd.DataFrame(
        [(c.customer.row, c.prediction.probability, c.action_id, c.expected_gain) for chunk in chunks for c in chunk],
        columns=["row", "p", "action", "gain"],
    ).set_index("row")
    frame = pd.read_csv(io.BytesIO(file), dtype={"customerID": str})
    frame.index += 1
    frame = frame.join(scores, how="inner")
    assert len(frame) == len(scores)
    edges = [bands.medium, bands.high, bands.critical]
    return frame.assign(
        pays=frame.MonthlyCharges,
        left=frame.Churn == "Yes",
        likely=frame.p >= run.threshold,
        band=[BANDS[sum(p >= edge for edge in edges)] for p in frame.p],
    )


def contributions_of(office: Office, model: str, path: Path) -> pd.Series:
    """Each customer's, by the row in the file, from the model itself."""
    scorer, files = office.desk.registry.scorer(model), office.desk.score_run.files
    preview = files.preview(path)
    match = match_header(scorer.schema, preview.header)
    batches = files.read(path, schema=scorer.schema, match=match, format=preview.format).batches()
    place = scorer.schema.names.index("Contract")
    rows = {
        row: float(value)
        for batch in batches
        for row, value in zip(
            batch.data.column("row").to_pylist(), scorer.score(batch).contributions[:, place], strict=True
        )
    }
    return pd.Series(rows)


def dollars(amount: float) -> str:
    return f"${amount:,.0f}"


def share(value: float) -> str:
    return f"{value:.1%}"


def plain(page: str) -> str:
    """A page's words, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_same_numbers_stand_everywhere(scored: Scored) -> None:
    check_the_result_page(scored)
    check_the_insights(scored)
    check_the_pdf(scored)
    check_the_csv(scored)
    check_the_workbook(scored)


def test_they_agree_at_another_threshold_and_under_a_filter(scored: Scored) -> None:
    scored.frame["likely"] = scored.frame.p >= 0.31
    query = "?threshold=0.31"
    check_the_result_page(scored, query)
    check_the_pdf(scored, query)
    check_the_csv(scored, query)
    check_the_workbook(scored, query)

    within = scored.frame[(scored.frame.Contract == "Month-to-month") & scored.frame.likely]
    csv = read_csv(scored, f"{query}&label=leaving&attr=Contract&level=Month-to-month")
    assert sorted(csv.customerID) == sorted(within.customerID)


def check_the_result_page(scored: Scored, query: str = "") -> None:
    page, frame, likely = scored.page(scored.address + query), scored.frame, scored.likely
    words = plain(page)
    assert f"{len(likely):,} of {len(frame):,} customers" in words
    assert f"{dollars((frame.p * frame.pays).sum())} a month is at risk" in words
    earning = likely[likely.gain > 0]
    assert f"Acting on the {len(earning):,}" in words
    assert f"expected to earn {dollars(earning.gain.sum())}" in words
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
    for action, group in likely.groupby("action"):
        if action != "leave-alone":
            assert re.search(rf"{len(group):,}( customers)? {re.escape(dollars(group.gain.sum()))}", words), action
    counts = [(likely.left).sum(), (~likely.left).sum()]
    assert f"Left {counts[0]:,} found {frame.left.sum() - counts[0]:,} missed" in words
    assert f"Stayed {counts[1]:,} false alarms" in words


def bars_of(page: str) -> list[list[int]]:
    """The histogram's customers on each side of the threshold."""
    drawn: list[dict[str, Any]] = spec(page, "d-hist")["series"]  # type: ignore[assignment]
    return [[count for _, count in line["data"]] for line in drawn]


def check_the_insights(scored: Scored) -> None:
    page = scored.page(f"/insights?run={scored.run_id}&attribute=Contract")
    frame, likely = scored.frame, scored.likely
    assert spec(page, "pie-chart")["data"] == [len(likely), len(frame) - len(likely)]
    assert f"Expected to leave: {share(frame.p.mean())}; really left: {share(frame.left.mean())}" in plain(page)
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
        for record in scored.office.desk.exports.unfinished():
            scored.office.desk.make_export(record.order.run_id, record.order.id)
        answer = scored.browser.get(address)
    return answer


def check_the_pdf(scored: Scored, query: str = "") -> None:
    answer = fetched(scored, f"{scored.address}/export.pdf{query}")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    frame, likely = scored.frame, scored.likely
    earning = likely[likely.gain > 0]
    assert f"{len(likely):,} of {len(frame):,} customers are likely to leave" in text
    assert f"together they pay {dollars(likely.pays.sum())} a month" in text
    assert "Money at risk" in text
    assert dollars((frame.p * frame.pays).sum()) in text
    assert f"expected to earn {dollars(earning.gain.sum())}" in text
    assert share(len(likely) / len(frame)) in text
    for action, group in likely.groupby("action"):
        if action != "leave-alone":
            assert f"{len(group):,} {dollars(group.gain.sum())}" in text, action
    means = scored.contributions.groupby(frame.Contract).mean()
    assert f"×{exp(means.max()):.2f} at {means.idxmax()}, ×{exp(means.min()):.2f} at {means.idxmin()}" in text
    assert f"{frame.left.sum():,} of {len(frame):,} ({share(frame.left.mean())})" in text
    monthly = frame[frame.Contract == "Month-to-month"]
    assert f"Month-to-month {len(monthly):,} {monthly.likely.sum():,} {share(monthly.p.mean())}" in text
    first = frame[frame.action != "leave-alone"].sort_values(["gain", "p"], ascending=False).iloc[0]
    assert first.customerID in text
    assert share(first.p) in text
    assert f"${first.gain:,.2f}" in text


def read_csv(scored: Scored, query: str = "") -> pd.DataFrame:
    answer = scored.browser.get(f"{scored.address}/export.csv{query}")
    return pd.read_csv(io.BytesIO(answer.data), dtype={"customerID": str})


def check_the_csv(scored: Scored, query: str = "") -> None:
    check_by_customer(read_csv(scored, query), scored)


def check_by_customer(table: pd.DataFrame, scored: Scored) -> None:
    frame = scored.frame.set_index("customerID").loc[table.customerID]
    assert len(table) == len(scored.frame)
    assert table.churn_probability.tolist() == pytest.approx(frame.p.tolist(), abs=1e-12)
    assert (table.churn_prediction == "Yes").tolist() == frame.likely.tolist()
    assert table.risk_band.tolist() == frame.band.tolist()
    earns = (frame.action != "leave-alone").to_numpy()
    assert table.expected_gain[earns].tolist() == pytest.approx(frame.gain[earns].tolist(), abs=1e-9)


def check_the_workbook(scored: Scored, query: str = "") -> None:
    answer = fetched(scored, f"{scored.address}/export.xlsx{query}")
    book = zipfile.ZipFile(io.BytesIO(answer.data))
    header, *rows = cells_of(book, "xl/worksheets/sheet1.xml")
    check_by_customer(pd.DataFrame(rows, columns=header), scored)
    summary = {row[0]: row[1:] for row in cells_of(book, "xl/worksheets/sheet2.xml") if row and row[0]}
    frame, likely = scored.frame, scored.likely
    numbers = {name: next((cell for cell in cells if isinstance(cell, float)), None) for name, cells in summary.items()}
    assert numbers["Likely to leave"] in (len(likely), likely.left.sum())
    assert (likely.gain[likely.gain > 0]).sum() == pytest.approx(numbers["Expected gain"], abs=0.01)
    for band, count in likely.band.value_counts().items():
        assert numbers[band] == count
    assert any(number == pytest.approx(likely.pays.sum()) for number in numbers.values())
    assert len(frame) in numbers.values()


def cells_of(book: zipfile.ZipFile, name: str) -> list[list[str | float]]:
    """A sheet's rows; text is written in place, so there is no list of shared strings to look it up in."""
    strings: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        tree = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - of our own making
        strings = ["".join(part.text or "" for part in item.iter(f"{SHEET}t")) for item in tree.iter(f"{SHEET}si")]
    found: list[list[str | float]] = []
    for row in ET.fromstring(book.read(name)).iter(f"{SHEET}row"):  # noqa: S314 - of our own making
        line: list[str | float] = []
        for cell in row.iter(f"{SHEET}c"):
            place = column_of(cell.attrib["r"])
            line.extend([""] * (place - len(line)))
            line.append(value_of(cell, strings))
        found.append(line)
    width = len(found[0])
    return [line + [""] * (width - len(line)) for line in found]


def value_of(cell: ET.Element, strings: list[str]) -> str | float:
    kind, value = cell.attrib.get("t"), cell.findtext(f"{SHEET}v") or ""
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
    return strings[int(value)] if kind == "s" else float(value) if value else ""


def column_of(reference: str) -> int:
    """ "A1" → 0, "AB7" → 27."""
    place = 0
    for letter in re.match(r"[A-Z]+", reference)[0]:  # type: ignore[index]
        place = place * 26 + ord(letter) - 64
    return place - 1


def test_the_charts_send_no_more_than_they_draw(scored: Scored) -> None:
    for url in (scored.address, f"/insights?run={scored.run_id}"):
        page = scored.page(url)
        for found in re.findall(r"<template id=\"[^\"]+\">(.*?)</template>", page, re.DOTALL):
            drawn = json.loads(unescape(found))
            assert sum(len(line["data"]) for line in drawn.get("series", ()) if "data" in line) <= 2_000
