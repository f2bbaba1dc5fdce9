"""What happened after a prediction, in its printed report."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader

from adapters.reporting.pdf import PrintedReport
from adapters.reporting.printed import printed
from tests.builders.gradings import a_grading
from tests.contract.reports_content import report_content


def test_a_graded_prediction_says_what_happened(tmp_path: Path) -> None:
    content = report_content(shown=5, grading=a_grading(), graded_by="Ana Moyo")
    section = printed(content)["grading"]
    assert section["answer"].startswith("In October 2026 we expected 1,240 of 10,000 customers to leave")
    assert {row["label"]: row["value"] for row in section["rows"]}["AUC"] == "0.843 (0.831 to 0.855)"
    assert section["tenths"][0] == {
        "tenth": "1",
        "customers": "1,000",
        "expected": "500",
        "left": "491",
        "lift": "4.10×",
    }
    assert sum(column.percent_wide for column in section["columns"]) == 100
    assert sum(column.percent_wide for column in section["tenth_columns"]) == 100
    PrintedReport().write(content, tmp_path / "report.pdf")
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages)
    assert "What happened" in text
    assert "0.843 (0.831 to 0.855)" in text


def test_a_prediction_without_a_grading_has_no_such_section() -> None:
    assert printed(report_content(shown=5))["grading"] is None
