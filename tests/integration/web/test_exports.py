"""Exports on the web: small tables at once, everything else ordered, polled and fetched. No request waits for a job."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.training import TrainingRequest
from tests.integration.web.conftest import Browser, Office, furnished

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def customers(rows: int) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        leaves = (n * 7919) % 100 < (55 if n % 2 == 0 else 8)
        contract = "Month-to-month" if n % 2 == 0 else "Two year"
        lines.append(f"{n:05d}-AAAAA,{(n * 13) % 72},{contract},{20 + (n * 31) % 90},{'Yes' if leaves else 'No'}")
    return "\n".join(lines).encode()


def furnish(office: Office) -> None:
    application, analyst = office.application, office.people[Role.ANALYST]
    request = TrainingRequest(algorithm="logistic", effort="low")
    application.models.train_model(
        application.models.submit_training(io.BytesIO(customers(300)), "labelled.csv", request, by=Actor(analyst)).id
    )
    for rows in (300, 7_043):
        run = application.predictions.submit_scoring(io.BytesIO(customers(rows)), f"{rows}.csv", by=Actor(analyst))
        done = application.predictions.score_run(run.id)
        assert done is not None
        assert done.error is None


@pytest.fixture(scope="module")
def with_runs(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("with-runs") / "data", furnish)


@pytest.fixture
def office(new_office: Callable[..., Office], with_runs: Path) -> Office:
    return new_office(copy_of=with_runs)


def address_of(office: Office, file_name: str) -> str:
    with ports_of(office.application).new_reading() as uow:
        run = next(run for run in uow.runs.find(RunQuery()).runs if run.file_name == file_name)
    return f"/predictions/{run.id}"


def a_worker_lives(office: Office) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.workers.heartbeat("worker", at=office.application.now())
        uow.commit()


def work(office: Office) -> None:
    for record in ports_of(office.application).exports.unfinished():
        office.application.reports.make_export(record.order.run_id, record.order.id)


def refreshes_itself(page: str, content: str) -> bool:
    """Whether a browser without scripts loads the next page automatically."""
    element = rf'<noscript>\s*<meta http-equiv="refresh" content="{re.escape(content)}">\s*</noscript>'
    return re.search(element, page) is not None


@pytest.fixture
def ordered_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every CSV is ordered, as a report always is; a report takes a second to make."""
    monkeypatch.setattr("domain.export.MAX_DIRECT_CSV_CELLS", 1)


def link_in(page: str, words: str) -> str:
    link = re.search(rf'<a class="btn btn-primary" href="([^"]+)">{words}</a>', page)
    assert link, page
    return link[1]


