"""The main job on the web: upload, progress, result, one customer, downloads."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, flash, request, send_file, stream_with_context, url_for
from werkzeug.datastructures import FileStorage

from application.ports.results import CustomerQuery
from application.use_cases.open_result import RunView
from application.use_cases.score_customers import FileCheck
from domain.account import Permission
from domain.errors import ChurnDeskError, FileRefused, InvalidInput, NotFound
from domain.file_format import FormatChoice
from domain.run import Run, RunId, RunState
from domain.template import template_header, template_rows
from domain.wording import reason_phrase, value_words
from entrypoints.web import access, formats
from entrypoints.web.access import allow, desk, person
from entrypoints.web.errors import status_of
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import charts, file_report, mapping
from entrypoints.web.predictions.queries import Address, query_from
from entrypoints.web.predictions.waterfall import effects, waterfall

area = Blueprint("predictions", __name__, url_prefix="/predictions")


# ── A new prediction ──────────────────────────────────────────────────


@area.get("/new")
@allow(Permission.PREDICT)
def new() -> Response:
    return _new_page()


def _new_page(error: ChurnDeskError | None = None) -> Response:
    with desk().new_reading() as uow:
        champion = uow.models.champion()
    columns = sorted(champion.schema.columns, key=lambda c: -c.importance) if champion else []
    response = render_page(
        "predictions/new.html",
        fragment="upload_error" if error else "prediction",
        status=status_of(error) if error else 200,
        model=champion,
        columns=columns,
        error=error,
        limit=formats.policy().upload_limit,
    )
    if error:  # the form stays as it is, with its file: only the words are new
        response.headers["HX-Retarget"] = "#upload_error"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


@area.post("/check")
@allow(Permission.PREDICT)
def check() -> Response:
    """Recognise the first part of a chosen file; the whole of it is sent only with "Predict churn"."""
    file = request.files.get("file")
    found: FileCheck | None = None
    problem = None
    correctable = file is not None
    chosen = FormatChoice()
    try:
        chosen = mapping.chosen_format(request.form)
        found = desk().check_file(_stream(file), chosen=mapping.chosen_matches(request.form), written=chosen)
    except ChurnDeskError as error:
        problem = str(error)
    size = request.form.get("file_size", type=int)
    return render_page(
        "predictions/check.html",
        status=422 if problem else 200,
        check=found,
        problem=problem,
        correctable=correctable,
        file_name=request.form.get("file_name") or (file.filename if file else ""),
        size=size,
        customers=_customers_in(found, size),
        pairings=mapping.pairings(found) if found else [],
        unnamed=sum(not name for name in found.preview.header) if found else 0,
        format_fields=mapping.FORMAT_FIELDS,
        format_chosen={name: request.form.get(name, "") for name, _, _ in mapping.FORMAT_FIELDS},
        format_open=chosen.open,
        recognised=mapping.recognised_words(found, chosen) if found else {},
    )


def _customers_in(found: FileCheck | None, size: int | None) -> str:
    """How many customers the whole file holds, judged by its first part."""
    if found is None or not found.preview.rows:
        return ""
    if not size or size <= found.preview.size:
        return formats.number(found.preview.rows)
    return f"about {formats.number(round(found.preview.rows * size / found.preview.size, -2))}"


def _stream(file: FileStorage | None) -> io.BufferedIOBase:
    if file is None or not file.filename:
        raise FileRefused("Choose a customer file first.")
    return file.stream  # type: ignore[return-value]


@area.post("")
@allow(Permission.PREDICT)
def create() -> Response:
    """Take the file, queue the run, and show its progress in place of the form."""
    file = request.files.get("file")
    try:
        run = desk().submit_scoring(
            _stream(file),
            (file.filename if file else "") or "customers.csv",
            by=person(),
            chosen=mapping.chosen_matches(request.form),
            written=mapping.chosen_format(request.form),
            delete_previous=request.form.get("delete_previous") == "yes",
            address=access.address(),
        )
    except ChurnDeskError as error:
        return _new_page(error)
    target = url_for("predictions.show", run_id=run.id)
    if not wants_fragment():
        return go(target)
    response = _progress(desk().view_run(run.id, by=person()), whole=True)
    response.headers["HX-Push-Url"] = target
    return response


@area.get("/template.csv")
@allow(Permission.READ)
def template() -> Response:
    """A CSV with the champion's columns and three example rows."""
    with desk().new_reading() as uow:
        champion = uow.models.champion()
    if champion is None:
        raise NotFound("There is no model yet whose columns a template could have.")
    text = io.StringIO()
    csv.writer(text).writerows([template_header(champion.schema), *template_rows(champion.schema)])
    return _download(text.getvalue().encode(), "netone-churn-template.csv", "text/csv; charset=utf-8")


