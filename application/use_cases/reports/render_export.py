"""Exports of a run: its customers as CSV, Parquet or XLSX, and the PDF report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.reports import PdfExporter, ReportContent, TableContent, TableExporter
from application.ports.results import Group, ResultStore
from application.ports.system import Clock
from application.use_cases.insights.read_trend import ReadTrend
from application.use_cases.insights.segments import SEGMENT_ATTRIBUTES, in_order, ranked, segments_of, totals_of
from application.use_cases.permissions import NewUnitOfWork, note, owner_names
from application.use_cases.predictions.open_result import OpenResult, ResultView
from domain.account import Account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import DEFAULT_PDF_CUSTOMERS, MAX_DIRECT_CSV_BYTES, ExportKind, ExportOptions, is_made_directly
from domain.model import ModelVersion
from domain.run import Run, RunId

SCORE_COLUMNS = 13
"""The id, and the columns of the prediction: what a table holds without its file's columns."""
_DOWNLOADED = {
    ExportKind.CSV: "downloaded a CSV",
    ExportKind.XLSX: "downloaded a spreadsheet",
    ExportKind.PARQUET: "downloaded a Parquet file",
}
"""What the audit log says."""
HISTOGRAMS = 4


@dataclass(frozen=True, slots=True)
class ExportTable:
    """Exports a run's customers with the page's filter and threshold, in pieces or as an XLSX file."""

    new_uow: NewUnitOfWork
    open_result: OpenResult
    results: ResultStore
    tables: TableExporter
    clock: Clock

    def streamed(
        self,
        run_id: RunId,
        query: CustomerQuery,
        options: ExportOptions,
        *,
        by: Actor,
        action: str | None = None,
    ) -> tuple[ResultView, Iterator[bytes]]:
        """The result, and a CSV or Parquet file of its customers in pieces. `action` is what the audit log says, if
        nobody downloads it."""
        result = self._answer(run_id, query, by.account)
        self._log(result, by, action or _DOWNLOADED[options.kind])
        return result, self._pieces(result, query, options)

    def xlsx(
        self,
        run_id: RunId,
        query: CustomerQuery,
        path: Path,
        *,
        by: Actor,
        action: str | None = None,
    ) -> ResultView:
        """`action` as in `streamed`."""
        result = self._answer(run_id, query, by.account)
        chunks = self.results.stream(run_id, query, bands=result.view.policy.bands)
        self.tables.xlsx(replace(self._content(result), chunks=chunks, with_input=True), path)
        self._log(result, by, action or _DOWNLOADED[ExportKind.XLSX])
        return result

    def direct(
        self,
        run_id: RunId,
        query: CustomerQuery,
        options: ExportOptions,
        scratch: Path,
        *,
        by: Actor,
    ) -> bytes | None:
        """The table, if it is small enough to be made within a request; else None. `scratch` is a temporary file."""
        result = self._answer(run_id, query, by.account)
        if not is_small(result, options):
            return None
        if options.kind is ExportKind.XLSX:
            self.xlsx(run_id, query, scratch, by=by)
            return scratch.read_bytes()
        if not options.kind.is_streamed:
            raise ValueError(f"a {options.kind.noun} is not made within a request")
        table = _joined(self._pieces(result, query, options), at_most=MAX_DIRECT_CSV_BYTES)
        if table is not None:
            self._log(result, by, _DOWNLOADED[options.kind])
        return table

    def _pieces(self, result: ResultView, query: CustomerQuery, options: ExportOptions) -> Iterator[bytes]:
        columns = self.results.columns(
            result.view.run.id, query, bands=result.view.policy.bands, with_extra=options.with_input
        )
        content = replace(
            self._content(result),
            columns=columns,
            raw=options.raw,
            style=options.style,
            with_input=options.with_input,
        )
        return self.tables.parquet(content) if options.kind is ExportKind.PARQUET else self.tables.csv(content)

    def _answer(self, run_id: RunId, query: CustomerQuery, by: Account) -> ResultView:
        """The result without customers, which are read while the table is written."""
        return self.open_result(run_id, replace(query, limit=0), by=by)

    def _content(self, result: ResultView) -> TableContent:
        return TableContent(
            run=result.view.run,
            model=_model_in_file(result.view.run, result.view.model),
            playbook=result.view.playbook,
            at_threshold=result.at_threshold,
            bands=result.view.policy.bands,
            currency=result.view.policy.currency,
            inputs=None if result.page.total else self.results.input_headers(result.view.run.id),
        )

    def _log(self, result: ResultView, by: Actor, action: str) -> None:
        with self.new_uow() as uow:
            note(uow, self.clock, by, action, result.view.run.file_name)
            uow.commit()


