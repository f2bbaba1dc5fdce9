"""The list of rejected rows, as a CSV file for spreadsheet programs."""

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
MAX_VALUE_LENGTH = 200
"""Characters of a value that are written. The whole row is in the next column."""


class RejectedRows:
    """A context manager that writes rejected rows to `path`. With None it discards them."""

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
            (row.line, *map(spreadsheet_safe, (row.column, row.value[:MAX_VALUE_LENGTH], row.reason, row.text)))
            for row in rows
        )