@area.get("/columns")
@allow(Permission.READ)
def columns() -> Response:
    """What each column of a file means to the champion, strongest first."""
    with desk().new_reading() as uow:
        champion = uow.models.champion()
    if champion is None:
        raise NotFound("There is no model yet whose columns could be explained.")
    return render_page(
        "predictions/columns.html",
        model=champion,
        schema=champion.schema,
        columns=sorted(champion.schema.columns, key=lambda column: -column.importance),
    )


# ── A run in any state ────────────────────────────────────────────────


@area.get("/<run_id>")
@allow(Permission.READ)
def show(run_id: str) -> Response:
    view = desk().view_run(RunId(run_id), by=person())
    if view.run.state is RunState.DONE:
        return _result(view)
    return _progress(view, whole=not _is_poll())


def _is_poll() -> bool:
    return wants_fragment() and request.headers.get("HX-Target") == "run_progress"


def _progress(view: RunView, *, whole: bool) -> Response:
    run = view.run
    done_at = run.progress.rows
    seconds = (desk().clock.now() - run.started_at).total_seconds() if run.started_at else 0.0
    rate = done_at / seconds if seconds > 0.2 and done_at else None
    left = (run.progress.of - done_at) / rate if rate and run.progress.of else None
    return render_page(
        "predictions/progress.html",
        fragment="prediction" if whole else "run_progress",
        view=view,
        run=run,
        rate=rate,
        left=left,
        seconds=seconds,
        rejected_url=_rejected_url(run) if run.state.ended else None,
    )


def _rejected_url(run: Run) -> str | None:
    """Where the rows that were set aside are listed, if there are any."""
    listed = run.summary.rejected > 0 if run.summary else _has_rows(desk().uploads.rejected_path(run.id))
    return url_for("predictions.rejected", run_id=run.id) if listed else None


def _has_rows(listing: Path) -> bool:
    if not listing.exists():
        return False
    with listing.open("rb") as file:
        return len([*islice(file, 2)]) > 1


@area.post("/<run_id>/cancel")
@allow(Permission.PREDICT)
def cancel(run_id: str) -> Response:
    run = desk().cancel_run(RunId(run_id), by=person(), address=access.address())
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/retry")
@allow(Permission.PREDICT)
def retry(run_id: str) -> Response:
    """Score the kept upload of a failed or cancelled run again."""
    view = desk().view_run(RunId(run_id), by=person())
    if not view.run.state.ended:
        raise InvalidInput("This prediction is still under way.")
    path = desk().uploads.path(view.run.id)
    if not path.exists():
        raise NotFound("The uploaded file is no longer kept. Upload it again.")
    with path.open("rb") as stream:
        run = desk().submit_scoring(
            stream,
            view.run.file_name,
            by=person(),
            chosen=dict(view.run.matches),
            written=view.run.written,
            address=access.address(),
        )
    return go(url_for("predictions.show", run_id=run.id))


def _result(view: RunView) -> Response:
    run = view.run
    query = query_from(request, threshold=run.threshold)
    result = desk().open_result(run.id, query, by=person())
    target = request.headers.get("HX-Target", "")
    fragment = target if target in ("customers_table", "result") else "prediction"
    address = Address(run.id, query, run.threshold)
    currency = view.policy.currency
    summary = run.summary
    assert summary is not None  # noqa: S101 (a run that is done has its summary: the domain sees to it)
    evaluation = view.model.evaluation
    response = render_page(
        "predictions/show.html",
        fragment=fragment,
        result=result,
        view=result.view,
        run=run,
        summary=summary,
        outlook=result.outlook,
        page=result.page,
        query=query,
        address=address,
        schema=view.model.schema,
        phrases=lambda scored: [
            reason_phrase(reason, view.model.schema, currency=currency) for reason in scored.prediction.shown
        ],
        action_name=lambda action_id: _action_name(result.playbook, action_id),
        pie=charts.pie(result.outlook),
        spread=charts.spread(summary, result.outlook),
        rounds=charts.rounds(evaluation.rounds) if evaluation.rounds else None,
        metrics=evaluation.metrics,
        evaluation=evaluation,
        rejected_url=_rejected_url(run),
        odd_columns=file_report.odd_columns,
        repeated_ids=file_report.repeated_ids(view) if fragment == "prediction" or not wants_fragment() else (),
    )
    if _is_poll():  # the run has just ended: the result takes the place of the progress, without a reload
        response.headers["HX-Retarget"] = "#prediction"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _action_name(playbook: object, action_id: str) -> str:
    action = playbook.action(action_id)  # type: ignore[attr-defined]
    return action.name if action else "Leave alone"


