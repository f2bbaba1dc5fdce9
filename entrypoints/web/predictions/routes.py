"""Registers the routes of predictions: upload, progress, result, customer and downloads."""

from __future__ import annotations

from entrypoints.web.predictions import columns, customer, downloads, runs, saved_views, upload
from entrypoints.web.predictions.area import area

__all__ = ["area", "columns", "customer", "downloads", "runs", "saved_views", "upload"]
