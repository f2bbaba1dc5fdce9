"""A question before something is done that cannot be undone: a dialog to htmx, a page of its own otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from entrypoints.web.htmx import render_page


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by name. `things` are named one by one; `hidden` goes along with the answer."""

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
