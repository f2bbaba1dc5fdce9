"""Renders Markdown documents. All values are escaped, so that they never become HTML, a link, an image or a heading."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Response, current_app, make_response
from jinja2 import Environment

SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&!@]")
LINKS = ((re.compile(r"(?i)\bwww(?=\.)"), r"\g<0>\\"), (re.compile(r":(?=/)"), r"\\:"))
"""Patterns that some programs turn into links (www.… and …://…), and their replacements."""
LINE_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=](?:[-+=\s]|$)))")
"""Matches characters that would start a list or a rule, or make the previous line a heading."""


def register(app: Flask) -> None:
    """Add a second Jinja environment for .md templates that escapes every expression as Markdown."""
    app.extensions["netone.markdown"] = app.jinja_env.overlay(autoescape=False, finalize=as_markdown)


def render_markdown(template: str, **context: Any) -> Response:
    environment: Environment = current_app.extensions["netone.markdown"]
    current_app.update_template_context(context)
    response = make_response(environment.get_template(template).render(context))
    response.mimetype = "text/markdown"
    return response


def as_markdown(value: object) -> str:
    """The value as one line of escaped text, for a paragraph, a list or a table cell."""
    text = "".join(character if character.isprintable() else " " for character in str(value))
    escaped = SPECIAL.sub(r"\\\g<0>", text)
    for pattern, replacement in LINKS:
        escaped = pattern.sub(replacement, escaped)
    return LINE_START.sub(r"\g<0>\\", escaped)
