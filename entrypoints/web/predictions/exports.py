"""Exports of a result: a small table is sent at once; a worker creates larger files for a later download."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for

from application.queries import CustomerQuery, ExportRecord, ExportState
from application.use_cases.predictions.open_result import RunView
from domain.account import Permission
from domain.errors import InvalidInput
from domain.export import DEFAULT_PDF_CUSTOMERS, ExportKind, ExportOptions
from domain.file_names import stem_of
from domain.run import RunId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.downloads import csv_style, named
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions.result_url import query_from, words_of
from entrypoints.web.predictions.searching import text_searched

area = Blueprint("exports", __name__, url_prefix="/predictions")

ASK_AGAIN = 2
"""Seconds after which a program, or a browser without scripts, polls again."""
MIMETYPES = {
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportKind.PARQUET: "application/vnd.apache.parquet",
    ExportKind.PDF: "application/pdf",
}


@area.route("/<run_id>/export.csv", methods=["GET", "POST"])
@allow(Permission.READ)
def csv(run_id: str) -> Response:
    """All customers that match the page's filter and threshold."""
    return _answer(run_id, ExportKind.CSV)


@area.route("/<run_id>/export.xlsx", methods=["GET", "POST"])
@allow(Permission.READ)
def xlsx(run_id: str) -> Response:
    return _answer(run_id, ExportKind.XLSX)


@area.route("/<run_id>/export.parquet", methods=["GET", "POST"])
@allow(Permission.READ)
def parquet(run_id: str) -> Response:
    return _answer(run_id, ExportKind.PARQUET)


@area.route("/<run_id>/export.pdf", methods=["GET", "POST"])
@allow(Permission.READ)
def pdf(run_id: str) -> Response:
    """The PDF report."""
    return _answer(run_id, ExportKind.PDF)


@area.get("/<run_id>/exports/<export_id>")
@allow(Permission.READ)
def show(run_id: str, export_id: str) -> Response:
    """The state of an export. Answers 204 to a poll if nothing changed, so that the page does not change."""
    record = application().reports.view_export(RunId(run_id), export_id, by=person())
    if not wants_fragment():
        return _page(record)
    return Response(status=204) if _state(record) == request.args.get("seen") else _box(record)


@area.get("/<run_id>/exports/<export_id>/file")
@allow(Permission.READ)
def file(run_id: str, export_id: str) -> Response:
    return _sent(run_id, export_id)


def _answer(run_id: str, kind: ExportKind) -> Response:
    """GET sends the file. POST queues it, and htmx shows its progress in the page."""
    if request.method == "GET":
        return _file_or_page(run_id, kind)
    if wants_fragment():
        return _box(_ordered(_view(run_id), kind))
    asked = request.query_string.decode("ascii", "ignore")
    return go(url_for(f"exports.{kind}", run_id=_view(run_id).run.id) + (f"?{asked}" if asked else ""))


def _file_or_page(run_id: str, kind: ExportKind) -> Response:
    """The file if it is small or already exists; otherwise queue it and answer 202 with a page that waits for it."""
    view = _view(run_id)
    table = None if kind is ExportKind.PDF else _made_at_once(view, kind)
    if table is not None:
        return _named(send_file(io.BytesIO(table), mimetype=MIMETYPES[kind]), view, _query(view), _options(kind))
    record = _ordered(view, kind)
    return _sent(run_id, record.order.id) if record.state is ExportState.DONE else _page(record, status=202)


def _made_at_once(view: RunView, kind: ExportKind) -> bytes | None:
    return application().reports.export_directly(
        view.run.id,
        _query(view),
        _options(kind),
        by=actor(),
    )


def _ordered(view: RunView, kind: ExportKind) -> ExportRecord:
    return application().reports.order_export(
        view.run.id,
        _query(view),
        _options(kind),
        by=actor(),
    )


def _query(view: RunView) -> CustomerQuery:
    return query_from(
        request.args,
        threshold=view.run.threshold,
        default_sort=view.default_sort,
        search=text_searched(request.args),
    )


def _view(run_id: str) -> RunView:
    return application().predictions.view_run(RunId(run_id), by=person())


def _options(kind: ExportKind) -> ExportOptions:
    """Only the options that apply to this kind, so that equal exports have equal options."""
    if kind is ExportKind.CSV:
        return ExportOptions(
            kind, raw="raw" in request.args, style=csv_style(), with_input="with_input" in request.args
        )
    if kind is ExportKind.PARQUET:
        return ExportOptions(kind, with_input="with_input" in request.args)
    if kind is ExportKind.PDF:
        return ExportOptions(kind, customers=request.args.get("customers", DEFAULT_PDF_CUSTOMERS, type=int))
    return ExportOptions(kind)


def _state(record: ExportRecord) -> str:
    """The export's state, or "no_worker" if no worker is running."""
    if not record.state.ended and not application().jobs.worker_lives():
        return "no_worker"
    return record.state.value


def _box(record: ExportRecord) -> Response:
    """The progress message in the result page or in the export's page."""
    return render_page("predictions/_export_box.html", **_shown(record, inline="inline" in request.args))


def _page(record: ExportRecord, *, status: int = 200) -> Response:
    if record.state is ExportState.FAILED:
        raise InvalidInput(record.problem)
    response = render_page(
        "predictions/export.html", status=status, view=_view(record.order.run_id), **_shown(record, inline=True)
    )
    if status == 202:
        response.headers["Retry-After"] = str(ASK_AGAIN)
    return response


def _shown(record: ExportRecord, *, inline: bool) -> dict[str, Any]:
    """Template variables. With `inline` the message is part of the page; otherwise it floats over it."""
    asked, state = record.order, _state(record)
    key: dict[str, Any] = {"run_id": asked.run_id, "export_id": asked.id}
    return {
        "state": state,
        "noun": asked.options.kind.noun,
        "problem": record.problem,
        "here": url_for("exports.show", **key),
        "poll": url_for("exports.show", **key, seen=state, inline=1 if inline else None),
        "inline": inline,
        "file": url_for("exports.file", **key),
        "ask_again": ASK_AGAIN,
    }


def _sent(run_id: str, export_id: str) -> Response:
    """Send the file directly: the server streams it at the client's speed without blocking a thread."""
    record, path = application().reports.fetch_export(RunId(run_id), export_id, by=person())
    options = record.order.options
    return _named(send_file(path, mimetype=MIMETYPES[options.kind]), _view(run_id), record.order.query, options)


def _named(response: Response, view: RunView, query: CustomerQuery, options: ExportOptions) -> Response:
    """The name says of which file and filter the predictions are, and which variant of the download it is."""
    parts = ("report" if options.kind is ExportKind.PDF else "predictions", stem_of(view.run.file_name))
    return named(response, *parts, *words_of(query, view.run.threshold), *options.words, ending=options.kind)
