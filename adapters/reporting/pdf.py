"""Writes the printed report with xhtml2pdf, from a template and pictures. A policy prevents it from loading
resources."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.reporting.print_fonts import REGULAR, SEMIBOLD, font_data, fonts_folder, in_both_fonts
from adapters.reporting.printed import CUSTOMERS, printed
from adapters.storage.problems import storage_problems
from application.ports.reports import ReportContent

RENDERING = threading.Lock()
"""Allows one report at a time, because reportlab has global fonts and settings."""
MAX_SECONDS = 300
CREATION_DATE = re.compile(rb"\(D:20000101000000\+00'00'\)")
"""The date that reportlab writes for reproducible output. The run's date has the same length and replaces it."""

log = logging.getLogger(__name__)


class ReportNotMade(RuntimeError):
    """The renderer could not create a PDF from the template. The log has the reason."""


class PrintedReport:
    """Implements `application.ports.reports.PdfExporter`."""

    @storage_problems()
    def write(self, content: ReportContent, path: Path) -> None:
        """Write the report. Equal content gives equal bytes. Reads only the report's fonts. Raises ReportNotMade."""
        shown = printed(content)
        listing = shown["listing"]
        page = template("report.html").render(shown)
        finished = content.run.finished_at or content.run.created_at
        with RENDERING:
            pdf = rendered(page, {str(CUSTOMERS): lambda: _customers(listing)})
            path.write_bytes(dated(pdf, finished))


def template(name: str) -> Any:
    """A template of printed pages; what it shows is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=in_both_fonts,
    )
    environment.globals.update(inter=font_data(REGULAR), inter_semibold=font_data(SEMIBOLD))
    return environment.get_template(name)


def _customers(listing: dict[str, Any]) -> Any:
    from adapters.reporting.customer_table import customer_table

    return customer_table(listing["columns"], listing["rows"])


def rendered(page: str, drawn: Mapping[str, Callable[[], Any]] | None = None) -> bytes:
    """The PDF of a page. The caller holds `RENDERING`. Raises ReportNotMade.

    `drawn` makes what replaces each paragraph with only this text.
    """
    from reportlab import rl_config

    from adapters.reporting.numbered_pages import numbered_pages

    rl_config.invariant = 1
    rl_config.useA85 = 0  # streams as bytes: as text they are a quarter larger, and slow to write
    # The renderer logs the names of rejected resources. They can contain personal data, so its log is disabled.
    logging.getLogger("xhtml2pdf").setLevel(logging.CRITICAL)
    path = str(fonts_folder() / "report.html")
    pdf, errors = numbered_pages(page.encode("utf-8"), path=path, policy=policy(), drawn=drawn or {})
    if errors:
        log.error("the report could not be rendered: %d errors", errors)
        raise ReportNotMade("The report could not be created.")
    return pdf


def policy() -> Any:
    """The renderer's policy: it may read only the fonts of the chart library, and nothing over a network."""
    from xhtml2pdf.config.resources import ResourceAccessPolicy

    return ResourceAccessPolicy.server(fonts_folder(), allow_remote=False, max_render_seconds=MAX_SECONDS)


def dated(pdf: bytes, when: datetime) -> bytes:
    """The PDF with this time of its creation."""
    date = when.astimezone(UTC).strftime("(D:%Y%m%d%H%M%S+00'00')").encode("ascii")
    return CREATION_DATE.sub(date, pdf)
