"""The list of rows that were set aside, as a CSV that a person opens in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from adapters.storage.problems import storage_problems
from application.ports.intake import RejectedRow
from domain.spreadsheet import spreadsheet_safe

HEADER = ("line", "column", "value", "reason", "row")
LONGEST_VALUE = 200
"""Characters of a value that are written; the whole row stands beside it."""


class RejectedRows:
    """Writes rejected rows to `path` as they come; with None it only takes them. A context manager."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    @storage_problems()
    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(HEADER)
        return self

    @storage_problems()
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @storage_problems()
    def add(self, rows: Iterable[RejectedRow]) -> None:
        if self._file is None:
            return
        csv.writer(self._file).writerows(
            (row.line, *map(spreadsheet_safe, (row.column, row.value[:LONGEST_VALUE], row.reason, row.text)))
            for row in rows
        )
