"""A result as a table, and the rows that were set aside."""

from __future__ import annotations

from flask import Response, request, send_file, stream_with_context

from application.ports.results import CustomerQuery
from application.use_cases.open_result import RunView
from domain.account import Permission
from domain.errors import NotFound
from domain.run import RunId
from entrypoints.web import access
from entrypoints.web.access import allow, desk, person
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.attachments import attachment, stem
from entrypoints.web.predictions.queries import query_from

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _export_query(run_id: str) -> tuple[RunView, CustomerQuery]:
    view = desk().view_run(RunId(run_id), by=person())
    return view, query_from(request, threshold=view.run.threshold)


@area.get("/<run_id>/export.csv")
@allow(Permission.READ)
def export_csv(run_id: str) -> Response:
    """Every customer of the page's filter and threshold."""
    view, query = _export_query(run_id)
    _, pieces = desk().export_table.csv(
        view.run.id,
        query,
        by=person(),
        raw="raw" in request.args,
        bom="bom" in request.args,
        with_input="with_input" in request.args,
        address=access.address(),
    )
    response = Response(stream_with_context(pieces), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(f"{stem(view.run.file_name)}-churn.csv")
    return response


@area.get("/<run_id>/export.xlsx")
@allow(Permission.READ)
def export_xlsx(run_id: str) -> Response:
    view, query = _export_query(run_id)
    path = desk().scratch / f"{desk().ids.new()}.xlsx"
    try:
        desk().export_table.xlsx(view.run.id, query, path, by=person(), address=access.address())
        response = send_file(path.open("rb"), mimetype=XLSX, max_age=0)
    finally:
        path.unlink(missing_ok=True)  # its open handle lives until it is sent
    response.headers["Content-Disposition"] = attachment(f"{stem(view.run.file_name)}-churn.xlsx")
    return response


@area.get("/<run_id>/rejected.csv")
@allow(Permission.READ)
def rejected(run_id: str) -> Response:
    view = desk().view_run(RunId(run_id), by=person())
    path = desk().uploads.rejected_path(view.run.id)
    if not path.exists():
        raise NotFound("There is no list of rows that were set aside, or it is no longer kept.")
    response = send_file(path, mimetype="text/csv", max_age=0)
    response.headers["Content-Disposition"] = attachment(f"{stem(view.run.file_name)}-rejected.csv")
    return response
