"""Registers the routes of campaigns."""

from __future__ import annotations

from entrypoints.web.campaigns import directing
from entrypoints.web.campaigns.area import area

__all__ = ["area", "directing"]
