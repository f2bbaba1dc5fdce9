"""The only reader of htmx's headers: a whole page, or the one block of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, render_template, request

from entrypoints.observability.timings import rendering


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page (boosted requests and history restores ask for whole pages)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or to htmx only the named block of it."""
    with rendering():
        if fragment and wants_fragment():
            body = render_block(template, fragment, **context)
        else:
            body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def render_block(template: str, block: str, **context: Any) -> str:
    """One named block of a template, with the context that every template has."""
    current_app.update_template_context(context)
    page = current_app.jinja_env.get_template(template)
    return "".join(page.blocks[block](page.new_context(context)))


def redirected(url: str) -> Response:
    """To htmx: load another page as a whole."""
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def go(url: str) -> Response:
    """After a change: htmx loads the page anew, a plain form is redirected."""
    if wants_fragment():
        return redirected(url)
    response = make_response("", 303)
    response.headers["Location"] = url
    return response
