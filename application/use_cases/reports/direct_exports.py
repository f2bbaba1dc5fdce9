"""Small table exports, created within the request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.system import Ids
from application.use_cases.reports.render_export import ExportTable
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportOptions
from domain.run import RunId


@dataclass(frozen=True, slots=True)
class ExportDirectly:
    """Returns a table as bytes; None if it is too large to be made within a request."""

    export_table: ExportTable
    ids: Ids
    scratch: Path
    """The folder for temporary files."""

    def __call__(self, run_id: RunId, query: CustomerQuery, options: ExportOptions, *, by: Actor) -> bytes | None:
        draft = self.scratch / f"{self.ids.new()}.{options.kind}"
        try:
            return self.export_table.direct(run_id, query, options, draft, by=by)
        finally:
            draft.unlink(missing_ok=True)
