"""Reports to hand on: a run's customers as CSV or XLSX, and the printed report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.persistence import RunQuery
from application.ports.reports import PdfExporter, ReportContent, TableContent, TableExporter, TrendStep
from application.ports.results import CustomerQuery, Group, ResultStore
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note, visible_to
from application.use_cases.dashboard import trend_of
from application.use_cases.open_result import OpenResult, ResultView
from domain.account import Account
from domain.export import DEFAULT_PDF_CUSTOMERS, MAX_DIRECT_CSV_BYTES, ExportKind, ExportOptions, is_made_directly
from domain.model import ModelVersion
from domain.run import Run, RunId

SCORE_COLUMNS = 9
"""The id, and the columns of the prediction: what a table holds without its file's columns."""
HISTOGRAMS = 4
TREND_STEPS = 24
SEGMENTS = 12
SEGMENT_SMALLEST = 30
"""Customers below which a segment says too little."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """Everything on the page's filter and threshold, as CSV in pieces or as an XLSX file."""

    new_uow: NewUnitOfWork
    results: ResultStore
    tables: TableExporter
    clock: Clock

    def csv(
        self,
        run_id: RunId,
        query: CustomerQuery,
        *,
        by: Account,
        raw: bool = False,
        bom: bool = False,
        with_input: bool = False,
        address: str = "",
    ) -> tuple[ResultView, Iterator[bytes]]:
        result = self._answer(run_id, query, by)
        options = ExportOptions(ExportKind.CSV, raw=raw, bom=bom, with_input=with_input)
        self._log(result, by, "downloaded a CSV", address)
        return result, self._pieces(result, query, options)

    def xlsx(self, run_id: RunId, query: CustomerQuery, path: Path, *, by: Account, address: str = "") -> ResultView:
        result = self._answer(run_id, query, by)
        chunks = self.results.stream(run_id, query, bands=result.view.policy.bands)
        self.tables.xlsx(replace(self._content(result), chunks=chunks, with_input=True), path)
        self._log(result, by, "downloaded a spreadsheet", address)
        return result

    def direct(
        self,
        run_id: RunId,
        query: CustomerQuery,
        options: ExportOptions,
        scratch: Path,
        *,
        by: Account,
        address: str = "",
    ) -> bytes | None:
        """The table, if it is small enough to be made in a request; else None. `scratch` is a file to write to."""
        result = self._answer(run_id, query, by)
        if not is_small(result, options):
            return None
        if options.kind is ExportKind.XLSX:
            self.xlsx(run_id, query, scratch, by=by, address=address)
            return scratch.read_bytes()
        table = _joined(self._pieces(result, query, options), at_most=MAX_DIRECT_CSV_BYTES)
        if table is not None:
            self._log(result, by, "downloaded a CSV", address)
        return table

    def _pieces(self, result: ResultView, query: CustomerQuery, options: ExportOptions) -> Iterator[bytes]:
        columns = self.results.columns(
            result.view.run.id, query, bands=result.view.policy.bands, with_extra=options.with_input
        )
        content = replace(
            self._content(result),
            columns=columns,
            raw=options.raw,
            bom=options.bom,
            with_input=options.with_input,
        )
        return self.tables.csv(content)

    def _answer(self, run_id: RunId, query: CustomerQuery, by: Account) -> ResultView:
        """Without customers: they are read while the table is written."""
        return OpenResult(self.new_uow, self.results)(run_id, replace(query, limit=0), by=by)

    def _content(self, result: ResultView) -> TableContent:
        return TableContent(
            run=result.view.run,
            model=result.view.model,
            playbook=result.playbook,
            outlook=result.outlook,
            bands=result.view.policy.bands,
            currency=result.view.policy.currency,
        )

    def _log(self, result: ResultView, by: Account, action: str, address: str) -> None:
        with self.new_uow() as uow:
            note(uow, self.clock, by, action, result.view.run.file_name, address=address)
            uow.commit()


def _columns(run: Run, model: ModelVersion, options: ExportOptions) -> int:
    """Columns of a run's table."""
    if not options.has_input:
        return SCORE_COLUMNS
    return SCORE_COLUMNS + len(model.schema.needed) + len(run.summary.columns_extra if run.summary else ())


def is_small(result: ResultView, options: ExportOptions) -> bool:
    """Whether a request may make the export of this view."""
    columns = _columns(result.view.run, result.view.model, options)
    return is_made_directly(options.kind, cells=result.page.total * columns)


def _joined(pieces: Iterable[bytes], *, at_most: int) -> bytes | None:
    """All pieces in one; None where they are longer."""
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) > at_most:
            return None
    return bytes(joined)


@dataclass(frozen=True, slots=True)
class ExportPdf:
    """The printed report of a run, on the page's filter and threshold; customers in contact order."""

    new_uow: NewUnitOfWork
    results: ResultStore
    pdf: PdfExporter
    clock: Clock

    def __call__(
        self,
        run_id: RunId,
        query: CustomerQuery,
        path: Path,
        *,
        by: Account,
        customers: int = DEFAULT_PDF_CUSTOMERS,
        address: str = "",
    ) -> ResultView:
        customers = ExportOptions(ExportKind.PDF, customers=customers).customers
        listed = CustomerQuery(
            threshold=query.threshold,
            search=query.search,
            likely=query.likely,
            bands=query.bands,
            action=query.action,
            attributes=query.attributes,
            sort="gain",
            limit=customers,
        )
        result = OpenResult(self.new_uow, self.results)(run_id, listed, by=by)
        self.pdf.write(self._content(result, by), path)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "downloaded a PDF report", result.view.run.file_name, address=address)
            uow.commit()
        return result

    def _content(self, result: ResultView, by: Account) -> ReportContent:
        view = result.view
        with self.new_uow() as uow:
            seen = uow.runs.find(RunQuery(visible_to=visible_to(by), limit=60)).runs
        comparable = [run for run in seen if run.sample == view.run.sample and run.created_at <= view.run.created_at]
        trend = trend_of(comparable)
        strongest = [driver.attribute for driver in result.outlook.drivers[:8]]
        groups = [
            (name, tuple(self.results.groups(view.run.id, name, threshold=result.query.threshold)))
            for name in strongest
        ]
        return ReportContent(
            run=view.run,
            model=view.model,
            policy=view.policy,
            playbook=result.playbook,
            owner_name=view.owner_name,
            outlook=result.outlook,
            query=result.query,
            customers=result.page.customers,
            matching=result.page.total,
            histograms=tuple(groups[:HISTOGRAMS]),
            contributions={
                name: found
                for name in strongest
                if (found := self.results.contributions(view.run.id, name)) is not None
            },
            segments=_segments(groups),
            trend=tuple(
                TrendStep(point.label or f"{point.at:%d %b %Y}", point.expected, point.low, point.high, point.observed)
                for point in trend[-TREND_STEPS:]
            ),
        )


def _segments(groups: Sequence[tuple[str, tuple[Group, ...]]]) -> tuple[tuple[str, Group], ...]:
    """The groups where most leavers are expected beyond the average, the strongest first."""
    found = [(name, group) for name, own in groups for group in own if group.customers >= SEGMENT_SMALLEST]
    if not found:
        return ()
    everyone = groups[0][1]
    total = sum(group.customers for group in everyone)
    mean = sum(group.customers * group.mean_probability for group in everyone) / total if total else 0.0
    above = [pair for pair in found if pair[1].mean_probability > mean]
    return tuple(sorted(above, key=lambda pair: -(pair[1].mean_probability - mean) * pair[1].customers)[:SEGMENTS])
