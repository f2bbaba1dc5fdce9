"""The admin area's blueprint, apart from its routes so that each of their modules can import it."""

from __future__ import annotations

from flask import Blueprint

area = Blueprint("admin", __name__, url_prefix="/admin")
