"""What a run's pages tell about its file beside the figures."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from flask import url_for

from application.use_cases.open_result import RunView
from domain.errors import CustomerNotFound
from domain.run import ColumnReport, Run, RunSummary
from domain.shift import PSI_MOVED
from entrypoints.web.access import desk


def odd_columns(summary: RunSummary) -> list[ColumnReport]:
    """Columns with blanks, unknown or unreadable values, values out of range, or that moved."""
    return [
        column
        for column in summary.columns
        if column.missing
        or column.unknown
        or column.out_of_range
        or column.unreadable
        or (column.psi is not None and column.psi >= PSI_MOVED)
    ]


def repeated_ids(view: RunView) -> list[tuple[int, str]]:
    """Row and id of the first few customers whose id stood before; who was erased since is left out."""
    run, found = view.run, []
    for row in run.summary.duplicate_rows if run.summary else ():
        try:
            scored = desk().results.customer(run.id, row, threshold=run.threshold, bands=view.policy.bands)
        except CustomerNotFound:
            continue
        found.append((row, scored.customer.id))
    return found


def rejected_url(run: Run) -> str | None:
    """Where the rows that were set aside are listed, if there are any and the list is still kept."""
    listed = _has_rows(desk().uploads.rejected_path(run.id))
    return url_for("predictions.rejected", run_id=run.id) if listed else None


def _has_rows(listing: Path) -> bool:
    if not listing.exists():
        return False
    with listing.open("rb") as file:
        return len([*islice(file, 2)]) > 1
