"""Writes the printed page of a campaign's effect, as the printed report is written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from adapters.reporting.pdf import RENDERING, dated, rendered, template
from adapters.storage.problems import storage_problems
from application.ports.effect_reports import EffectReport

WIDTHS = ("25%", "9%", "9%", "10%", "9%", "38%")
LOOKS = ("", "num", "num", "num", "num", "last")
"""Width and class of each column of the table."""


class PrintedEffect:
    """Implements `application.ports.effect_reports.EffectPrinter`."""

    @storage_problems()
    def write(self, report: EffectReport, path: Path) -> None:
        """Write the page. Equal content gives equal bytes. Reads only the fonts. Raises ReportNotMade."""
        page = template("effect.html").render(asdict(report), widths=WIDTHS, looks=LOOKS)
        with RENDERING:
            path.write_bytes(dated(rendered(page), report.at))
