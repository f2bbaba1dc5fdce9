"""How the admin area answers after a change: htmx refreshes the part of the page, a plain form is redirected."""

from __future__ import annotations

import json

from flask import Response, flash, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from entrypoints.web.access import safe_next
from entrypoints.web.htmx import wants_fragment


def back(default: str) -> str:
    """The list that the question came from, with its search and page; only ever one of this area."""
    wanted = safe_next(request.values.get("back"))
    return wanted if wanted.startswith("/admin/") else default


def here() -> str:
    """This list, with its search and page, to come back to."""
    return request.full_path.rstrip("?")


def done(message: str, url: str, part: str) -> Response | WerkzeugResponse:
    """Say what was done, and show the list again: `part` is the id of what htmx refreshes in place."""
    if not wants_fragment():
        flash(message)
        return redirect(url, code=303)
    response = Response(status=204)
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": message}})
    response.headers["HX-Location"] = json.dumps(
        {"path": url, "target": f"#{part}", "swap": "outerHTML", "push": "false"}
    )
    return response
