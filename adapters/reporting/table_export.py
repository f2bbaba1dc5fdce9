"""Exports a run's customers as CSV and Parquet in pieces of bytes, and as an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.cells import CONTACT_COLUMNS, SCORE_COLUMNS, Cell, table_of
from adapters.reporting.columnar import csv_pieces
from adapters.reporting.parquet_table import parquet_pieces
from adapters.reporting.streaming_tables import StreamingCsv, StreamingParquet
from adapters.storage.problems import storage_problems
from application.ports.reports import StreamingTable, TableContent, TableForm
from domain.answer import answer_text, save_rates_note
from domain.export import ExportKind
from domain.spreadsheet import starts_a_formula

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SHEET_ROWS = 1_048_575
"""Customers that fit on an Excel sheet below its header. The others continue on another sheet."""
CELL_CHARACTERS = 32_767
PETROL, HAIRLINE = "#0b5461", "#e1e8e8"
WIDTHS = {"reason_1": 28, "reason_2": 28, "reason_3": 28, "recommendation": 34, "churn_probability": 17, "message": 60}


class SpreadsheetTables:
    """Implements `application.ports.reports.TableExporter`. Uses memory for one chunk only."""

    def csv(self, content: TableContent) -> Iterator[bytes]:
        """Pieces of UTF-8. The first has the header. Floats have full precision."""
        return csv_pieces(content)

    def parquet(self, content: TableContent) -> Iterator[bytes]:
        return parquet_pieces(content)

    def streaming(self, kind: ExportKind, form: TableForm) -> StreamingTable:
        if kind is ExportKind.CSV:
            return StreamingCsv(form)
        if kind is ExportKind.PARQUET:
            return StreamingParquet(form)
        raise ValueError(f"a {kind.noun} is not written while customers are scored")

    @storage_problems()
    def xlsx(self, content: TableContent, path: Path) -> None:
        """Write a sheet of customers (with formats, filter and frozen header) and a summary sheet.

        Text is never written as a formula or a link. A run too long for one sheet continues on "Customers 2" and so on.
        """
        import xlsxwriter.exceptions

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        try:
            with xlsxwriter.Workbook(str(path), options) as book:
                book.set_properties(
                    {"title": content.run.file_name, "created": content.run.created_at.replace(tzinfo=None)}
                )
                _write_customers(book, content, _looks(book, content.currency))
        except xlsxwriter.exceptions.FileCreateError as error:
            cause = error.args[0] if error.args else None
            if isinstance(cause, OSError):
                raise cause from error
            raise


def _looks(book: Workbook, currency: str) -> dict[str, Format]:
    formats = formats_of(currency)
    head = {"bold": True, "font_color": "#ffffff", "bg_color": PETROL, "valign": "vcenter"}
    return {
        "head": book.add_format(head),
        "quoted head": book.add_format(head | {"quote_prefix": True}),
        "title": book.add_format({"bold": True, "font_size": 16, "font_color": PETROL}),
        "section": book.add_format({"bold": True, "font_color": PETROL, "bottom": 1, "bottom_color": HAIRLINE}),
        "churn_probability": book.add_format({"num_format": formats.excel_percent(decimals=1)}),
        "percent": book.add_format({"num_format": formats.excel_percent(decimals=1), "align": "right"}),
        "expected_gain": book.add_format({"num_format": formats.excel_amount()}),
        "offer_cost": book.add_format({"num_format": formats.excel_amount()}),
        "contact_cost": book.add_format({"num_format": formats.excel_amount()}),
        "count": book.add_format({"num_format": formats.excel_number()}),
        "quoted": book.add_format({"quote_prefix": True}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_customers(book: Workbook, content: TableContent, looks: dict[str, Format]) -> None:
    table = table_of(content)
    of_input = range(1 + len(SCORE_COLUMNS), len(table.header) - len(CONTACT_COLUMNS))
    formats = [None if place in of_input else looks.get(name) for place, name in enumerate(table.header)]
    sheet = _customer_sheet(book, "Customers", table.header, looks)
    _write_summary(book.add_worksheet("Summary"), content, looks)
    rows_written, sheets = 0, 1
    for rows in table.chunks:
        for row in rows:
            if rows_written == SHEET_ROWS:
                sheet.autofilter(0, 0, rows_written, len(table.header) - 1)
                sheets, rows_written = sheets + 1, 0
                sheet = _customer_sheet(book, f"Customers {sheets}", table.header, looks)
            rows_written += 1
            for place, cell in enumerate(row):
                _write_cell(sheet, rows_written, place, cell, formats[place], looks["quoted"])
    sheet.autofilter(0, 0, rows_written, len(table.header) - 1)


def _customer_sheet(book: Workbook, name: str, header: tuple[str, ...], looks: dict[str, Format]) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 22)
    for place, title in enumerate(header):
        sheet.set_column(place, place, WIDTHS.get(title, 16))
        look = looks["quoted head" if starts_a_formula(title) else "head"]
        sheet.write_string(0, place, title[:CELL_CHARACTERS], look)
    return sheet


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, look: Format | None, quoted: Format) -> None:
    """Write a cell. Text is marked as quoted if editing the cell could turn it into a formula."""
    if isinstance(cell, str):
        if cell:
            sheet.write_string(row, column, cell[:CELL_CHARACTERS], quoted if starts_a_formula(cell) else look)
    elif cell is not None:
        sheet.write_number(row, column, cell, look)


def _write_summary(sheet: Worksheet, content: TableContent, looks: dict[str, Format]) -> None:
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 2, 22)
    sheet.write_string(0, 0, "Churn prediction", looks["title"])
    sheet.write_string(1, 0, _answer(content))
    row = 3
    for title, lines in _summary(content):
        for place, text in enumerate(title):
            sheet.write_string(row, place, text, looks["section"])
        for line in lines:
            row += 1
            for place, (cell, look) in enumerate(line):
                _write_cell(sheet, row, place, cell, looks.get(look), looks["quoted"])
        row += 2
    sheet.write_string(row, 0, "Risks are predictions of the model, not certainties.")


Line = tuple[tuple[Cell, str], ...]


def _summary(content: TableContent) -> Iterator[tuple[tuple[str, ...], list[Line]]]:
    """Sections of the summary sheet: a title for each column, and lines of (cell, format)."""
    yield ("What was scored", ""), _about(content)
    yield ("At the threshold", ""), _at_the_threshold(content)
    at_threshold = content.at_threshold
    yield ("Worth contacting, at any threshold", ""), _worth_contacting(content)
    yield (
        ("Likely to leave, by band", "Customers"),
        [(_text(band.value), _count(customers)) for band, customers in at_threshold.bands.items()],
    )
    yield (
        ("Best action", "Customers", "Expected gain"),
        [
            (_text(total.name), _count(total.customers), _money(total.expected_gain))
            for total in at_threshold.contacting.actions
        ],
    )
    if at_threshold.drivers:
        yield (
            ("What drives the risk", "Share"),
            [(_text(driver.attribute), (driver.share, "percent")) for driver in at_threshold.drivers],
        )
    matrix = at_threshold.confusion
    if matrix:
        yield (
            ("Against what happened", "Left", "Stayed"),
            [
                (_text("Likely to leave"), _count(matrix.true_positive), _count(matrix.false_positive)),
                (_text("Likely to stay"), _count(matrix.false_negative), _count(matrix.true_negative)),
            ],
        )


def _answer(content: TableContent) -> str:
    figures = content.at_threshold.answer_figures(content.run)
    return answer_text(figures, content.model.horizon, formats_of(content.currency))


def _about(content: TableContent) -> list[Line]:
    run, model = content.run, content.model
    finished = run.finished_at or run.created_at
    return [
        (_text("File"), _text(run.file_name)),
        (_text("Scored (UTC)"), _text(f"{finished:%Y-%m-%d %H:%M}")),
        (_text("Model"), _text(f"{model.name}, {model.algorithm.value}")),
        (_text("Predicts"), _text(f"leaving in {model.horizon}")),
        (_text("Prediction"), _text(run.id)),
    ]


def _at_the_threshold(content: TableContent) -> list[Line]:
    at_threshold = content.at_threshold
    lines: list[Line] = [
        (_text("Threshold"), (at_threshold.threshold, "percent")),
        (_text("Customers"), _count(at_threshold.customers)),
        (_text("Likely to leave"), _count(at_threshold.likely_to_leave)),
    ]
    if at_threshold.revenue_likely is not None:
        lines.append((_text("Their revenue a month"), _money(at_threshold.revenue_likely)))
    return lines


def _worth_contacting(content: TableContent) -> list[Line]:
    contacting = content.at_threshold.contacting
    lines: list[Line] = [
        (_text("Worth contacting"), _count(contacting.customers)),
        (_text("Expected gain"), _money(contacting.expected_gain)),
    ]
    note = save_rates_note(content.playbook, formats_of(content.currency)) if contacting.customers else None
    return [*lines, (_text(note),)] if note else lines


def _text(text: str) -> tuple[Any, str]:
    return text, ""


def _count(number: int) -> tuple[Any, str]:
    return number, "count"


def _money(amount: float) -> tuple[Any, str]:
    return amount, "expected_gain"
