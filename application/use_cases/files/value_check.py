"""Reads the values of a file's beginning as a scoring would, to say before the upload what would be rejected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.intake import CustomerFiles
from domain.errors import InvalidInput
from domain.file_format import FileFormat
from domain.header_matching import HeaderMatch
from domain.run import ColumnReport
from domain.schema import CustomerSchema

MAX_CHECKED_ROWS = 20_000
MIN_SHARE = 0.01
"""Share of rows, or of a column's values, from which it is worth a warning. The last row of a part may be cut off."""


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """What the first rows of a file hold. Blank rows do not count.

    `problem` is why a file of such rows would not be scored. `unreadable` are the columns with values that would count
    as missing because they cannot be read.
    """

    rows: int
    rejected: int
    reasons: tuple[tuple[str, int], ...] = ()
    problem: str | None = None
    unreadable: tuple[ColumnReport, ...] = ()

    @property
    def has_rejected(self) -> bool:
        """Whether enough rows would be rejected to say so."""
        return self.rejected >= max(1.0, MIN_SHARE * self.rows)


def check_values(
    files: CustomerFiles, path: Path, *, schema: CustomerSchema, match: HeaderMatch, format: FileFormat
) -> ValueCheck | None:
    """None where a question has to be answered before the values can be read."""
    reading, problem = files.read(path, schema=schema, match=match, format=format), None
    try:
        read = 0
        for batch in reading.batches():
            read += batch.rows
            if read >= MAX_CHECKED_ROWS:
                break
    except InvalidInput as refusal:
        if refusal.question is not None:
            return None
        problem = str(refusal)
    report = reading.report()
    rows = report.rows - report.blank
    return ValueCheck(
        rows,
        report.rejected - report.blank,
        report.reasons,
        problem,
        tuple(column for column in report.columns if column.unreadable >= max(1.0, MIN_SHARE * rows)),
    )
