"""Lays printed pages out once, and writes "Page 1 of 9" below each when their number is known.

The renderer's own `<pdf:pagecount>` lays everything out twice.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import tt2ps
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable
from xhtml2pdf.builders.printmarks import MarkedCanvas
from xhtml2pdf.config.resources import render_budget, use_policy
from xhtml2pdf.default import DEFAULT_PAGE_NAME
from xhtml2pdf.document import pisaStory
from xhtml2pdf.files import cleanFiles
from xhtml2pdf.util import reset_caches
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlParagraph

FONT, SIZE, COLOUR = "report", 7, HexColor("#5b6b6b")
RIGHT, BASELINE = 190 * mm, 45.705
"""Where the number of the page ends, in points from the left and lower edges; `report.css` has the rest of the foot."""

NOTHING: Mapping[str, Callable[[], Flowable]] = MappingProxyType({})


class NumberedCanvas(MarkedCanvas):
    """Keeps its pages until the last is drawn."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._kept_pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._kept_pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._kept_pages, start=1):
            self.__dict__.update(page)
            self._write_number(f"Page {number} of {len(self._kept_pages)}")
            super().showPage()
        super().save()

    def _write_number(self, text: str) -> None:
        face = tt2ps(FONT, 0, 0)
        self.saveState()
        self.setFont(face, SIZE)
        self.setFillColor(COLOUR)
        self.drawString(RIGHT - stringWidth(text, face, SIZE), BASELINE, text)
        self.restoreState()


def numbered_pages(
    source: bytes, *, path: str, policy: Any, drawn: Mapping[str, Callable[[], Flowable]] = NOTHING
) -> tuple[bytes, int]:
    """The PDF of a page in UTF-8, and the number of errors. The caller lets nobody else render meanwhile.

    `drawn` makes what replaces each paragraph with only this text; it may use the fonts of the page.
    """
    output = io.BytesIO()
    try:
        with use_policy(policy), render_budget(policy):
            # Passed as a file, because text above 100 kB would be put into a temporary file that is never closed.
            story = pisaStory(io.BytesIO(source), path, encoding="utf-8", resource_policy=policy)
            document = PmlBaseDoc(
                output,
                pagesize=story.pageSize,
                title=story.meta["title"].strip(),
                lang=story.lang_tag or None,
                showBoundary=0,
                allowSplitting=1,
            )
            first = story.templateList.pop(DEFAULT_PAGE_NAME)
            document.addPageTemplates([first, *story.templateList.values()])
            document.pisaPositioned = story.positioned
            document.build([_replaced(own, drawn) for own in story.story], canvasmaker=NumberedCanvas)
    finally:
        cleanFiles()
        reset_caches()
    return output.getvalue(), story.err


def _replaced(flowable: Flowable, drawn: Mapping[str, Callable[[], Flowable]]) -> Flowable:
    text = flowable.getPlainText().strip() if isinstance(flowable, PmlParagraph) else ""
    return drawn[text]() if text in drawn else flowable
