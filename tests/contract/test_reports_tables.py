"""CSV and XLSX: the same figures as the customers, safe in a spreadsheet, in pieces."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from adapters.reporting.cells import CONTACT_COLUMNS, SCORE_COLUMNS
from adapters.reporting.table_export import SpreadsheetTables
from application.ports.reports import TableExporter
from application.ports.results import InputCell, ScoredCustomer
from domain.csv_style import CsvStyle
from domain.customer import Customer, CustomerId
from domain.playbook import Playbook
from domain.schema import CustomerSchema
from domain.spreadsheet import spreadsheet_safe
from tests.contract.reports_content import PLAYBOOK, SCHEMA, customers, table_content
from tests.integration.web.workbooks import cells_of

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "  =1+1", "＝1+1", "\u200b=1")


@pytest.fixture(params=[SpreadsheetTables])
def exporter(request: pytest.FixtureRequest) -> TableExporter:
    return request.param()


def read(pieces: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def with_id(scored: ScoredCustomer, id: str) -> ScoredCustomer:
    customer = Customer(CustomerId(id), scored.customer.row, scored.customer.attributes)
    return replace(scored, customer=customer)


def test_the_header_is_that_of_the_command_line(exporter: TableExporter) -> None:
    first = next(exporter.csv(table_content([])))
    assert first.decode().strip().split(",") == ["customerID", *SCORE_COLUMNS, *CONTACT_COLUMNS]
    assert CONTACT_COLUMNS == ("worth_contacting", "message", "offer_cost", "contact_cost")
    nameless = CustomerSchema(SCHEMA.columns)
    assert next(exporter.csv(table_content([], schema=nameless))).startswith(b"row,churn_probability,")


def test_a_csv_for_people_also_says_where_it_is_from_and_one_for_programs_does_not(exporter: TableExporter) -> None:
    given = [replace(customers(1)[0], monthly_revenue=revenue) for revenue in (1234.5, 70.12345, 0.0, None)]
    content = table_content([given], style=CsvStyle.SEMICOLON)
    made = b"".join(exporter.csv(content)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(made), delimiter=";"))
    assert rows[0][-4:] == ["monthly_revenue", "model", "threshold", "predicted_on"]
    day = content.run.created_at.date().isoformat()
    assert [row[-4:] for row in rows[1:]] == [
        [bill, content.model.id, f"{content.at_threshold.threshold}".replace(".", ","), day]
        for bill in ("1234,5", "70,12", "0,0", "")
    ]
    for plain in (table_content([given]), table_content([given], raw=True)):
        (header, *_) = b"".join(exporter.csv(plain)).decode().split("\r\n")
        assert header.endswith("worth_contacting,message,offer_cost,contact_cost")


def test_every_figure_is_the_customers_own_in_full_precision(exporter: TableExporter) -> None:
    given = customers(300)
    rows = read(exporter.csv(table_content([list(given[:120]), [], list(given[120:])])))
    assert [float(row["churn_probability"]) for row in rows] == [c.prediction.probability for c in given]
    assert [float(row["expected_gain"]) for row in rows] == [c.expected_gain for c in given]
    assert [row["customerID"] for row in rows] == [c.customer.id for c in given]
    assert [row["risk_band"] for row in rows] == [c.prediction.band.value for c in given]


def test_label_and_reasons_follow_the_threshold_of_the_figures(exporter: TableExporter) -> None:
    given = customers(300)
    content = table_content([list(given)])
    rows = read(exporter.csv(replace(content, at_threshold=replace(content.at_threshold, threshold=0.9))))
    likely = [c.prediction.probability >= 0.9 for c in given]
    assert [row["churn_prediction"] for row in rows] == ["Yes" if yes else "No" for yes in likely]
    assert any(likely)
    assert [row["reason_3"] != "" for row in rows] == likely, "three reasons raise, two lower"


MESSAGES = {"one-year-contract": "Stay.", "line-check": "We come.", "welcome-call": "Welcome.", "leave-alone": ""}


def offer_cost(scored: ScoredCustomer) -> float:
    costs = {"one-year-contract": 0.1 * 12.0 * (scored.monthly_revenue or 0.0), "line-check": 25.0}
    return costs.get(scored.action_id, 0.0)


def test_the_last_columns_say_whether_to_contact_what_to_say_and_what_it_costs(exporter: TableExporter) -> None:
    given = [replace(c, monthly_revenue=c.monthly_revenue if c.customer.row % 9 else None) for c in customers(300)]
    given[7] = replace(given[7], action_id="leave-alone", expected_gain=0.0)
    for changes in ({}, {"raw": True}, {"with_input": True}):
        rows = read(exporter.csv(table_content([list(given[:120]), list(given[120:])], **changes)))
        assert tuple(rows[0])[-4:] == CONTACT_COLUMNS
        assert [row["worth_contacting"] for row in rows] == ["Yes" if c.expected_gain > 0 else "No" for c in given]
        assert {row["worth_contacting"] for row in rows} == {"Yes", "No"}
        assert [row["message"] for row in rows] == [MESSAGES[c.action_id] for c in given]
        assert [float(row["offer_cost"]) for row in rows] == pytest.approx([offer_cost(c) for c in given], abs=1e-12)
        assert [row["contact_cost"] for row in rows] == ["1.0" if MESSAGES[c.action_id] else "0.0" for c in given]


@pytest.mark.parametrize(
    ("currency", "revenue", "message"),
    [
        ("USD", 94.45, "Stay. Your bill drops from $94.45 to $85.01."),
        ("USD", 1234.5, "Stay. Your bill drops from $1,234.50 to $1,111.05."),
        ("USD", 0.0, "Stay. Your bill drops from $0.00 to $0.00."),
        ("USD", None, "Stay."),
        ("JPY", 7500.0, "Stay. Your bill drops from ¥7,500 to ¥6,750."),
        ("KWD", 7.5, "Stay. Your bill drops from KWD\u00a07.500 to KWD\u00a06.750."),
        ("EUR", 1234.5, "Stay. Your bill drops from €1,234.50 to €1,111.05."),
    ],
)
def test_a_message_speaks_of_the_customers_own_bill(
    exporter: TableExporter, currency: str, revenue: float | None, message: str
) -> None:
    with_bill = "Stay.|Your bill drops from {bill} to {reduced_bill}."
    playbook = Playbook(3, tuple(replace(action, message=with_bill) for action in PLAYBOOK.actions[:1]))
    given = [replace(customers(1)[0], action_id="one-year-contract", monthly_revenue=revenue)]
    (row,) = read(exporter.csv(table_content([given], playbook=playbook, currency=currency)))
    assert row["message"] == message


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_is_made_safe_for_spreadsheets_in_every_csv(exporter: TableExporter, text: str, raw: bool) -> None:
    playbook = Playbook(3, (replace(PLAYBOOK.actions[0], message=text),))
    given = [replace(customers(1)[0], action_id="one-year-contract")]
    (row,) = read(exporter.csv(table_content([given], playbook=playbook, raw=raw)))
    assert row["message"] == "'" + text.strip().replace("|", " ")


def test_columns_of_the_file_named_like_the_last_ones_get_another_name(exporter: TableExporter) -> None:
    given = [replace(customers(1)[0], extra=(("message", "theirs"), ("offer_cost", "9")))]
    row = read(exporter.csv(table_content([given], with_input=True)))[0]
    assert (row["message (input)"], row["offer_cost (input)"]) == ("theirs", "9")
    assert tuple(row)[-4:] == CONTACT_COLUMNS


def test_actions_are_shown_by_name_and_no_action_as_leave_alone(exporter: TableExporter) -> None:
    names = {row["recommendation"] for row in read(exporter.csv(table_content([list(customers(600))])))}
    assert names == {"One-year contract, 10% off", "Technician checks the line", "Welcome call", "Leave alone"}


def test_reasons_show_the_currency_of_the_installation(exporter: TableExporter) -> None:
    text = b"".join(exporter.csv(table_content([list(customers(50))], currency="EUR"))).decode()
    assert "€" in text
    assert "$" not in text


def test_an_export_is_written_in_chunks(exporter: TableExporter) -> None:
    taken = []

    def chunks() -> Iterator[list[ScoredCustomer]]:
        for place in range(3):
            taken.append(place)
            yield list(customers(5))

    pieces = exporter.csv(table_content(chunks()))
    next(pieces), next(pieces)
    assert taken == [0]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_could_be_a_formula_begins_with_an_apostrophe(exporter: TableExporter, text: str) -> None:
    hostile = [with_id(customers(1)[0], text)]
    assert read(exporter.csv(table_content([hostile])))[0]["customerID"] == "'" + text
    assert read(exporter.csv(table_content([hostile], raw=True)))[0]["customerID"] == text


@pytest.mark.parametrize("text", ["-5.3", "+263771234567", "7590-VHVEG", "a=b", "", "1e5", "'quoted"])
def test_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert spreadsheet_safe(text) == text


def test_hostile_names_of_columns_and_extras_are_neutralised_too(exporter: TableExporter) -> None:
    schema = CustomerSchema(SCHEMA.columns, id_column="=HYPERLINK()")
    given = [replace(customers(1)[0], extra=(("@evil", "=2+2"), ("fine", None)))]
    row = read(exporter.csv(table_content([given], schema=schema, with_input=True)))[0]
    assert "'=HYPERLINK()" in row
    assert row["'@evil"] == "'=2+2"
    assert row["fine"] == ""


def test_input_columns_follow_the_scores(exporter: TableExporter) -> None:
    given = customers(4)
    rows = read(exporter.csv(table_content([list(given)], with_input=True, raw=True)))
    assert list(rows[0]) == ["customerID", *SCORE_COLUMNS, *SCHEMA.names, "Churn", *CONTACT_COLUMNS]
    assert [float(row["MonthlyCharges"]) for row in rows] == [c.customer.attributes["MonthlyCharges"] for c in given]
    assert [row["tenure"] for row in rows] == [str(int(c.customer.attributes["tenure"])) for c in given]
    assert [row["Churn"] for row in rows] == ["Yes" if c.actual else "No" for c in given]


def test_an_input_column_with_a_taken_name_gets_another_name(exporter: TableExporter) -> None:
    given = [replace(customers(1)[0], extra=(("risk_band", "old"),))]
    row = read(exporter.csv(table_content([given], with_input=True)))[0]
    assert row["risk_band (input)"] == "old"


def test_thousands_of_input_columns_of_one_name_get_different_names(exporter: TableExporter) -> None:
    given = [replace(customers(1)[0], extra=(("Note", "first"), *(("Note", str(place)) for place in range(2, 4_000))))]
    row = read(exporter.csv(table_content([given], with_input=True)))[0]
    assert (row["Note"], row["Note (input)"], row["Note (input 3998)"]) == ("first", "2", "3999")


def test_the_byte_order_mark_for_excel_is_written_once_at_the_start(exporter: TableExporter) -> None:
    text = b"".join(exporter.csv(table_content([list(customers(3))], style=CsvStyle.COMMA)))
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\xef\xbb\xbf") == 1


def test_names_in_any_script_and_broken_text_survive(exporter: TableExporter) -> None:
    given = [with_id(customers(1)[0], name) for name in ('Ζωή, "Κ"', "Мария\nline", "ok\ud800")]
    rows = read(exporter.csv(table_content([given])))
    assert [row["customerID"] for row in rows] == ['Ζωή, "Κ"', "Мария\nline", "ok?"]


NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheet(path: Path, number: int) -> ET.Element:
    with zipfile.ZipFile(path) as book:
        return ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - written a moment ago by the product itself


def texts_and_numbers(root: ET.Element) -> tuple[list[str], list[float]]:
    texts = [t.text or "" for t in root.iterfind(".//x:is//x:t", NS)]
    return texts, [float(v.text or "") for v in root.iterfind(".//x:c[x:v]/x:v", NS)]


def test_a_workbook_holds_the_customers_as_numbers_and_text(exporter: TableExporter, tmp_path: Path) -> None:
    given = customers(120)
    exporter.xlsx(table_content([list(given[:50]), list(given[50:])]), tmp_path / "run.xlsx")
    root = sheet(tmp_path / "run.xlsx", 1)
    texts, numbers = texts_and_numbers(root)
    assert texts[:4] == ["customerID", "churn_probability", "churn_prediction", "risk_band"]
    assert numbers[::4] == [c.prediction.probability for c in given]
    assert numbers[1::4] == pytest.approx([c.expected_gain for c in given], abs=0)
    assert numbers[2::4] == pytest.approx([offer_cost(c) for c in given], abs=1e-9)
    assert numbers[3::4] == [0.0 if c.action_id == "leave-alone" else 1.0 for c in given]
    assert [text for text in texts if text in ("Stay.", "We come.", "Welcome.")] == [
        MESSAGES[c.action_id] for c in given if c.action_id != "leave-alone"
    ]
    assert root.find(".//x:autoFilter", NS).get("ref") == "A1:M121"
    assert root.find(".//x:pane", NS).get("state") == "frozen"


def test_a_workbook_has_no_formula_and_no_link(exporter: TableExporter, tmp_path: Path) -> None:
    bad = [with_id(customers(1)[0], text) for text in (*HOSTILE, "http://127.0.0.1/", "mailto:a@b.c", "x" * 40_000)]
    exporter.xlsx(table_content([bad]), tmp_path / "run.xlsx")
    with zipfile.ZipFile(tmp_path / "run.xlsx") as book:
        everything = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets"))
    assert b"<f>" not in everything
    assert b"hyperlink" not in everything


def test_the_second_sheet_is_a_summary(exporter: TableExporter, tmp_path: Path) -> None:
    exporter.xlsx(table_content([list(customers(5))]), tmp_path / "run.xlsx")
    texts, numbers = texts_and_numbers(sheet(tmp_path / "run.xlsx", 2))
    assert {"customers-2026-11.csv", "Model v4, xgboost", "Welcome call", "Against what happened"} <= set(texts)
    assert {7043.0, 1856.0, 0.42} <= set(numbers)


def test_equal_content_gives_equal_workbooks(exporter: TableExporter, tmp_path: Path) -> None:
    for name in ("a", "b"):
        exporter.xlsx(table_content([list(customers(30))]), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("written", "value", "cell"),
    [("365", 12.0, 365.0), ("1.234,50", 1234.5, 1234.5), (None, 0.5, 0.5), (None, "1", 1.0), ("1.234", 40.6, "1.234")],
)
def test_a_workbook_has_the_numbers_of_the_file_also_in_another_unit(
    exporter: TableExporter, tmp_path: Path, written: str | None, value: float | str, cell: float | str
) -> None:
    one = replace(customers(1)[0], inputs=(InputCell("own", value, written),))
    exporter.xlsx(replace(table_content([[one]]), with_input=True), tmp_path / "run.xlsx")
    with zipfile.ZipFile(tmp_path / "run.xlsx") as book:
        header, row = cells_of(book, "xl/worksheets/sheet1.xml")
    assert row[header.index("own")] == cell
