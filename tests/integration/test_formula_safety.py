"""Hostile cells in a real spreadsheet program: nothing that came from a customer file is evaluated."""

from __future__ import annotations

import csv
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from adapters.reporting.table_export import SpreadsheetTables
from application.ports.results import ScoredCustomer
from domain.csv_style import CsvStyle
from tests.contract.reports_content import customers, table_content

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://127.0.0.1:9/?"&A1,"click")',
    '=WEBSERVICE("http://127.0.0.1:9/")',
    "=cmd|'/C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u200b=1+1",
    "＝1+1",
    '"=1+1"',
    "a\n=1+1",
    'x",=1+1,"y',
    "x;=1+1",
    '=DDE("soffice";"x";"y")',
    "{=1+1}",
)

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on PATH")


def hostile_customers() -> list[ScoredCustomer]:
    """Names, months, attributes, further columns and their headers: all that a file can fill."""
    return [
        replace(
            scored,
            customer=replace(scored.customer, attributes={**scored.customer.attributes, "Contract": text}),
            extra=(("=2+2", text), ("note", text)),
        )
        for scored, text in zip(customers(len(HOSTILE), ids=HOSTILE), HOSTILE, strict=True)
    ]


def formulas_in(file: Path, folder: Path) -> list[str]:
    """What LibreOffice would calculate in the file, as it says after opening and saving it."""
    command = [
        str(SOFFICE),
        f"-env:UserInstallation=file://{folder / 'profile'}",
        *("--headless", "--norestore", "--convert-to", "ods", "--outdir", str(folder), str(file)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(folder / f"{file.stem}.ods") as book:
        content = ET.fromstring(book.read("content.xml"))  # noqa: S314 - written by the program just run
    cells = list(content.iter(f"{TABLE}table-cell"))
    assert len(cells) > len(HOSTILE), "the file was read"
    return [cell.attrib[f"{TABLE}formula"] for cell in cells if f"{TABLE}formula" in cell.attrib]


def test_an_unescaped_csv_has_formulas(tmp_path: Path) -> None:
    with (tmp_path / "raw.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([name, "1"] for name in HOSTILE)

    assert "of:=1+1" in formulas_in(tmp_path / "raw.csv", tmp_path)


@pytest.mark.parametrize("style", [None, *CsvStyle])
def test_a_csv_of_hostile_names_has_no_formula(tmp_path: Path, style: CsvStyle | None) -> None:
    content = table_content([hostile_customers()], with_input=True, style=style)
    (tmp_path / "safe.csv").write_bytes(b"".join(SpreadsheetTables().csv(content)))

    assert formulas_in(tmp_path / "safe.csv", tmp_path) == []


def test_a_workbook_of_hostile_names_has_no_formula(tmp_path: Path) -> None:
    content = table_content([hostile_customers()], with_input=True)
    SpreadsheetTables().xlsx(content, tmp_path / "safe.xlsx")

    assert formulas_in(tmp_path / "safe.xlsx", tmp_path) == []
