"""The printed report: says what the content says, fetches nothing, and is the same bytes each time."""

from __future__ import annotations

import gc
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from adapters.reporting import chart_pictures
from adapters.reporting.pdf import PrintedReport, policy
from adapters.reporting.print_fonts import drawable, fonts_folder
from adapters.reporting.printed import answer, printed
from adapters.reporting.printed_customers import query_words
from application.ports.reports import PdfExporter, ReportContent
from application.ports.results import ThresholdFigures
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.policy import InstallationPolicy
from domain.prediction import RiskBand
from domain.run import Contacting, TrainingOverlap
from domain.schema import CustomerSchema
from domain.trend import Trend
from tests.contract.reports_content import HISTOGRAMS, SCHEMA, SEGMENTS, customers, group, model, report_content

HOSTILE = (
    "<img src=file:///etc/passwd>",
    '<img src="http://127.0.0.1:9/x.png">',
    "../../../../etc/passwd",
    "</td></tr></table><pdf:nextpage>",
    "{{ 7 * 7 }}{% raw %}",
    "$\\frac{1}{0}$ & more",
    "A" * 300,
)
PICTURES = (
    *(chart_pictures.pie, chart_pictures.risk_histogram, chart_pictures.groups_by_risk, chart_pictures.trend),
    chart_pictures.accuracy_by_round,
)
"""They are kept for the next report."""
NAMES = ("Αλέξανδρος Παπαδόπουλος", "Мария Ивановна", "Nyasha Ṱhohoyanḓou ñ", "0199f0a2-6d1c-7cc0-8f00-0123456789ab")


@pytest.fixture(params=[PrintedReport])
def exporter(request: pytest.FixtureRequest) -> Iterator[PdfExporter]:
    yield request.param()
    gc.collect()  # a file that the renderer forgot to close is a fault of this test, not of the next one


def pages_of(exporter: PdfExporter, content: ReportContent, folder: Path) -> list[str]:
    exporter.write(content, folder / "report.pdf")
    with (folder / "report.pdf").open("rb") as file:
        return [page.extract_text() for page in PdfReader(file).pages]


def small(**changes: object) -> ReportContent:
    return report_content(30, 9, 30, **{"truth": False, "matching": 30, "trend": Trend(), **changes})


def plain(**changes: object) -> ReportContent:
    """Without pictures of groups: what is tested stands in the text, and pictures take half of the time."""
    return small(**{"histograms": (), "customers": customers(5, truth=False), **changes})


@cache
def printed_in_full() -> dict[str, Any]:
    """Everything of a report with 70 customers, for the tests that look at a part of it."""
    return printed(report_content(shown=70))


def words(content: ReportContent) -> str:
    return "".join(piece.text for piece in answer(content))


def test_the_answer_is_one_sentence_with_its_figures() -> None:
    assert words(report_content()) == (
        "1,856 of 7,043 customers are likely to leave within the next month; $144,511 a month is at risk. "
        "Contacting the 1,836 for whom an offer pays is expected to earn $59,949."
    )


def test_the_answer_has_its_own_wording_for_no_and_one_likely_leaver() -> None:
    nobody = ThresholdFigures(0.4, 30, 0, 0.0, 1900.0, Contacting(0, 0.0, ()), {}, None)
    one = ThresholdFigures(0.4, 30, 1, 70.0, 1900.0, Contacting(1, 12.4, ()), {}, None)
    assert words(small(at_threshold=nobody)) == (
        "None of the 30 customers is likely to leave within the next month. "
        "No offer is expected to pay for itself, so there is no one to contact."
    )
    assert words(small(at_threshold=one)) == (
        "1 of 30 customers is likely to leave within the next month; this customer pays $70 a month. "
        "Contacting the one for whom an offer pays is expected to earn $12."
    )


