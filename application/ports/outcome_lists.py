"""Reading lists of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.file_format import FormatChoice
from domain.outcome_list import OutcomeColumns, OutcomeRow


@dataclass(frozen=True, slots=True)
class OutcomeList:
    """A recognised list. `rows` reads the file from its beginning, each time it is called, in constant memory."""

    columns: OutcomeColumns
    rows: Callable[[], Iterator[OutcomeRow]]


class OutcomeLists(Protocol):
    """Reads tables with a customer's id, the word for left or stayed, and optionally a date in each row."""

    def open(self, path: Path, choice: FormatChoice) -> OutcomeList:
        """Raises FileRefused for a file that is no such list or too long; Unclear where a person has to choose the
        encoding or the order of day and month. `rows` raises FileRefused too, for what only the whole file shows."""
