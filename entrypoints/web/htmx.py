"""htmx requests: reads the htmx headers and renders a page or the block of it that htmx requested."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request
from jinja2_fragments.flask import render_block

from entrypoints.observability.timings import rendering


def wants_fragment() -> bool:
    """Whether htmx requests a part of a page; boosted requests and history restores request whole pages."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or for htmx only the named block."""
    with rendering():
        if fragment and wants_fragment():
            body = render_block(template, fragment, **context)
        else:
            body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def redirected(url: str) -> Response:
    """Tell htmx to load another page as a whole."""
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def go(url: str) -> Response:
    """Redirect after a change: htmx reloads the page, a plain form gets a redirect."""
    if wants_fragment():
        return redirected(url)
    response = make_response("", 303)
    response.headers["Location"] = url
    return response
