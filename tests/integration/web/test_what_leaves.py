"""What leaves the product: tables without formulas, documents without markup, and nothing left in a cache."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.intake.rejected import RejectedRows
from adapters.reporting.table_export import SpreadsheetTables
from application.ports.audit import AuditEntry
from application.ports.intake import RejectedRow
from bench.ports import ports_of
from domain.account import Role
from domain.csv_text import csv_pieces
from domain.model import ModelStage
from domain.schema import Column, ColumnKind
from domain.spreadsheet import spreadsheet_safe
from entrypoints.web.access import UNGUARDED
from entrypoints.web.admin.audit import HEADER, _rows
from entrypoints.web.markdown import as_markdown
from tests.builders import a_model_version
from tests.contract.reports_content import customers, table_content
from tests.integration.web.conftest import Office

HOSTILE = (
    *(" =1+1", "＝1+1", "\u200b=1+1", "\n=1+1", "\t=1+1", "\r=1+1", "@SUM(1)", "+1+1", "-1+1", "=1+1"),
    *(" \u200b=1+1", "\u00ad=1+1", '=HYPERLINK("http://127.0.0.1:9/")'),
)
TEXTS = st.sampled_from(HOSTILE) | st.text(
    st.sampled_from("=+-@＝＋－＠ \t\r\n\u200b\ufeff\u00a0'\"a1,;"), min_size=1, max_size=6
)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(pieces: Iterable[bytes]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def cells_of_exports(text: str, with_input: bool) -> list[str]:
    """A run's CSV of one customer who is called `text`, in every column that a file can fill."""
    one = customers(1)[0]
    named = replace(one.customer, id=text, attributes={**one.customer.attributes, "Contract": text})
    hostile = replace(one, customer=named, extra=((text, text),))
    return [
        cell for row in read(SpreadsheetTables().csv(table_content([[hostile]], with_input=with_input))) for cell in row
    ]


def cells_of_rejected(text: str, folder: Path) -> list[str]:
    with RejectedRows(folder / "rejected.csv") as rows:
        rows.add([RejectedRow(line=2, column=text, value=text, reason=text, text=text)])
    return [cell for row in read([(folder / "rejected.csv").read_bytes()]) for cell in row]


def cells_of_audit(text: str) -> list[str]:
    entry = AuditEntry(datetime(2026, 11, 2, tzinfo=UTC), text, text, text, text)
    return [cell for row in read(csv_pieces(HEADER, _rows([[entry]], ZoneInfo("UTC")))) for cell in row]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_no_exported_csv_has_a_cell_that_could_be_a_formula(text: str, tmp_path: Path) -> None:
    leaving = {
        "result": cells_of_exports(text, with_input=False),
        "result with the file's columns": cells_of_exports(text, with_input=True),
        "rejected rows": cells_of_rejected(text, tmp_path),
        "audit log": cells_of_audit(text),
    }

    for name, cells in leaving.items():
        assert spreadsheet_safe(text) in cells, f"{name}: the text is there"
        assert [cell for cell in cells if spreadsheet_safe(cell) != cell] == [], name


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(HOSTILE))
def test_no_exported_workbook_has_a_cell_that_could_be_a_formula(text: str, tmp_path: Path) -> None:
    one = customers(1)[0]
    hostile = replace(one, customer=replace(one.customer, id=text), extra=((text, text),))
    content = table_content([[hostile]], with_input=True)
    SpreadsheetTables().xlsx(replace(content, run=replace(content.run, file_name=text)), tmp_path / "run.xlsx")

    with zipfile.ZipFile(tmp_path / "run.xlsx") as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))  # noqa: S314 (written a moment ago)
        prefixed = [look.get("quotePrefix") == "1" for look in styles.find(f"{SHEET}cellXfs") or ()]
        shared = _shared_strings(book)
        sheets = [ET.fromstring(book.read(name)) for name in book.namelist() if "worksheets/sheet" in name]  # noqa: S314
    cells = [cell for sheet in sheets for cell in sheet.iter(f"{SHEET}c")]
    doubtful = [cell for cell in cells if spreadsheet_safe(_text_of(cell, shared)) != _text_of(cell, shared)]
    assert not any(cell.find(f"{SHEET}f") is not None for cell in cells)
    assert len(doubtful) >= 4, "the id, the further column, its header, and the file's name"
    assert all(prefixed[int(cell.get("s", "0"))] for cell in doubtful)


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314
    return ["".join(part.text or "" for part in item.iter(f"{SHEET}t")) for item in root]


