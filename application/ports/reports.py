"""Reports to hand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from application.ports.columns import CustomerBatch, CustomerColumns, RecommendedBatch, ScoredBatch
from application.ports.results import Contribution, CustomerQuery, Group, Outlook, ScoredCustomer
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits
from domain.recommendation import Playbook
from domain.run import Run
from domain.schema import CustomerSchema


@dataclass(frozen=True, slots=True)
class TrendStep:
    """One month or run: its mean probability within [low, high] at 95 %, and the churn rate where it is known."""

    label: str
    expected: float
    low: float
    high: float
    observed: float | None


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a printed report says; the exporter decides nothing but how it looks.

    `histograms` holds groups of the strongest drivers; `contributions` what each adds to the log-odds by its values,
    where it was kept; `segments` (attribute, group) by impact; `trend` the runs or months of the chart
    over time.
    """

    run: Run
    model: ModelVersion
    policy: InstallationPolicy
    playbook: Playbook
    owner_name: str
    outlook: Outlook
    query: CustomerQuery
    customers: tuple[ScoredCustomer, ...]
    matching: int
    histograms: tuple[tuple[str, tuple[Group, ...]], ...]
    contributions: Mapping[str, tuple[Contribution, ...]]
    segments: tuple[tuple[str, Group], ...]
    trend: tuple[TrendStep, ...]


class PdfExporter(Protocol):
    def write(self, content: ReportContent, path: Path) -> None:
        """Deterministic for equal content. Never fetches anything."""


@dataclass(frozen=True, slots=True)
class TableForm:
    """How customers are written as lines of a CSV. `raw` leaves text as it is, for programs."""

    schema: CustomerSchema
    playbook: Playbook
    threshold: float
    bands: BandLimits
    currency: str = "USD"
    raw: bool = False
    bom: bool = False
    with_input: bool = False


@dataclass(frozen=True, slots=True)
class TableContent:
    """A run's customers: `columns` for CSV, `chunks` for XLSX, the other left empty.

    `raw` leaves text as it is, for programs; else it is spreadsheet-safe.
    """

    run: Run
    model: ModelVersion
    playbook: Playbook
    outlook: Outlook
    chunks: Iterable[Sequence[ScoredCustomer]] = ()
    columns: Iterable[CustomerColumns] = ()
    bands: BandLimits = field(default_factory=BandLimits)
    raw: bool = False
    bom: bool = False
    with_input: bool = False
    currency: str = "USD"

    @property
    def form(self) -> TableForm:
        return TableForm(
            schema=self.model.schema,
            playbook=self.playbook,
            threshold=self.outlook.threshold,
            bands=self.bands,
            currency=self.currency,
            raw=self.raw,
            bom=self.bom,
            with_input=self.with_input,
        )


class LinesWhileScoring(Protocol):
    """The CSV of a file that is being scored, in the file's order."""

    def pieces(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> Iterator[bytes]:
        """A batch's lines; before the first batch's, the header."""


class TableExporter(Protocol):
    def csv(self, content: TableContent) -> Iterator[bytes]:
        """Pieces of a CSV, in constant memory."""

    def csv_while_scoring(self, form: TableForm) -> LinesWhileScoring:
        """The same bytes as `csv` gives of the finished run in the file's order, with nothing to read back or sort."""

    def xlsx(self, content: TableContent, path: Path) -> None: ...