@area.post("/<run_id>/threshold")
@allow(Permission.PREDICT)
def threshold(run_id: str) -> Response:
    """Store the threshold of the slider with the run."""
    chosen = request.form.get("threshold", type=float)
    if chosen is None:
        raise InvalidInput("A threshold is a number between 0 and 1.", field="threshold")
    run = desk().set_threshold(RunId(run_id), chosen, by=person(), address=access.address())
    flash(f"The threshold of this prediction is now {run.threshold:.1%}.")
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/delete")
@allow(Permission.PREDICT)
def delete(run_id: str) -> Response:
    deleted = desk().delete_runs([RunId(run_id)], by=person(), address=access.address())
    flash(f"“{deleted[0].file_name}” is deleted, with its results and its upload.")
    return go(url_for("history.index"))


# ── Downloads ─────────────────────────────────────────────────────────


def _download(content: bytes, name: str, kind: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = attachment(name)
    return response


def attachment(name: str) -> str:
    """A Content-Disposition that cannot be broken out of, in ASCII and in UTF-8."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name).strip(". ") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def stem(file_name: str) -> str:
    """A run's name as the beginning of a download's."""
    return Path(file_name).stem[:120] or "prediction"


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
    path = _scratch(".xlsx")
    try:
        desk().export_table.xlsx(view.run.id, query, path, by=person(), address=access.address())
        return _sent(path, f"{stem(view.run.file_name)}-churn.xlsx")
    finally:
        path.unlink(missing_ok=True)


def _scratch(ending: str) -> Path:
    return desk().scratch / f"{desk().ids.new()}{ending}"


def _sent(path: Path, name: str) -> Response:
    """The file's content; the file itself is removed by the caller, its open handle lives until it is sent."""
    response = send_file(path.open("rb"), mimetype=_KINDS[path.suffix], max_age=0)
    response.headers["Content-Disposition"] = attachment(name)
    return response


_KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@area.get("/<run_id>/rejected.csv")
@allow(Permission.READ)
def rejected(run_id: str) -> Response:
    view = desk().view_run(RunId(run_id), by=person())
    path = desk().uploads.rejected_path(view.run.id)
    if not path.exists():
        raise NotFound("No row of this file was set aside.")
    response = send_file(path, mimetype="text/csv", max_age=0)
    response.headers["Content-Disposition"] = attachment(f"{stem(view.run.file_name)}-rejected.csv")
    return response


# ── One customer ──────────────────────────────────────────────────────


@area.get("/<run_id>/customers/<int:row>")
@allow(Permission.READ)
def customer(run_id: str, row: int) -> Response:
    view = desk().open_customer(RunId(run_id), row, by=person())
    schema, currency = view.view.model.schema, view.view.policy.currency
    fall = waterfall(view.explanation, schema, currency=currency)
    strongest = [reason for reason in view.explanation.reasons if reason.raises][:3]
    labels = [formats.month(risk.month) if risk.month else formats.date(risk.at) for risk in view.past]
    return render_page(
        "predictions/customer.html",
        view=view,
        run=view.view.run,
        model=view.view.model,
        scored=view.scored,
        fall=fall,
        mostly=[reason_phrase(reason, schema, currency=currency) for reason in strongest],
        compared=_compared(view, currency),
        past=charts.past(view.past, labels) if len(view.past) > 1 else None,
        past_labels=labels,
        words=lambda name, value: value_words(name, value, schema, currency=currency),
        schema=schema,
    )


def _compared(view: object, currency: str) -> list[dict[str, object]]:
    """The strongest attributes beside the typical customer, with the risk among those who share the value."""
    opened = view
    schema = opened.view.model.schema  # type: ignore[attr-defined]
    changes = effects(opened.explanation)  # type: ignore[attr-defined]
    found = []
    for reason in opened.explanation.reasons:  # type: ignore[attr-defined]
        column = schema.column(reason.attribute)
        typical = (
            value_words(reason.attribute, _typed(column.typical), schema, currency=currency) if column.typical else "–"
        )
        found.append(
            {
                "label": column.label,
                "value": value_words(reason.attribute, reason.value, schema, currency=currency),
                "typical": typical,
                "effect": changes[reason.attribute],
                "out_of_range": _out_of_range(column, reason.value),
            }
        )
    return found


def _typed(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _out_of_range(column: object, value: object) -> bool:
    low, high = column.minimum, column.maximum  # type: ignore[attr-defined]
    return isinstance(value, float) and ((low is not None and value < low) or (high is not None and value > high))


@area.post("/<run_id>/customers/<int:row>/what-if")
@allow(Permission.READ)
def what_if(run_id: str, row: int) -> Response:
    """What the model expects after changes that the company can make."""
    changes = {
        key.removeprefix("attribute:"): text for key, text in request.form.items() if key.startswith("attribute:")
    }
    try:
        view, explained, changed = desk().what_if(RunId(run_id), row, changes, by=person())
    except InvalidInput as error:
        return render_page("predictions/what_if.html", status=422, error=str(error), now=None, then=None, changed=0)
    return render_page(
        "predictions/what_if.html",
        error=None,
        now=view.scored.prediction.probability,
        then=explained.probability if changed else None,
        changed=len(changed),
    )
