"""The campaigns' blueprint, in a separate module so that all route modules can import it."""

from __future__ import annotations

from flask import Blueprint

area = Blueprint("campaigns", __name__, url_prefix="/campaigns")
