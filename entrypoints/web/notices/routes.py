"""Notices: the list, how many are new, and marking them as seen."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.notices import Notice, NoticeKind
from entrypoints.web.access import allow, application, person
from entrypoints.web.htmx import go, render_page

area = Blueprint("notices", __name__, url_prefix="/notifications")
ICONS = {
    NoticeKind.PREDICTION: "history",
    NoticeKind.TRAINING: "cpu",
    NoticeKind.DRIFT: "chart-line",
    NoticeKind.MODEL: "cpu",
    NoticeKind.CAMPAIGN: "target",
    NoticeKind.FOLDER: "file-text",
}


@area.get("")
@allow(Permission.READ)
def index() -> Response:
    shown = application().notices.read(by=person())
    return render_page(
        "notices/index.html",
        notices=[(notice, ICONS[notice.kind], _place(notice)) for notice in shown],
        unseen=[notice.key for notice in shown if not notice.seen],
    )


@area.get("/count")
@allow(Permission.READ)
def count() -> Response:
    """For the bell, which asks at most once a minute on a page in sight."""
    return jsonify(unseen=application().notices.count_unseen(by=person()))


@area.post("/seen")
@allow(Permission.READ)
def mark_seen() -> Response | WerkzeugResponse:
    """Those that the page showed: what has happened since stays new."""
    application().notices.mark_seen(frozenset(request.form.getlist("key")), by=person())
    return go(url_for("notices.index"))


def _place(notice: Notice) -> str:
    """Where a notice leads."""
    match notice.kind:
        case NoticeKind.PREDICTION:
            return url_for("predictions.show", run_id=notice.about)
        case NoticeKind.DRIFT:
            return url_for("insights.index", run=notice.about)
        case NoticeKind.TRAINING:
            return url_for("models.training", training_id=notice.about)
        case NoticeKind.MODEL:
            return url_for("models.show", version=notice.about)
        case NoticeKind.CAMPAIGN:
            return url_for("campaigns.outcomes", campaign_id=notice.about)
        case NoticeKind.FOLDER:
            can_change = person().can(Permission.ADMINISTER)
            return url_for("admin.folders") if can_change else url_for("dashboard.show")
