"""Exports: printed reports and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.results import Contribution, Group, ScoredCustomer, ThresholdFigures
from domain.csv_style import CsvStyle
from domain.customer_query import CustomerQuery
from domain.export import ExportKind
from domain.grading import Grading
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits
from domain.run import Run
from domain.schema import CustomerSchema
from domain.trend import Trend


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All content of a printed report. The exporter only decides the layout.

    `histograms` holds groups of the strongest drivers; `contributions` their effect on the log-odds by value, if it
    was stored; `segments` (attribute, group) by impact; `trend` is that of Insights.
    """

    run: Run
    model: ModelVersion
    policy: InstallationPolicy
    playbook: Playbook
    owner_name: str
    at_threshold: ThresholdFigures
    query: CustomerQuery
    customers: tuple[ScoredCustomer, ...]
    matching: int
    histograms: tuple[tuple[str, tuple[Group, ...]], ...]
    contributions: Mapping[str, tuple[Contribution, ...]]
    segments: tuple[tuple[str, Group], ...]
    trend: Trend
    grading: Grading | None = None
    """What became of the customers, where a later file showed it."""
    graded_by: str = ""


class PdfExporter(Protocol):
    def write(self, content: ReportContent, path: Path) -> None:
        """Write the PDF. Equal content gives equal bytes. Never makes network requests."""


ROW_NUMBER = "row"
"""The header of the row numbers, which stand for ids where a file has none."""


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """Which prediction a table is of. Parquet has it in its metadata."""

    run_id: str
    file_name: str
    model: str
    horizon: str
    predicted_at: datetime

    @classmethod
    def of(cls, run: Run, model: ModelVersion) -> Self:
        return cls(run.id, run.file_name, model.id, model.horizon, run.created_at)


@dataclass(frozen=True, slots=True)
class TableForm:
    """How customers are written as lines of a CSV. `raw` leaves the file's text unescaped, for programs.

    With a `style` it is for a person's spreadsheet program: a byte order mark, and no more digits than a person needs.

    Messages are written for people, and escaped in any case.
    `id_name` is the header of the first column, the customers' ids or the row numbers.
    """

    schema: CustomerSchema
    playbook: Playbook
    threshold: float
    bands: BandLimits
    currency: str = "USD"
    raw: bool = False
    style: CsvStyle | None = None
    with_input: bool = False
    id_name: str = ROW_NUMBER
    origin: TableOrigin | None = None


@dataclass(frozen=True, slots=True)
class TableContent:
    """A run's customers: `columns` for CSV and Parquet, `chunks` for XLSX; the other is empty.

    `raw` leaves text unescaped, for programs; otherwise text is spreadsheet-safe. `inputs` are the file's columns, by
    which a table without any customer has the same header; None where they are not known.
    """

    run: Run
    model: ModelVersion
    playbook: Playbook
    at_threshold: ThresholdFigures
    chunks: Iterable[Sequence[ScoredCustomer]] = ()
    columns: Iterable[CustomerColumns] = ()
    bands: BandLimits = field(default_factory=BandLimits)
    raw: bool = False
    style: CsvStyle | None = None
    with_input: bool = False
    currency: str = "USD"
    inputs: tuple[str, ...] | None = None

    @property
    def form(self) -> TableForm:
        return TableForm(
            schema=self.model.schema,
            playbook=self.playbook,
            threshold=self.at_threshold.threshold,
            bands=self.bands,
            currency=self.currency,
            raw=self.raw,
            style=self.style,
            with_input=self.with_input,
            id_name=self.id_name,
            origin=TableOrigin.of(self.run, self.model),
        )

    @property
    def id_name(self) -> str:
        """The header of the customers' ids; "row" where rows are numbered."""
        summary, column = self.run.summary, self.model.schema.id_column
        if summary is None:
            return column or ROW_NUMBER
        return ROW_NUMBER if summary.numbered else column or summary.id_header or ROW_NUMBER


class StreamingTable(Protocol):
    """Writes the table of a file while it is scored, in file order."""

    def pieces(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> Iterator[bytes]:
        """The bytes of a batch. The header of a CSV precedes the first batch."""

    def end(self) -> Iterator[bytes]:
        """The bytes after the last batch."""


class TableExporter(Protocol):
    def csv(self, content: TableContent) -> Iterator[bytes]:
        """The bytes of a CSV in pieces, in constant memory."""

    def parquet(self, content: TableContent) -> Iterator[bytes]:
        """The bytes of a Parquet file in pieces, in constant memory. Its texts are exact: `raw` changes nothing."""

    def streaming(self, kind: ExportKind, form: TableForm) -> StreamingTable:
        """A CSV or Parquet of the finished run in file order, without reading or sorting stored results.

        A CSV has the same bytes as by `csv`. Raises ValueError for other kinds.
        """

    def xlsx(self, content: TableContent, path: Path) -> None: ...
