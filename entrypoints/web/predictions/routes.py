"""The main job on the web: upload, progress, result, one customer, downloads."""

from __future__ import annotations

from entrypoints.web.predictions import columns, customer, downloads, runs, upload
from entrypoints.web.predictions.area import area

__all__ = ["area", "columns", "customer", "downloads", "runs", "upload"]
