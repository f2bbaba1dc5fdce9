"""Uploaded files: whose, how large, what was made of them; to download and to delete."""

from __future__ import annotations

from flask import Response, request, send_file, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import NotFound
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.admin.answers import back, done, here
from entrypoints.web.admin.area import area
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.questions import Question, ask
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 25


@area.get("/uploads")
@allow(Permission.ADMINISTER)
def uploads() -> Response:
    search = request.args.get("q", "")[:200]
    number = page_number()
    found = desk().list_uploads(by=person(), search=search, offset=(number - 1) * A_PAGE, limit=A_PAGE)
    page = Page(number, A_PAGE, found.total, "admin.uploads", {"q": search} if search else {})
    return render_page(
        "admin/uploads.html",
        fragment="files",
        in_place=wants_fragment(),
        found=found,
        page=page,
        search=search,
        here=here(),
    )


@area.get("/uploads/<upload_id>/download")
@allow(Permission.ADMINISTER)
def download_upload(upload_id: str) -> Response:
    """Always as a file to save and never shown: its content is somebody else's."""
    record, path = desk().open_upload(upload_id, by=person(), address=address())
    return send_file(
        path, mimetype="application/octet-stream", as_attachment=True, download_name=record.file_name, max_age=0
    )


@area.route("/uploads/<upload_id>/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_upload(upload_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        with desk().new_reading() as uow:
            record = uow.uploads.get(upload_id)
        if record is None:
            raise NotFound("There is no such upload.")
        return ask(
            Question(
                title=f"Delete {record.file_name}?",
                words="The uploaded file and its list of rejected rows go for good. What was predicted from it, or "
                "learned of it, stays.",
                button="Delete upload",
                action=url_for("admin.delete_upload", upload_id=upload_id),
                back=back(url_for("admin.uploads")),
                part="files",
            )
        )
    record = desk().delete_upload(upload_id, by=person(), address=address())
    return done(f"{record.file_name} is deleted.", back(url_for("admin.uploads")), "files")
