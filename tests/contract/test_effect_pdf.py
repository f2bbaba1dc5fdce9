"""The printed page of an effect: says what the report says, and nothing of it is read as markup."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from adapters.reporting.effect_pdf import PrintedEffect
from application.ports.effect_reports import EffectPrinter, EffectReport
from tests.builders import at

REPORT = EffectReport(
    title="Spring calls",
    subtitle="Did the campaign work?",
    sentence="Contact kept 38 customers, between 5 and 71 (95%).",
    money="That is worth $4,100 after all costs.",
    facts=(("Spent", "$900 on contacts"),),
    header=("Customers", "Contacted", "Stayed", "Left alone", "Stayed", "Effect"),
    rows=(("All customers", "400", "90.0%", "200", "70.0%", "+20.0 points, between +13.2 and +27.2"),),
    notes=("Everybody counts in the group of the draw.",),
    at=at(),
)


@pytest.fixture(params=[PrintedEffect])
def printer(request: pytest.FixtureRequest) -> Iterator[EffectPrinter]:
    yield request.param()
    gc.collect()


def text_of(path: Path) -> str:
    with path.open("rb") as file:
        return " ".join(" ".join(page.extract_text() for page in PdfReader(file).pages).split())


def test_everything_of_the_report_is_printed_and_equal_reports_are_equal_bytes(
    printer: EffectPrinter, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    printer.write(REPORT, first)
    printer.write(REPORT, second)

    text = text_of(first)
    for words in ("Spring calls", REPORT.sentence, REPORT.money, "$900 on contacts", "+20.0 points", REPORT.notes[0]):
        assert words in text
    assert first.read_bytes() == second.read_bytes()


def test_a_name_is_text_and_not_markup(printer: EffectPrinter, tmp_path: Path) -> None:
    name = "<img src=file:///etc/passwd></td></tr></table><pdf:nextpage> {{ 7 * 7 }} & more"

    printer.write(replace(REPORT, title=name, rows=((name, *REPORT.rows[0][1:]),)), tmp_path / "page.pdf")

    assert "{{ 7 * 7 }} & more" in text_of(tmp_path / "page.pdf")
    assert "root:" not in text_of(tmp_path / "page.pdf")
