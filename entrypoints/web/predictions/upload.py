"""A new prediction: the page, the check of a chosen file, and its upload."""

from __future__ import annotations

import io

from flask import Response, request, url_for
from werkzeug.datastructures import FileStorage

from application.use_cases.check_file import FileCheck
from domain.account import Permission
from domain.errors import ChurnDeskError, FileRefused, NoTable, StorageProblem
from domain.file_format import FormatChoice
from entrypoints.web import access, formats
from entrypoints.web.access import allow, desk, person
from entrypoints.web.errors import status_of
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import mapping
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.progress import progress_page


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
    except StorageProblem:
        raise
    except ChurnDeskError as error:
        problem = str(error)
        correctable = correctable and not isinstance(error, NoTable)
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
    except StorageProblem:
        raise
    except ChurnDeskError as error:
        return _new_page(error)
    target = url_for("predictions.show", run_id=run.id)
    if not wants_fragment():
        return go(target)
    response = progress_page(desk().view_run(run.id, by=person()), whole=True)
    response.headers["HX-Push-Url"] = target
    return response
