"""Exports of a run: the kinds, which are created within the request, and the limit of waiting exports per account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.csv_style import CsvStyle
from domain.errors import InvalidInput

DEFAULT_PDF_CUSTOMERS = 200
MAX_PDF_CUSTOMERS = 500

PROBABILITY_DECIMALS = 6
"""Decimals of a probability in a CSV for people: a millionth is finer than any difference that counts."""
MAX_DIRECT_XLSX_CELLS = 30_000
"""A cell of a workbook takes 7 µs of CPU: 30,000 take 0.2 s, about 1,000 customers with 20 columns."""
MAX_DIRECT_CSV_CELLS = 400_000
"""400,000 cells take 0.1 s of CPU: 30,000 customers, or 12,000 with the 20 columns of their file."""
MAX_DIRECT_CSV_BYTES = 8 * 1024**2
"""Half of what the web server buffers before a thread has to wait for a slow reader (16 MiB)."""

MAX_OPEN_EXPORTS = 10
"""Maximum number of exports that one person can have queued or running."""
MAX_EXPORT_ATTEMPTS = 3
"""How often workers begin an export. One whose worker was stopped so often would probably stop the next one too."""
EXPORT_KEPT = timedelta(days=1)
"""How long a finished export can be downloaded."""


def rounded(value: float, decimals: int) -> float:
    """The value for a person; in full where it would round to nothing."""
    return round(value, decimals) or value


class ExportKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    PDF = "pdf"

    @property
    def noun(self) -> str:
        return {"csv": "CSV file", "xlsx": "spreadsheet", "parquet": "Parquet file", "pdf": "report"}[self.value]

    @property
    def is_streamed(self) -> bool:
        """Whether it is written from columns, in pieces of bytes."""
        return self in (ExportKind.CSV, ExportKind.PARQUET)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How an export is written.

    `raw` and `style` concern a CSV, `with_input` a CSV or Parquet file, `customers` the list in a PDF. A CSV
    with a style is for a person's spreadsheet program, one without for programs, with every number in full.
    """

    kind: ExportKind
    raw: bool = False
    style: CsvStyle | None = None
    with_input: bool = False
    customers: int = DEFAULT_PDF_CUSTOMERS

    def __post_init__(self) -> None:
        if self.raw and self.style is not None:
            raise InvalidInput("A CSV for a spreadsheet program is always made safe. Leave out “raw” or the style.")
        if not 0 <= self.customers <= MAX_PDF_CUSTOMERS:
            raise InvalidInput(f"A report lists at most {MAX_PDF_CUSTOMERS} customers; the CSV has them all.")

    @property
    def words(self) -> tuple[str, ...]:
        """What distinguishes the file from others of its kind, for its name."""
        words = ["with-file-columns"] if self.with_input and self.kind is ExportKind.CSV else []
        if self.raw:
            words.append("for-programs")
        if self.style is CsvStyle.SEMICOLON:
            words.append("semicolons")
        if self.kind is ExportKind.PDF and self.customers != DEFAULT_PDF_CUSTOMERS:
            words.append(f"{self.customers}-customers" if self.customers else "without-customers")
        return tuple(words)

    @property
    def has_input(self) -> bool:
        """Whether the columns of the customer file are in it."""
        return self.kind is ExportKind.XLSX or (self.kind.is_streamed and self.with_input)


def is_made_directly(kind: ExportKind, *, cells: int) -> bool:
    """Whether a request may make it. A PDF takes seconds of CPU at any size."""
    if kind is ExportKind.PDF:
        return False
    return cells <= (MAX_DIRECT_CSV_CELLS if kind.is_streamed else MAX_DIRECT_XLSX_CELLS)