def _model_in_file(run: Run, model: ModelVersion) -> ModelVersion:
    """The model without its target where the file does not say who left: no blank column is written for it."""
    summary = run.summary
    if summary is None or summary.truth is not None or summary.truth_reading is not None:
        return model
    return replace(model, schema=replace(model.schema, target_column=None))


def _columns(run: Run, model: ModelVersion, options: ExportOptions) -> int:
    """Number of columns in a run's table."""
    if not options.has_input:
        return SCORE_COLUMNS
    return SCORE_COLUMNS + len(model.schema.needed) + len(run.summary.columns_extra if run.summary else ())


def is_small(result: ResultView, options: ExportOptions) -> bool:
    """Whether the export of this view is small enough to be made within a request."""
    columns = _columns(result.view.run, result.view.model, options)
    return is_made_directly(options.kind, cells=result.page.total * columns)


def _joined(pieces: Iterable[bytes], *, at_most: int) -> bytes | None:
    """All pieces together; None if they exceed `at_most` bytes."""
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) > at_most:
            return None
    return bytes(joined)


@dataclass(frozen=True, slots=True)
class ExportPdf:
    """Writes the printed report of a run with the page's filter and threshold. Customers are in contact order."""

    new_uow: NewUnitOfWork
    open_result: OpenResult
    results: ResultStore
    read_trend: ReadTrend
    pdf: PdfExporter
    clock: Clock

    def __call__(
        self,
        run_id: RunId,
        query: CustomerQuery,
        path: Path,
        *,
        by: Actor,
        customers: int = DEFAULT_PDF_CUSTOMERS,
    ) -> ResultView:
        customers = ExportOptions(ExportKind.PDF, customers=customers).customers
        listed = replace(query, sort="gain", descending=True, offset=0, limit=customers)
        result = self.open_result(run_id, listed, by=by.account)
        self.pdf.write(self._content(result, by.account), path)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "downloaded a PDF report", result.view.run.file_name)
            uow.commit()
        return result

    def _content(self, result: ResultView, by: Account) -> ReportContent:
        view = result.view
        with self.new_uow() as uow:
            trend = self.read_trend(uow, view.run, by=by)
            grading, names = uow.gradings.of_run(view.run.id), owner_names(uow)
        strongest = [driver.attribute for driver in result.at_threshold.drivers[:SEGMENT_ATTRIBUTES]]
        groups = [
            (name, tuple(self.results.groups(view.run.id, name, threshold=result.query.threshold)))
            for name in strongest
        ]
        return ReportContent(
            run=view.run,
            model=view.model,
            policy=view.policy,
            playbook=result.view.playbook,
            owner_name=view.owner_name,
            at_threshold=result.at_threshold,
            query=result.query,
            customers=result.page.customers,
            matching=result.page.total,
            histograms=tuple((name, in_order(own)) for name, own in groups[:HISTOGRAMS]),
            contributions={
                name: of_attribute
                for name in strongest
                if (of_attribute := self.results.contributions(view.run.id, name)) is not None
            },
            segments=_segments(groups),
            trend=trend,
            grading=grading,
            graded_by=names[grading.by] if grading else "",
        )


def _segments(groups: Sequence[tuple[str, tuple[Group, ...]]]) -> tuple[tuple[str, Group], ...]:
    """The segments with the most leavers above the average, strongest first, as in Insights."""
    base = totals_of(groups[0][1]).mean_probability if groups else 0.0
    segments = [segment for name, own in groups for segment in segments_of(name, own, base)]
    return tuple((segment.attribute, segment.group) for segment in ranked(segments))
