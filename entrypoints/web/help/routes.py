"""Help: the pages of `docs/`, and a search over them. Open to everyone: they contain no data of the installation."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from entrypoints.web.access import application, public
from entrypoints.web.api.reference import reference
from entrypoints.web.htmx import go, render_page
from entrypoints.web.vendor import keep_for_ever

area = Blueprint("help", __name__, url_prefix="/help")
MAX_SEARCH = 100


@area.get("")
@public
def index() -> Response:
    return render_page("help/index.html", groups=application().help.groups())


@area.get("/search")
@public
def search_page() -> Response | WerkzeugResponse:
    """The address of results, opened again: a search is sent by a form, because addresses end up in logs."""
    return go(url_for("help.index"))


@area.post("/search")
@public
def search() -> Response:
    text = " ".join(request.form.get("q", "").split())[:MAX_SEARCH]
    return render_page("help/search.html", text=text, hits=application().help.search(text))


@area.get("/api/reference")
@public
def api_reference() -> Response:
    """The operations of the API, from its OpenAPI document."""
    return render_page("help/api_reference.html", groups=reference())


@area.get("/<slug>")
@public
def page(slug: str) -> Response:
    group, found = application().help.read(slug)
    body = Markup(found.body)  # noqa: S704 # nosec B704 - made from the product's own files, with HTML in them escaped
    return render_page("help/page.html", group=group, page=found, body=body)


@area.get("/img/<name>")
@public
def picture(name: str) -> Response:
    found = application().help.picture(name)
    response = Response(found.content, mimetype=found.media_type)
    return keep_for_ever(response) if request.args.get("v") == found.version else response
