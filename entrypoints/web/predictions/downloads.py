"""Download of a file's rejected rows."""

from __future__ import annotations

from flask import Response

from domain.account import Permission
from domain.csv_text import restyled_file
from domain.errors import NotFound
from domain.file_names import stem_of
from domain.run import RunId
from entrypoints.web.access import allow, application, person
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.predictions.area import area


@area.get("/<run_id>/rejected.csv")
@allow(Permission.READ)
def rejected(run_id: str) -> Response:
    files = application().predictions.view_run_files(RunId(run_id), by=person())
    if files.rejected is None:
        raise NotFound("There is no list of rejected rows, or it has been deleted.")
    return csv_file(restyled_file(files.rejected, csv_style()), "rejected-rows", stem_of(files.run.file_name))
