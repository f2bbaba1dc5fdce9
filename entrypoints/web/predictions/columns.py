"""The CSV template and the column guide."""

from __future__ import annotations

from flask import Response

from domain.account import Permission
from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.errors import NotFound
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.template import template_header, template_rows
from entrypoints.web import formats
from entrypoints.web.access import allow, application, person
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions.area import area


@area.get("/template.csv")
@allow(Permission.READ)
def template() -> Response:
    """A CSV with the champion's columns and three example rows."""
    champion = application().models.find_champion(by=person())
    if champion is None:
        raise NotFound("There is no model yet, so there is no template.")
    style = csv_style()
    rows = ([(style or CsvStyle.COMMA).cell(text) for text in row] for row in template_rows(champion.schema))
    return csv_file(csv_pieces(template_header(champion.schema), rows, style), "netone-churn-template")


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
        typical={column.name: _typical(column, champion.schema) for column in champion.schema.columns},
    )


def _typical(column: Column, schema: CustomerSchema) -> str:
    """The typical value as people write it: a median of 1397.475 is 1,397.48."""
    if column.typical is None:
        return formats.NOTHING
    if column.kind is not ColumnKind.NUMERIC:
        return column.typical
    return formats.range_end(float(column.typical))
