"""Uploaded files: owner, size and use; download and delete them."""

from __future__ import annotations

from flask import Response, request, send_file, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.responses import back, done, here
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 25


@area.get("/uploads")
@allow(Permission.ADMINISTER)
def uploads() -> Response:
    search = request.args.get("q", "")[:200]
    number = page_number()
    uploads_page = application().administration.list_uploads(
        by=person(), search=search, offset=(number - 1) * A_PAGE, limit=A_PAGE
    )
    page = Page(number, A_PAGE, uploads_page.total, "admin.uploads", {"q": search} if search else {})
    return render_page(
        "admin/uploads.html",
        fragment="files",
        in_place=wants_fragment(),
        uploads=uploads_page,
        page=page,
        search=search,
        here=here(),
    )


@area.get("/uploads/<upload_id>/download")
@allow(Permission.ADMINISTER)
def download_upload(upload_id: str) -> Response:
    """Send the upload as an attachment. The browser must never display it, because its content is not trusted."""
    record, path = application().administration.open_upload(upload_id, by=actor())
    return send_file(
        path, mimetype="application/octet-stream", as_attachment=True, download_name=record.file_name, max_age=0
    )


@area.route("/uploads/<upload_id>/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_upload(upload_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        record = application().administration.view_upload(upload_id, by=person())
        return ask(
            Question(
                title=f"Delete {record.file_name}?",
                words="The uploaded file and its list of rejected rows will be permanently deleted. Predictions and "
                "models made from it stay.",
                button="Delete upload",
                action=url_for("admin.delete_upload", upload_id=upload_id),
                back=back(url_for("admin.uploads")),
                part="files",
            )
        )
    record = application().administration.delete_upload(upload_id, by=actor())
    return done(f"{record.file_name} was deleted.", back(url_for("admin.uploads")), "files")
