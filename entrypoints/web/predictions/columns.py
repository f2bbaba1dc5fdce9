"""The CSV template and the column guide."""

from __future__ import annotations

import csv
import io

from flask import Response

from domain.account import Permission
from domain.errors import NotFound
from domain.spreadsheet import spreadsheet_safe
from domain.template import template_header, template_rows
from entrypoints.web.access import allow, application, person
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.attachments import attachment


@area.get("/template.csv")
@allow(Permission.READ)
def template() -> Response:
    """A CSV with the champion's columns and three example rows."""
    champion = application().models.find_champion(by=person())
    if champion is None:
        raise NotFound("There is no model yet, so there is no template.")
    text = io.StringIO()
    lines = [template_header(champion.schema), *template_rows(champion.schema)]
    csv.writer(text).writerows(map(spreadsheet_safe, line) for line in lines)
    response = Response(text.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment("netone-churn-template.csv")
    return response


@area.get("/columns")
@allow(Permission.READ)
def columns() -> Response:
    """The columns that the champion uses, strongest first."""
    champion = application().models.find_champion(by=person())
    if champion is None:
        raise NotFound("There is no model yet, so there is no column guide.")
    return render_page(
        "predictions/columns.html",
        model=champion,
        schema=champion.schema,
        columns=sorted(champion.schema.columns, key=lambda column: -column.importance),
    )