def _text_of(cell: Any, shared: list[str]) -> str:
    if cell.get("t") == "s":
        text = shared[int(cell.find(f"{SHEET}v").text)]
    else:
        text = "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
    return re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), text)  # control characters


def with_hostile_model(office: Office, text: str) -> None:
    """A champion whose columns, levels, file and words are all `text`."""
    model = a_model_version(id="v1", stage=ModelStage.CHAMPION)
    columns = (*model.schema.columns, Column(name=text, kind=ColumnKind.CATEGORICAL, levels=(text, "b"), typical=text))
    schema = replace(model.schema, columns=columns, id_column=text)
    with ports_of(office.application).new_uow() as uow:
        uow.models.add(replace(model, schema=schema, file_name=text, horizon=text))
        uow.commit()


@pytest.mark.parametrize("text", HOSTILE)
def test_the_template_has_no_cell_that_could_be_a_formula(office: Office, text: str) -> None:
    with_hostile_model(office, text)

    cells = [cell for row in read([office.browser(Role.ANALYST).get("/predictions/template.csv").data]) for cell in row]

    assert spreadsheet_safe(text) in cells
    assert [cell for cell in cells if spreadsheet_safe(cell) != cell] == []


MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](http://evil.example)",
    "![seen](http://evil.example/pixel)",
    "<http://evil.example>",
    "http://evil.example and www.evil.example and me@evil.example",
    "`code` *bold* _under_ ~~gone~~",
    "a | b\n\n# Heading\n\n- item\n\n<b>x</b>",
    "&lt;b&gt; \\<b>",
    "[x]: http://evil.example",
    "1. one",
    "--- ",
)


@pytest.mark.parametrize("text", MARKUP)
def test_a_model_card_in_markdown_shows_every_value_as_text(office: Office, text: str) -> None:
    with_hostile_model(office, text)

    card = office.browser(Role.ANALYST).get("/models/v1/card?format=md").get_data(as_text=True)

    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").parse(card)
    kinds = {part.type for token in tokens for part in (token, *(token.children or ()))}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline", "em_open", "s_open"}
    assert not re.search(r"(?<!\\):/|www\.|(?<!\\)@", card), "no text that a program makes a link of"
    shown = "".join(part.content for token in tokens for part in (token.children or ()) if part.type == "text")
    assert " ".join(text.split()) in " ".join(shown.split()), "it is all there"


@pytest.mark.parametrize(("value", "escaped"), [("plain, 95% (of 1,000)", "plain, 95% (of 1,000)"), (0.5, "0.5")])
def test_ordinary_values_stay_readable(value: object, escaped: str) -> None:
    assert as_markdown(value) == escaped


def cacheable(app: Flask) -> None:
    """Have every view answer as if anyone might keep its answer for a day."""
    for endpoint, view in app.view_functions.items():

        def keep(**_: Any) -> Response:
            return Response("x", headers={"Cache-Control": "public, max-age=86400"})

        keep.required = getattr(view, "required", None)  # type: ignore[attr-defined]
        app.view_functions[endpoint] = keep


def test_only_declared_assets_may_be_cached(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    token = admin.token()
    cacheable(office.app)
    rules = [rule for rule in office.app.url_map.iter_rules() if rule.endpoint not in UNGUARDED]

    for rule in rules:
        url = re.sub(r"<int:\w+>", "1", rule.rule)
        url = re.sub(r"<[^>]+>", "some-id", url)
        for method in rule.methods & {"GET", "POST"}:
            answer = admin.client.open(url, method=method, headers={"X-CSRFToken": token})
            assert answer.headers["Cache-Control"] == "no-store", f"{method} {rule.rule}"

    assert len(rules) > 80
    assert {"static", "vendor_file", "script_module", "stylesheet", "help.picture"} == UNGUARDED