def test_a_report_is_ordered_and_leads_to_its_file_without_scripts(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    a_worker_lives(office)

    answer = browser.get(f"{address}/export.pdf?customers=5")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "2"
    assert answer.mimetype == "text/html"
    assert "The report is <strong>being made</strong>" in page
    status = link_in(page, "Check again")
    assert refreshes_itself(page, f"2; url={status}")
    assert "is waiting for a worker" in browser.get(status).get_data(as_text=True)

    work(office)

    ready = browser.get(status).get_data(as_text=True)
    file = link_in(ready, "Download the report")
    assert refreshes_itself(ready, f"1; url={file}")
    fetched = browser.get(file)
    assert fetched.data.startswith(b"%PDF-")
    assert fetched.headers["Cache-Control"] == "no-store"
    assert 'filename="report-300-5-customers-2' in fetched.headers["Content-Disposition"]
    assert browser.get(f"{address}/export.pdf?customers=5").data == fetched.data


def test_no_request_makes_a_report_or_waits_for_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not_happen(*_: object, **__: object) -> None:
        raise AssertionError("a request made the report, or waited for it")

    monkeypatch.setattr("adapters.reporting.pdf.PrintedReport.write", must_not_happen)
    monkeypatch.setattr("time.sleep", must_not_happen)
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")

    assert browser.get(f"{address}/export.pdf").status_code == 202
    a_worker_lives(office)
    assert browser.get(f"{address}/export.pdf").status_code == 202


def test_without_a_worker_the_page_says_so_and_the_order_is_kept(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    report = f"{address_of(office, '300.csv')}/export.pdf?customers=5"

    for page in (browser.get(report), browser.post(report, htmx=True)):
        assert "No worker is running, so the report is not ready yet." in page.get_data(as_text=True)

    work(office)
    assert browser.get(report).data.startswith(b"%PDF-")


@pytest.mark.usefixtures("ordered_tables")
def test_the_page_itself_shows_how_far_an_export_is(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    a_worker_lives(office)

    box = browser.post(f"{address}/export.csv", htmx=True).get_data(as_text=True)

    poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', box)
    assert poll, box
    assert browser.htmx(poll[1].replace("&amp;", "&")).status_code == 204
    work(office)
    assert "data-download-now" in browser.htmx(poll[1].replace("&amp;", "&")).get_data(as_text=True)


def test_the_order_by_a_plain_form_leads_to_the_file(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")

    answer = browser.post(f"{address}/export.pdf?customers=5")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/export.pdf?customers=5")


@pytest.mark.parametrize("query", ["", "?with_input=1&style=semicolon", "?raw=1"])
def test_the_csv_of_a_usual_run_comes_at_once(office: Office, query: str) -> None:
    answer = office.browser(Role.ANALYST).get(f"{address_of(office, '7043.csv')}/export.csv{query}")

    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.data.count(b"\r\n") == 7_044
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_spreadsheet_comes_at_once_where_it_is_small(office: Office) -> None:
    browser = office.browser(Role.ANALYST)

    assert browser.get(f"{address_of(office, '300.csv')}/export.xlsx").data.startswith(b"PK")
    large = f"{address_of(office, '7043.csv')}/export.xlsx"
    assert browser.get(large).status_code == 202
    work(office)
    assert browser.get(large).data.startswith(b"PK")


def test_a_long_csv_is_ordered_and_a_filtered_part_of_it_comes_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.export.MAX_DIRECT_CSV_CELLS", 9 * 7_042)
    browser, address = office.browser(Role.ANALYST), address_of(office, "7043.csv")

    assert browser.get(f"{address}/export.csv").status_code == 202
    assert browser.get(f"{address}/export.csv?q=00001").status_code == 200
    assert 'hx-post="' + f'{address}/export.csv"' in browser.get(address).get_data(as_text=True)


def test_a_csv_with_long_cells_is_ordered(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.use_cases.reports.render_export.MAX_DIRECT_CSV_BYTES", 1_000)

    assert office.browser(Role.ANALYST).get(f"{address_of(office, '300.csv')}/export.csv").status_code == 202
    assert "downloaded a CSV" not in office.audit()


def test_the_eleventh_waiting_export_is_rejected_with_a_message(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    for customers in range(10):
        assert browser.get(f"{address}/export.pdf?customers={customers}").status_code == 202

    for answer in (
        browser.get(f"{address}/export.pdf?customers=11"),
        browser.post(f"{address}/export.pdf?customers=11", htmx=True),
    ):
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "30"
        assert "10 of your exports are waiting to be made" in answer.get_data(as_text=True)
    assert browser.get(f"{address}/export.pdf?customers=3").status_code == 202
    assert browser.get(f"{address}/export.csv").status_code == 200


@pytest.mark.usefixtures("ordered_tables")
def test_only_the_owner_can_fetch_an_export(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    status = link_in(browser.get(f"{address}/export.csv").get_data(as_text=True), "Check again")
    work(office)

    assert browser.get(f"{status}/file").status_code == 200
    other: Browser = office.browser(Role.ADMIN)
    assert other.get(status).status_code == 404
    assert other.get(f"{status}/file").status_code == 404
    assert browser.get(f"{address}/exports/none/file").status_code == 404


def test_too_many_customers_in_a_report_are_rejected_with_a_message(office: Office) -> None:
    answer = office.browser(Role.ANALYST).get(f"{address_of(office, '300.csv')}/export.pdf?customers=501")

    assert answer.status_code == 422
    assert "at most 500 customers" in answer.get_data(as_text=True)


def test_eight_people_who_order_reports_get_their_answers_at_once(office: Office) -> None:
    """The web process renders nothing, so that eight orders take no longer than their database reads."""
    browsers = [office.browser(Role.ANALYST) for _ in range(8)]
    address, seen = address_of(office, "300.csv"), []

    def ask(browser: Browser, number: int) -> None:
        seen.append(browser.get(f"{address}/export.pdf?customers={number}").status_code)

    threads = [threading.Thread(target=ask, args=(browser, n)) for n, browser in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert seen == [202] * 8


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ""),
        ("band=critical", "critical-"),
        ("label=leaving&worth_contacting=yes", "likely-to-leave-worth-contacting-"),
        ("attr=Contract&level=One+year", "Contract-One-year-"),
        ("threshold=0.125", "threshold-12.5-"),
        ("q=00001", "search-"),
    ],
)
def test_each_filter_has_its_own_file_name(office: Office, query: str, words: str) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    for kind in ("csv", "parquet"):
        name = browser.get(f"{address}/export.{kind}?{query}").headers["Content-Disposition"]
        assert re.match(rf'attachment; filename="predictions-300-{words}\d{{4}}-\d\d-\d\d\.{kind}";', name), name


def test_each_variant_has_its_own_file_name(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    for query, words in (("raw=1", "for-programs-"), ("with_input=1&style=semicolon", "with-file-columns-semicolons-")):
        name = browser.get(f"{address}/export.csv?{query}").headers["Content-Disposition"]
        assert f'filename="predictions-300-{words}' in name


def test_the_first_button_says_how_many_customers_a_filter_leaves(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "7043.csv")
    whole, part = (" ".join(browser.get(f"{address}{query}").text.split()) for query in ("", "?worth_contacting=yes"))
    assert "Download CSV</a>" in whole
    count = re.search(r"Download ([\d,]+) as CSV</a>", part)
    assert count
    lines = browser.get(f"{address}/export.csv?worth_contacting=yes").data.count(b"\r\n") - 1
    assert int(count[1].replace(",", "")) == lines
    for title in ("Excel (XLSX)", "Parquet", "PDF", "CSV with your file’s columns", "CSV for programs"):
        assert f"<span>{title}<small>" in part


def test_a_csv_with_semicolons_is_asked_for_once_or_always(office: Office) -> None:
    browser, address = office.browser(Role.ANALYST), address_of(office, "300.csv")
    first = browser.get(f"{address}/export.csv?style=semicolon").data.decode()
    header, line = first.split("\r\n")[:2]
    assert header.startswith("\ufeff")
    assert header.split(";")[1] == "churn_probability"
    assert re.fullmatch(r"\d,\d{1,6}", line.split(";")[1])
    assert browser.get(f"{address}/export.csv").data.startswith("\ufeffcustomerID,".encode())
    browser.post("/profile/csv", {"style": "semicolon"})
    assert browser.get(f"{address}/export.csv").data.decode() == first
    assert browser.get(f"{address}/export.csv?raw=1").data.startswith(b"customerID,churn_probability,")