def test_a_full_report_says_every_part(exporter: PdfExporter, tmp_path: Path) -> None:
    content = report_content(shown=70)
    pages = pages_of(exporter, content, tmp_path)
    text = " ".join(" ".join(pages).split())
    for part in (
        *("Who is likely to leave", "How the risk is spread", "What drives the risk"),
        *("Over time", "Where the risk sits"),
        *("What to do about it", "How good the model is", "Accuracy as the model learned", "Method and limits"),
        *("79.1% to 81.5%", "Model v4, learned from 7,043 customers", "One-year contract, 10% off", "$27,078"),
        "1,786 more customers match and are not listed here.",
        *("×1.65 among “Month-to-month contract”, ×0.33 among “Two-year contract”", "Really left"),
        "Expected churn rose from 24.0% in Jun 2026 and is 29.0% in Nov 2026.",
        "1 prediction is left out: fewer than 30 customers (1).",
    ):
        assert part in text
    assert text.count("Gains are expected, assuming save rates of 30%; none measured yet.") == 1
    assert "26.4% of customers, paying $138,272 a month" in text
    assert [re.findall(r"Page \d+ of \d+", page) for page in pages] == [[f"Page {n} of 8"] for n in range(1, 9)]
    listed = [page for page in pages if "Strongest reasons" in page]
    assert len(listed) == 3, "the head of the table stands on each of its pages"
    for scored in content.customers:
        assert str(scored.customer.id) in text


def test_the_churn_rate_over_time_lies_in_its_interval() -> None:
    content = report_content()
    narrow = tuple((own.month, replace(own, low=own.expected, high=own.expected)) for own in content.trend.points)
    assert chart_pictures.trend(narrow) != chart_pictures.trend(content.trend.months)


