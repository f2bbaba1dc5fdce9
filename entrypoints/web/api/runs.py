"""The API's predictions for files: submit, poll, results by page, downloads, cancel, delete."""

from __future__ import annotations

import io

from flask import Response, request, send_file, url_for

from application.queries import CustomerQuery, ExportState, RunQuery
from domain.api_token import Scope
from domain.errors import InvalidInput
from domain.export import ExportKind, ExportOptions
from domain.file_format import FormatChoice
from domain.file_names import stem_of
from domain.id_matching import LEFT_OUT
from domain.run import Run, RunId
from entrypoints.web.access import application
from entrypoints.web.api import asking, schemas, shown
from entrypoints.web.api.access import caller, calling_actor
from entrypoints.web.api.operations import FilePart, operation
from entrypoints.web.downloads import named
from entrypoints.web.predictions.exports import MIMETYPES

GROUP = "Predictions"
LARGEST_FIRST = {"risk": True, "gain": True, "row": False}


@operation(
    "POST",
    "/runs",
    Scope.SCORE,
    group=GROUP,
    form=schemas.RunForm,
    file=FilePart("file", "A table of customers: CSV, Excel, Parquet, JSON lines, packed or not."),
    idempotent=True,
    answers={202: schemas.RunOut},
    problems=(404, 409, 507),
)
def create_run() -> Response:
    """Send a file of customers to be scored.

    The answer comes once the file is recognised; poll the address in its Location header until the state is done,
    failed or cancelled. A file about which a person has to be asked is refused with the question and its choices.
    """
    asked = asking.form(schemas.RunForm)
    stream, name = asking.file("file")
    run, repeated = application().predictions.submit_scoring_once(
        stream,
        name,
        by=calling_actor(),
        key=asking.idempotency_key(),
        model_id=asked.model,
        column_positions=_positions(asked.columns),
        format_override=FormatChoice(encoding=asked.encoding, delimiter=asked.delimiter, decimal=asked.decimal),
    )
    return asking.accepted(shown.run(run), at=url_for("api.get_run", run_id=run.id), repeated=repeated)


def _positions(columns: dict[str, int] | None) -> dict[str, int]:
    """Columns counted from 1, and 0 for one that is left out, as positions."""
    return {name: number - 1 if number else LEFT_OUT for name, number in (columns or {}).items()}


@operation("GET", "/runs", Scope.READ, group=GROUP, query=schemas.RunsPage, answers={200: schemas.RunsOut}, problems=())
def list_runs() -> Response:
    """List the predictions that you may see, newest first."""
    asked = asking.query(schemas.RunsPage)
    states = (asked.state,) if asked.state else ()
    query = RunQuery(states=states, model=asked.model, offset=asked.offset, limit=asked.limit)
    page = application().predictions.list_runs(query, by=caller()).page
    cursor = asking.cursor_after(asked.offset, len(page.runs), page.total)
    answer = schemas.RunsOut(runs=[shown.run(own) for own in page.runs], total=page.total, next=cursor)
    return asking.answer(answer, headers=asking.next_link("list_runs", asked, cursor))


@operation("GET", "/runs/{run_id}", Scope.READ, group=GROUP, answers={200: schemas.RunOut}, problems=(404,))
def get_run(run_id: str) -> Response:
    """Look at a prediction: its state, and its figures once it is done."""
    run = _run(run_id)
    return asking.job(shown.run(run), ended=run.state.ended)


def _run(run_id: str) -> Run:
    return application().predictions.view_run(RunId(run_id), by=caller()).run


@operation(
    "GET",
    "/runs/{run_id}/customers",
    Scope.READ,
    group=GROUP,
    query=schemas.CustomersPage,
    answers={200: schemas.CustomersOut},
    problems=(404, 410),
)
def list_customers(run_id: str) -> Response:
    """List a prediction's customers with reasons and recommendation, page by page."""
    asked = asking.query(schemas.CustomersPage)
    query = CustomerQuery(
        threshold=_run(run_id).threshold,
        likely=asked.likely,
        worth_contacting=asked.worth_contacting,
        bands=(asked.band,) if asked.band else (),
        sort=asked.sort,
        descending=LARGEST_FIRST[asked.sort],
        offset=asked.offset,
        limit=asked.limit,
    )
    opened = application().predictions.open_result(RunId(run_id), query, by=caller())
    page = opened.page
    cursor = asking.cursor_after(asked.offset, len(page.customers), page.total)
    customers = [shown.customer(own, opened.view.playbook) for own in page.customers]
    answer = schemas.CustomersOut(customers=customers, total=page.total, next=cursor)
    return asking.answer(answer, headers=asking.next_link("list_customers", asked, cursor, run_id=run_id))


@operation(
    "GET",
    "/runs/{run_id}/download/{kind}",
    Scope.READ,
    group=GROUP,
    answers={200: tuple(media.partition(";")[0] for media in MIMETYPES.values()), 202: None},
    problems=(404, 410, 422),
)
def download_run(run_id: str, kind: str) -> Response:
    """Download a prediction as csv, xlsx, parquet or pdf.

    A large file is made by a worker: the answer is then 202 with Retry-After, and the same request gets the file
    once it is made. The CSV is for programs: figures as they are, and no protection against spreadsheet formulas.
    """
    if kind not in set(ExportKind):
        raise asking.NoSuchAddress
    view = application().predictions.view_run(RunId(run_id), by=caller())
    if not view.run.state.ended or view.run.summary is None:
        raise InvalidInput("This prediction has no result.", field="run_id")
    own = ExportKind(kind)
    options = ExportOptions(own, raw=own is ExportKind.CSV)
    query = CustomerQuery(threshold=view.run.threshold, sort="row", descending=False)
    at_once = None
    if own is not ExportKind.PDF:
        at_once = application().reports.export_directly(view.run.id, query, options, by=calling_actor())
    if at_once is not None:
        return _file(send_file(io.BytesIO(at_once), mimetype=MIMETYPES[own]), view.run, own)
    record = application().reports.order_export(view.run.id, query, options, by=calling_actor())
    if record.state is ExportState.FAILED:
        raise InvalidInput(record.problem, field="kind")
    if record.state is not ExportState.DONE:
        return Response(status=202, headers={**asking.ASK_AGAIN_LATER, "Location": request.path})
    _, path = application().reports.fetch_export(view.run.id, record.order.id, by=caller())
    return _file(send_file(path, mimetype=MIMETYPES[own]), view.run, own)


def _file(response: Response, run: Run, kind: ExportKind) -> Response:
    return named(response, "predictions", stem_of(run.file_name), ending=kind)


@operation("POST", "/runs/{run_id}/cancel", Scope.SCORE, group=GROUP, answers={200: schemas.RunOut}, problems=(404,))
def cancel_run(run_id: str) -> Response:
    """Stop a prediction. One that has ended stays as it is."""
    return asking.answer(shown.run(application().predictions.cancel_run(RunId(run_id), by=calling_actor())))


@operation("DELETE", "/runs/{run_id}", Scope.MANAGE, group=GROUP, answers={204: None}, problems=(404,))
def delete_run(run_id: str) -> Response:
    """Delete a prediction with its customers and its file, for good."""
    application().predictions.delete_runs([RunId(run_id)], by=calling_actor())
    return Response(status=204)
