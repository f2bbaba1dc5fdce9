"""Download of a file's rejected rows."""

from __future__ import annotations

from flask import Response, send_file

from domain.account import Permission
from domain.errors import NotFound
from domain.run import RunId
from entrypoints.web.access import allow, application, person
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.attachments import attachment, stem


@area.get("/<run_id>/rejected.csv")
@allow(Permission.READ)
def rejected(run_id: str) -> Response:
    files = application().predictions.view_run_files(RunId(run_id), by=person())
    if files.rejected is None:
        raise NotFound("There is no list of rejected rows, or it has been deleted.")
    response = send_file(files.rejected, mimetype="text/csv", max_age=0)
    response.headers["Content-Disposition"] = attachment(f"{stem(files.run.file_name)}-rejected.csv")
    return response