def test_equal_content_gives_equal_bytes(exporter: PdfExporter, tmp_path: Path) -> None:
    for name in ("a", "b"):
        for picture in PICTURES:
            picture.cache_clear()
        exporter.write(small(histograms=HISTOGRAMS[:1], customers=customers(5, truth=False)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert b"(D:20261122071406+00'00')" in (tmp_path / "a").read_bytes()


def test_hostile_names_are_printed_and_never_followed(
    exporter: PdfExporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *given, **_: asked.append(str(given[1])))
    monkeypatch.setattr("http.client.HTTPConnection.connect", lambda connection: asked.append(connection.host))
    content = small(
        customers=customers(30, truth=False, ids=HOSTILE),
        owner_name=HOSTILE[0],
        segments=tuple((name, group(name, 40, 0.4)) for name in HOSTILE),
        histograms=((HOSTILE[5], tuple(group(name, 40, 0.4) for name in HOSTILE)),),
        query=CustomerQuery(0.42, search=HOSTILE[1], attributes=(AttributeFilter(HOSTILE[0], level=HOSTILE[1]),)),
    )
    content = replace(content, run=replace(content.run, file_name=HOSTILE[0] + "x" * 200))
    text = "".join("".join(pages_of(exporter, content, tmp_path)).split())
    assert "<imgsrc=file:///etc/passwd>" in text
    assert "127.0.0.1:9" in text
    assert "{{7*7}}" in text
    assert "root:" not in text
    assert asked == []


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A server on this machine that answers nobody: its port, and the connections that came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stopped = threading.Event()

        def accept() -> None:
            while not stopped.is_set():
                with suppress(TimeoutError):
                    connection, address = server.accept()
                    came.append(address)
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], came
        stopped.set()
        thread.join()


def asking_for(url: str) -> tuple[str, ...]:
    """Ways in which text could make a renderer of HTML fetch an address."""
    return (
        f'<img src="{url}">',
        f"<link rel=stylesheet href='{url}'>",
        f'<style>@import url("{url}"); @font-face {{ font-family: x; src: url({url}) }}</style>',
        f'<td style="background-image: url({url})">',
        f'<pdf:include src="{url}"/><iframe src="{url}"></iframe><object data="{url}">',
        f'<svg><image xlink:href="{url}"/></svg>',
        f'"><script src="{url}"></script>',
        f"{{% include '{url}' %}}{{{{ '{url}' }}}}",
        f"](){{background:url({url})}} url({url})",
    )


def test_hostile_names_and_settings_read_no_file_and_reach_no_server(
    exporter: PdfExporter, tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, came = listener
    secret = tmp_path / "secret.html"
    secret.write_text("<p>the-secret-of-the-server</p>")
    upwards = "../" * 12 + str(secret).lstrip("/")
    requests = [
        request
        for url in (f"http://127.0.0.1:{port}/x.png", f"file://{secret}", str(secret), upwards, "file:///etc/passwd")
        for request in asking_for(url)
    ]
    first = requests[0]
    content = small(
        customers=customers(len(requests), truth=False, ids=tuple(requests)),
        owner_name=first,
        segments=tuple((request, group(request, 40, 0.4)) for request in requests[:12]),
        histograms=((requests[1], tuple(group(request, 40, 0.4) for request in requests[:8])),),
        query=CustomerQuery(
            0.42, search=first, action=requests[3], attributes=(AttributeFilter(first, level=requests[2]),)
        ),
    )
    content = replace(
        content,
        run=replace(content.run, file_name=first),
        playbook=replace(
            content.playbook,
            actions=tuple(
                replace(action, name=request)
                for action, request in zip(content.playbook.actions, requests, strict=False)
            ),
        ),
        at_threshold=replace(
            content.at_threshold,
            contacting=replace(
                content.at_threshold.contacting,
                actions=tuple(replace(total, name=first) for total in content.at_threshold.contacting.actions),
            ),
        ),
        model=replace(content.model, notes=tuple(requests), horizon=first),
    )

    text = "".join(pages_of(exporter, content, tmp_path))

    assert came == []
    assert "the-secret-of-the-server" not in text
    assert "root:" not in text
    assert f"127.0.0.1:{port}" in "".join(text.split()), "the names are printed as they are"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as knocking:
        knocking.recv(1)  # it hangs up once it has heard
    assert came, "it would have been heard"


def test_the_policy_refuses_files_networks_and_paths_upwards() -> None:
    from xhtml2pdf.config.resources import ResourceAccessError

    allowed = policy()
    for url in ("http://127.0.0.1/x", "https://example.com/x", "ftp://example.com"):
        with pytest.raises(ResourceAccessError):
            allowed.check_url(url)
    for path in ("/etc/passwd", fonts_folder() / ".." / ".." / "matplotlibrc"):
        with pytest.raises(ResourceAccessError):
            allowed.check_path(path)
    allowed.check_path(fonts_folder() / "DejaVuSans.ttf")


def test_names_in_latin_cyrillic_greek_and_shona_are_embedded(exporter: PdfExporter, tmp_path: Path) -> None:
    text = "".join(pages_of(exporter, plain(customers=customers(5, truth=False, ids=NAMES)), tmp_path))
    for name in NAMES:
        assert "".join(name.split()) in "".join(text.split())
    with (tmp_path / "report.pdf").open("rb") as file:
        fonts = {font["/BaseFont"] for page in PdfReader(file).pages for font in _fonts(page)}
    assert {"DejaVuSans", "Inter-Regular", "Inter-SemiBold"} <= {font.partition("+")[2] for font in fonts}


def test_ids_that_the_font_lacks_stay_distinct_and_are_explained(exporter: PdfExporter, tmp_path: Path) -> None:
    ids = ("客户-01", "客户-02", "서울-03", "東京-04", "大阪-05")
    text = "".join(pages_of(exporter, plain(customers=customers(5, truth=False, ids=ids)), tmp_path))
    together = "".join(text.split())
    for shown in ("‹5BA26237›-01", "‹5BA26237›-02", "‹C11CC6B8›-03", "‹67714EAC›-04", "‹5927962A›-05"):
        assert shown in together
    assert "TheCSVandXLSXexportscontainthecharactersthemselves." in together


def _fonts(page: object) -> list[dict[str, str]]:
    return [entry.get_object() for entry in page["/Resources"]["/Font"].values()]


def test_characters_without_a_picture_become_their_numbers() -> None:
    assert drawable("Ζ李\ud800x") == "Ζ‹674E D800›x"
    assert drawable("客户-01") == "‹5BA2 6237›-01"
    assert drawable("서울-2") == "‹C11C C6B8›-2"
    assert drawable("東京") != drawable("大阪") == "‹5927 962A›"
    assert drawable("Łódź Москва Αθήνα") == "Łódź Москва Αθήνα"


def test_drivers_of_a_run_from_before_contributions_were_kept_are_shares_alone(
    exporter: PdfExporter, tmp_path: Path
) -> None:
    with_them, without = (" ".join(pages_of(exporter, plain(**kept), tmp_path)) for kept in ({}, {"contributions": {}}))
    assert "What drives the risk" in without
    assert ("odds of leaving" in with_them, "odds of leaving" in without) == (True, False)


def test_empty_parts_of_a_report_are_left_out(exporter: PdfExporter, tmp_path: Path) -> None:
    nobody = ThresholdFigures(0.42, 30, 0, None, None, Contacting(0, 0.0, ()), {}, None)
    content = small(at_threshold=nobody, customers=(), matching=0, segments=(), histograms=())
    content = replace(
        content,
        run=replace(content.run, summary=None),
        model=model(CustomerSchema(SCHEMA.columns), evaluation=replace(content.model.evaluation, rounds=None)),
    )
    text = " ".join(pages_of(exporter, content, tmp_path))
    assert "No customer matches." in text
    for part in ("Over time", "Where the risk sits", "Accuracy as the model learned", "In this file", "more customers"):
        assert part not in text


def test_a_generated_model_is_marked() -> None:
    facts = dict(printed(plain(model=model(starter=True)))["facts"])
    assert "generated customers" in facts["Note"]


def test_money_is_in_the_installations_currency() -> None:
    shown = printed(plain(policy=InstallationPolicy(currency="EUR")))
    assert shown["listing"]["rows"][0]["gain"].startswith("€")
    assert "$" not in str({**shown, "leaving": 0, "risk_histogram": 0, "quality": 0, "pixel": 0})


def test_the_list_says_which_customers_it_shows_and_omits() -> None:
    listing = printed_in_full()["listing"]
    assert listing["help"] == "70 of 1,856 (likely leavers), highest risk first"
    assert listing["hidden"] == "1,786"
    assert len(listing["rows"]) == 70
    assert printed(small(histograms=()))["listing"]["hidden"] == ""


def test_the_widths_of_every_tables_columns_fill_the_page() -> None:
    without_outcomes = tuple((name, replace(group, observed=None)) for name, group in SEGMENTS)
    without_money = tuple(replace(scored, monthly_revenue=None) for scored in customers(5))
    full = printed_in_full()
    bare = printed(report_content(truth=False, segments=without_outcomes, customers=without_money, histograms=()))
    tables = ("leaving", "actions", "segments", "quality", "listing")

    assert {name: sum(column.percent_wide for column in full[name]["columns"]) for name in tables} == dict.fromkeys(
        tables, 100
    )
    assert {name: sum(column.percent_wide for column in bare[name]["columns"]) for name in tables} == dict.fromkeys(
        tables, 100
    )
    assert [column.title for column in full["segments"]["columns"]][-2:] == ["Left", "At risk a month"]
    assert [column.title for column in bare["listing"]["columns"]][-2:] == ["Action", "Gain"]


def test_the_figures_share_the_width_of_the_page() -> None:
    shown = printed_in_full()
    assert (len(shown["figures"]), shown["figure_width"]) == (4, "25%")


def test_a_filter_is_said_in_words() -> None:
    query = CustomerQuery(
        0.4,
        search="7590",
        likely=True,
        bands=(RiskBand.HIGH, RiskBand.CRITICAL),
        attributes=(AttributeFilter("MonthlyCharges", low=100.0), AttributeFilter("Contract", level="Two year")),
    )
    assert query_words(query) == (
        "likely leavers · high or critical risk · Monthly charges from 100 · Contract: Two year · found by “7590”"
    )


def test_a_report_on_the_training_file_shows_cross_validation_alone(exporter: PdfExporter, tmp_path: Path) -> None:
    content = report_content(shown=5, histograms=())
    summary = content.run.summary
    assert summary is not None
    assert summary.truth is not None
    overlap = TrainingOverlap(1.0, True, summary.truth)
    content = replace(content, run=replace(content.run, summary=replace(summary, overlap=overlap)))
    quality = printed(content)["quality"]
    assert {row["here"] for row in quality["metrics"]} == {"–"}
    assert quality["confusion_here"] is None
    assert quality["note"].startswith("The model learned from this file")
    assert "".join(["The", "model", "learned", "from", "this", "file"]) in "".join(
        "".join(pages_of(exporter, content, tmp_path)).split()
    )
    assert printed_in_full()["quality"]["note"] == ""


def test_the_quality_shown_agrees_with_the_confusion_matrix() -> None:
    quality = printed_in_full()["quality"]
    here = {row["label"]: row["here"] for row in quality["metrics"]}
    assert here["Accuracy"] == quality["confusion_here"]["share"]
    assert quality["accuracy"] == (
        "It is right for 80.3% of customers; saying that everybody stays would be right for 73.5%."
    )
    assert here["AUC"] == "0.851"
