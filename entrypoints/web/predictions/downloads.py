"""The rows of a file that were rejected."""

from __future__ import annotations

from flask import Response, send_file

from domain.account import Permission
from domain.errors import NotFound
from domain.run import RunId
from entrypoints.web.access import allow, desk, person
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.attachments import attachment, stem


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
