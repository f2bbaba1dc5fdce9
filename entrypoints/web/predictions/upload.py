"""New predictions: the page, the check of a chosen file, and the upload."""

from __future__ import annotations

from typing import IO

from flask import Response, request, url_for
from werkzeug.datastructures import FileStorage

from application.use_cases.files.check_file import FileCheck
from domain.account import Permission
from domain.errors import DomainError, FileRefused, InvalidInput, MatchesUnclear, NoTable, StorageProblem
from domain.file_format import FormatChoice
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.errors import status_of
from entrypoints.web.file_formats import chosen_format, format_fields
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import mapping
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.run_progress import progress_page
from entrypoints.web.sent_file import SentFile, forget_kept, keep_for_answer, sent_file


@area.get("/new")
@allow(Permission.PREDICT)
def new() -> Response:
    return _new_page()


def _new_page(error: DomainError | None = None, sent: SentFile | None = None) -> Response:
    champion = application().models.find_champion(by=person())
    columns = sorted(champion.schema.columns, key=lambda c: -c.importance) if champion else []
    waits = isinstance(error, InvalidInput) and (error.question is not None or isinstance(error, MatchesUnclear))
    kept = keep_for_answer(sent if waits else None)
    asked = _matches_asked(sent) if sent and isinstance(error, MatchesUnclear) else None
    response = render_page(
        "predictions/new.html",
        fragment="upload_error" if error else "prediction",
        status=status_of(error) if error else 200,
        model=champion,
        columns=columns,
        error=error,
        previous=[run.file_name for run in application().predictions.list_own_ended(by=person())],
        limit=formats.policy().upload_limit,
        check=asked,
        match=asked.match if asked else None,
        pairings=mapping.pairings(asked, mapping.left_out(request.form)) if asked else [],
        **kept,
        **format_fields(request.form, None, error.question if error else None),
    )
    if error:  # the form keeps its file; only the message changes
        response.headers["HX-Retarget"] = "#upload_error"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _matches_asked(sent: SentFile) -> FileCheck | None:
    """The refused file with its suggestions, for a browser that has not asked about them before the upload."""
    if wants_fragment():
        return None
    sent.stream.seek(0)
    return application().predictions.check_file(
        sent.stream,
        column_positions=mapping.chosen_matches(request.form),
        format_override=chosen_format(request.form),
    )


@area.post("/check")
@allow(Permission.PREDICT)
def check() -> Response:
    """Check a chosen file by its first part; of a workbook or an archive, the browser sends the whole file."""
    file = request.files.get("file")
    file_check: FileCheck | None = None
    problem: DomainError | None = None
    correctable = file is not None
    format_override = FormatChoice()
    try:
        format_override = chosen_format(request.form)
        file_check = application().predictions.check_file(
            _stream(file), column_positions=mapping.chosen_matches(request.form), format_override=format_override
        )
    except StorageProblem:
        raise
    except DomainError as error:
        problem = error
        correctable = correctable and not isinstance(error, NoTable)
    size = request.form.get("file_size", type=int)
    pairings = mapping.pairings(file_check, mapping.left_out(request.form)) if file_check else []
    return render_page(
        "predictions/check.html",
        status=422 if problem else 200,
        check=file_check,
        problem=problem,
        correctable=correctable,
        file_name=request.form.get("file_name") or (file.filename if file else ""),
        size=size,
        customers=_customers_in(file_check, size),
        pairings=pairings,
        waiting=sum(pair.waits for pair in pairings),
        units=mapping.unit_notes(file_check) if file_check else [],
        unnamed=sum(not name for name in file_check.preview.header) if file_check else 0,
        **format_fields(
            request.form, file_check.preview.format if file_check else None, problem.question if problem else None
        ),
    )


def _customers_in(file_check: FileCheck | None, size: int | None) -> str:
    """The number of customers in the file, estimated from its first part."""
    if file_check is None or not file_check.preview.rows:
        return ""
    if not size or size <= file_check.preview.size:
        return formats.number(file_check.preview.rows)
    return f"about {formats.number(round(file_check.preview.rows * size / file_check.preview.size, -2))}"


def _stream(file: FileStorage | None) -> IO[bytes]:
    if file is None or not file.filename:
        raise FileRefused("Choose a customer file first.")
    return file.stream


@area.post("")
@allow(Permission.PREDICT)
def create() -> Response:
    """Store the file, queue the run, and show its progress instead of the form."""
    sent: SentFile | None = None
    try:
        sent = sent_file()
        if sent is None:
            raise FileRefused("Choose a customer file first.")
        run = application().predictions.submit_scoring(
            sent.stream,
            sent.name or "customers.csv",
            by=actor(),
            column_positions=mapping.chosen_matches(request.form),
            format_override=chosen_format(request.form),
            ask_matches=True,
            delete_previous=request.form.get("delete_previous") == "yes",
        )
    except StorageProblem:
        raise
    except DomainError as error:
        return _new_page(error, sent)
    forget_kept(sent)
    target = url_for("predictions.show", run_id=run.id)
    if not wants_fragment():
        return go(target)
    response = progress_page(application().predictions.view_run(run.id, by=person()), whole=True)
    response.headers["HX-Push-Url"] = target
    return response
