"""The printed report: a template, pictures, and xhtml2pdf under a policy that lets it fetch nothing."""

from __future__ import annotations

import io
import logging
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.reporting.printed import printed
from adapters.storage.problems import storage_problems
from application.ports.reports import ReportContent

RENDERING = threading.Lock()
"""One report at a time: reportlab keeps fonts and its settings for the whole process."""
SECONDS_AT_MOST = 300
CREATION_DATE = re.compile(rb"\(D:20000101000000\+00'00'\)")
"""The date that reportlab writes when asked for the same bytes each time; the run's own date fits in its place."""

log = logging.getLogger(__name__)


class ReportNotMade(RuntimeError):
    """The renderer could not make a PDF of the template; the log says why."""


class PrintedReport:
    """Implements `application.ports.reports.PdfExporter`."""

    @storage_problems()
    def write(self, content: ReportContent, path: Path) -> None:
        """Equal content gives equal bytes. Reads nothing but the report's fonts; raises ReportNotMade on failure."""
        page = _template().render(printed(content))
        finished = content.run.finished_at or content.run.created_at
        with RENDERING:
            path.write_bytes(_dated(_rendered(page), finished))


def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _rendered(page: str) -> bytes:
    from reportlab import rl_config
    from xhtml2pdf import pisa

    rl_config.invariant = 1
    made = io.BytesIO()
    # A refused resource is logged by the renderer with the name it had; a customer's name is no matter for a log.
    logging.getLogger("xhtml2pdf").setLevel(logging.CRITICAL)
    # As bytes: text beyond 100 kB would be put into a temporary file that nobody closes.
    source = io.BytesIO(page.encode("utf-8"))
    outcome = pisa.pisaDocument(
        source, made, path=str(fonts_folder() / "report.html"), encoding="utf-8", resource_policy=policy()
    )
    if outcome.err:
        log.error("the report could not be rendered: %d errors", outcome.err)
        raise ReportNotMade("The report could not be made.")
    return made.getvalue()


def policy() -> Any:
    """What the renderer may read: the fonts that come with the charts' library, and nothing over a network."""
    from xhtml2pdf.config.resources import ResourceAccessPolicy

    return ResourceAccessPolicy.server(fonts_folder(), allow_remote=False, max_render_seconds=SECONDS_AT_MOST)


def fonts_folder() -> Path:
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


def _dated(pdf: bytes, when: datetime) -> bytes:
    written = when.astimezone(UTC).strftime("(D:%Y%m%d%H%M%S+00'00')").encode("ascii")
    return CREATION_DATE.sub(written, pdf)
