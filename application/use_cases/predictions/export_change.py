"""The split of the change of a base's mean risk as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from application.use_cases.predictions.why_changed import ExplainBaseChange
from domain.account import Account
from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.errors import InvalidInput
from domain.risk_split_table import HEADER, split_rows
from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class ExportBaseChange:
    explain: ExplainBaseChange

    def __call__(
        self, first: RunId, second: RunId, *, by: Account, style: CsvStyle | None = None
    ) -> tuple[Run, Iterator[bytes]]:
        """The later run, and the file in pieces. Raises as `ExplainBaseChange`; InvalidInput without a split."""
        change = self.explain(first, second, by=by)
        if change.split is None:
            raise InvalidInput(change.runs.problem or "The change cannot be split.")
        return change.runs.after, csv_pieces(HEADER, split_rows(change.split), style)
