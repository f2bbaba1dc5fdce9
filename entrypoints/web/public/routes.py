"""The home page."""

from __future__ import annotations

from flask import Blueprint, Response

from entrypoints.web.access import public
from entrypoints.web.htmx import render_page

area = Blueprint("public", __name__)


@area.get("/")
@public
def home() -> Response:
    return render_page("public/home.html")
