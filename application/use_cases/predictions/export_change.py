"""The split of the change of a base's mean risk as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from application.ports.list_tables import ListTables
from application.use_cases.predictions.why_changed import ExplainBaseChange
from domain.account import Account
from domain.errors import InvalidInput
from domain.risk_split_table import HEADER, split_rows
from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class ExportBaseChange:
    explain: ExplainBaseChange
    tables: ListTables

    def __call__(self, first: RunId, second: RunId, *, by: Account) -> tuple[Run, Iterator[bytes]]:
        """The later run, and the file in pieces. Raises as `ExplainBaseChange`; InvalidInput without a split."""
        change = self.explain(first, second, by=by)
        if change.split is None:
            raise InvalidInput(change.runs.problem or "The change cannot be split.")
        return change.runs.after, self.tables.pieces(HEADER, split_rows(change.split))
