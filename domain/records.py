"""Limits of the customers that a program sends as records, and how a faulty record is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput

MAX_RECORDS = 1000
"""Records of one request."""
MAX_RECORD_COLUMNS = 1000
MAX_CELL = 10_000
"""Characters of one cell or one column's name."""


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A record, counted from 1, that cannot be scored; `column` is empty if all of it is meant."""

    record: int
    column: str
    value: str
    reason: str

    @property
    def words(self) -> str:
        cell = f", {self.column} “{self.value[:40]}”" if self.column else ""
        return f"record {self.record}{cell}: {self.reason}"


class RecordsRefused(InvalidInput):
    """Some records cannot be scored, and so none was."""

    def __init__(self, problems: Sequence[RecordProblem]) -> None:
        count = "1 record cannot be scored" if len(problems) == 1 else f"{len(problems)} records cannot be scored"
        super().__init__(f"{count}: {problems[0].words}. Correct or leave out each.", field="records")
        self.problems = tuple(problems)


def checked_header(names: Sequence[str]) -> tuple[str, ...]:
    """The names of all records' columns, in order of their first use. Raises InvalidInput."""
    header = tuple(dict.fromkeys(names))
    if len(header) > MAX_RECORD_COLUMNS:
        raise InvalidInput(f"A record has at most {MAX_RECORD_COLUMNS} columns.", field="records")
    if any(not name.strip() for name in header):
        raise InvalidInput("A column has no name.", field="records")
    if not header:
        raise InvalidInput("The records have no columns.", field="records")
    return header
