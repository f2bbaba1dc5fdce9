"""Responses after a change in the admin area: htmx refreshes a part of the page, a plain form is redirected."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from entrypoints.web.access import safe_next
from entrypoints.web.htmx import wants_fragment
from entrypoints.web.undo import UNDO


def back(default: str) -> str:
    """The URL of the list from which the confirmation was opened, with its filters; always within the admin area."""
    target = safe_next(request.values.get("back"))
    return target if target.startswith("/admin/") else default


def here() -> str:
    """The URL of the current list with its filters, to return to."""
    return request.full_path.rstrip("?")


def done(message: str | dict[str, Any], url: str, part: str) -> Response | WerkzeugResponse:
    """Show the message and the updated list. `part` is the id of the element that htmx refreshes.

    A message that offers to undo a deletion is that of `toast_of`.
    """
    shown: dict[str, Any] = {"text": message} if isinstance(message, str) else message
    if not wants_fragment():
        undo = shown.get("undo")
        flash(shown["text"], f"{UNDO}{undo['batch']}" if undo else "message")
        return redirect(url, code=303)
    response = Response(status=204)
    response.headers["HX-Trigger"] = json.dumps({"toast": shown})
    response.headers["HX-Location"] = json.dumps(
        {"path": url, "target": f"#{part}", "swap": "outerHTML", "push": "false"}
    )
    return response
