"""The report about a run's file."""

from __future__ import annotations

from flask import url_for

from application.use_cases.predictions.run_files import RunFiles


def rejected_url(files: RunFiles) -> str | None:
    """The URL of the list of rejected rows; None if there are none or the list was deleted."""
    return url_for("predictions.rejected", run_id=files.run.id) if files.has_rejected_rows else None
