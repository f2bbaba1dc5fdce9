"""The use cases of reports."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.insights.read_trend import ReadTrend
from application.use_cases.predictions.open_result import OpenResult
from application.use_cases.reports.direct_exports import ExportDirectly
from application.use_cases.reports.queued_exports import (
    DiscardOldExports,
    FetchExport,
    MakeExport,
    OrderExport,
    ResumeExports,
    ViewExport,
)
from application.use_cases.reports.render_export import ExportPdf, ExportTable
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Reports:
    """Export results as tables and PDF reports."""

    export_table: ExportTable
    export_pdf: ExportPdf
    export_directly: ExportDirectly
    order_export: OrderExport
    make_export: MakeExport
    resume_exports: ResumeExports
    view_export: ViewExport
    fetch_export: FetchExport
    discard_old_exports: DiscardOldExports


def build_reports(ports: Ports, *, open_result: OpenResult, read_trend: ReadTrend) -> Reports:
    export_pdf = ExportPdf(
        new_uow=ports.new_uow,
        open_result=open_result,
        results=ports.results,
        read_trend=read_trend,
        pdf=ports.pdf,
        clock=ports.clock,
    )
    export_table = ExportTable(
        new_uow=ports.new_uow, open_result=open_result, results=ports.results, tables=ports.tables, clock=ports.clock
    )
    view_export = ViewExport(new_uow=ports.new_reading, store=ports.exports)
    return Reports(
        export_table=export_table,
        export_pdf=export_pdf,
        export_directly=ExportDirectly(export_table=export_table, ids=ports.ids, scratch=ports.scratch),
        order_export=OrderExport(
            new_uow=ports.new_reading,
            read_trend=read_trend,
            store=ports.exports,
            jobs=ports.jobs,
            clock=ports.clock,
        ),
        make_export=MakeExport(
            new_uow=ports.new_reading, store=ports.exports, pdf=export_pdf, table=export_table, jobs=ports.jobs
        ),
        resume_exports=ResumeExports(store=ports.exports, jobs=ports.jobs, clock=ports.clock, liveness=ports.liveness),
        view_export=view_export,
        fetch_export=FetchExport(view=view_export, store=ports.exports),
        discard_old_exports=DiscardOldExports(store=ports.exports, clock=ports.clock),
    )
