"""What the result page tells about the file beside its figures."""

from __future__ import annotations

from application.use_cases.open_result import RunView
from domain.errors import CustomerNotFound
from domain.run import ColumnReport, RunSummary
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
