"""Confirmation of actions that cannot be undone: a dialog for htmx, otherwise a separate page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from entrypoints.web.htmx import render_page


@dataclass(frozen=True, slots=True)
class Question:
    """A confirmation. `things` lists the affected items; `hidden` are form fields that are sent with the answer."""

    title: str
    words: str
    button: str
    action: str
    back: str
    part: str
    things: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    danger: bool = True


def ask(question: Question) -> Response:
    return render_page("admin/ask.html", fragment="ask", q=question)
