"""The estimated quality in a printed report."""

from __future__ import annotations

from dataclasses import replace

from adapters.reporting.printed import printed
from domain.expected_quality import ScoreBin
from tests.contract.reports_content import report_content


def test_an_estimate_is_printed_next_to_the_held_out_figures_and_marked() -> None:
    scores = (ScoreBin(1000, 800.0, called=True), ScoreBin(4000, 400.0, called=False))
    content = report_content(truth=False)
    content = replace(content, at_threshold=replace(content.at_threshold, scores=scores))
    quality = printed(content)["quality"]
    shown = {row["label"]: row["expected"] for row in quality["metrics"]}

    assert sum(column.percent_wide for column in quality["columns"]) == 100
    assert [column.title for column in quality["columns"]][-1] == "Estimated for this file"
    assert shown["Calibration error"] == "–"
    assert shown["Recall"].startswith("66.7% (")
    assert quality["estimate"].startswith("Estimate: 24.0% leave (95% interval ")
    assert "it cannot see a change in how attributes relate to leaving (concept drift)" in quality["estimate"]
    assert printed(report_content())["quality"]["estimate"] == ""
