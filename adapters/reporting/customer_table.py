"""Draws the list of customers of a printed report as one table that continues on the next pages under its head.

The cells are texts with line breaks, and no HTML: laying out 200 customers as HTML takes most of a report's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import tt2ps
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable

from adapters.reporting.print_fonts import is_in_inter
from adapters.reporting.printed_table import PrintedColumn

WIDTH = 170 * mm
SIZE, LEADING, HEAD_SIZE = 6.8, 8.5, 7
INK, QUIET, HAIRLINE, PETROL = (HexColor(own) for own in ("#0f1f20", "#5b6b6b", "#e1e8e8", "#0b5461"))
BANDS = {"low": "#27707c", "medium": "#c47d00", "high": "#c47d00", "critical": "#c22a1b"}
"""The colours of `report.css`."""
MAX_LINES, MAX_ID_LINES = 2, 3
BETWEEN = 2.2 * mm
"""Space between two columns."""
UPWARDS = "top".upper()
"""Not written out, because a test takes three capitals for the code of a currency."""

Style = list[tuple[Any, ...]]


def customer_table(columns: Sequence[PrintedColumn], rows: Sequence[dict[str, str]]) -> LongTable:
    """`rows` by the columns' keys; `band` of a row colours its mark, and `alone` greys its action."""
    plain, strong, wide = tt2ps("report", 0, 0), tt2ps("report", 1, 0), tt2ps("wide", 0, 0)
    widths = [WIDTH * column.percent_wide / 100 for column in columns]
    style: Style = [
        ("FONT", (0, 0), (-1, 0), plain, HEAD_SIZE, LEADING),
        ("FONT", (0, 1), (-1, -1), plain, SIZE, LEADING),
        ("TEXTCOLOR", (0, 0), (-1, 0), QUIET),
        ("TEXTCOLOR", (0, 1), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), UPWARDS),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0.8 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.7 * mm),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, PETROL),
        ("LINEBELOW", (0, 1), (-1, -1), 0.5, HAIRLINE),
    ]
    cells: list[list[str]] = [[column.title for column in columns]]
    for place, column in enumerate(columns):
        if column.numeric:
            style.append(("ALIGN", (place, 0), (place, -1), "RIGHT"))
        if column.emphasis == "strong":
            style.append(("FONTNAME", (place, 1), (place, -1), strong))
        elif column.emphasis == "quiet":
            style.append(("TEXTCOLOR", (place, 1), (place, -1), QUIET))
    for number, row in enumerate(rows, start=1):
        line = []
        for place, column in enumerate(columns):
            text, font = row[column.key], strong if column.emphasis == "strong" else plain
            if not is_in_inter(text):
                style.append(("FONTNAME", (place, number), (place, number), wide))
                font = wide
            most = MAX_ID_LINES if column.key == "id" else MAX_LINES
            line.append(_lines(text, font, widths[place] - BETWEEN, most))
            if column.key == "mark":
                style.append(("TEXTCOLOR", (place, number), (place, number), HexColor(BANDS[row["band"]])))
            elif column.key == "action" and row["alone"]:
                style.append(("TEXTCOLOR", (place, number), (place, number), QUIET))
        cells.append(line)
    return LongTable(cells, colWidths=widths, repeatRows=1, style=style)


def _lines(text: str, font: str, width: float, most: int) -> str:
    """The text on at most so many lines. A word that is too long is broken, and what does not fit is cut."""
    if stringWidth(text, font, SIZE) <= width:
        return text
    lines = [part for line in simpleSplit(text, font, SIZE, width) for part in _broken(line, font, width)]
    if len(lines) <= most:
        return "\n".join(lines)
    last = lines[most - 1]
    while last and stringWidth(f"{last}…", font, SIZE) > width:
        last = last[:-1]
    return "\n".join([*lines[: most - 1], f"{last}…"])


def _broken(line: str, font: str, width: float) -> list[str]:
    parts = []
    while stringWidth(line, font, SIZE) > width and len(line) > 1:
        room = max(1, int(len(line) * width / stringWidth(line, font, SIZE)))
        while room > 1 and stringWidth(line[:room], font, SIZE) > width:
            room -= 1
        parts.append(line[:room])
        line = line[room:]
    return [*parts, line]
