"""The predictions' blueprint, apart from its routes so that each of their modules can import it."""

from __future__ import annotations

from flask import Blueprint

area = Blueprint("predictions", __name__, url_prefix="/predictions")
