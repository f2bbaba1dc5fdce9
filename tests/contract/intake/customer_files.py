"""Small customer files, written and read back."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.intake.reader import CsvCustomerFiles
from application.ports.intake import IntakeReport
from domain.file_format import FormatChoice
from domain.header_matching import match_header
from domain.schema import Column, ColumnKind
from tests.builders import a_schema

SCHEMA = a_schema(
    columns=(
        Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=72.0, missing_rate=0.01),
        Column("Charges", ColumnKind.NUMERIC, minimum=0.0, maximum=5_000.0),
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "One year", "None")),
        Column("Paperless", ColumnKind.BOOLEAN, ("No", "Yes")),
        Column("Support", ColumnKind.CATEGORICAL, ("Basic", "Premium")),
    ),
    revenue_column="Charges",
)
HEADER = "customerID,tenure,Charges,Contract,Paperless,Churn"


@dataclass(frozen=True)
class Result:
    """What came of a file; the same from two files that only their encodings tell apart."""

    rows: list[dict[str, Any]]
    report: IntakeReport
    rejected: list[dict[str, str]]
    encoding: str | None = field(compare=False)


def read(path: Path, *, choice: FormatChoice | None = None, **how: Any) -> Result:
    files = CsvCustomerFiles(**how)
    preview = files.preview(path, choice)
    set_aside = path.with_name(path.name + ".rejected.csv")
    match = match_header(SCHEMA, preview.header)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format, rejected=set_aside)
    rows = [_values(row) for batch in reading.batches() for row in batch.data.to_pylist()]
    report = reading.report()
    with set_aside.open(encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert report.rows == len(rows) + report.rejected
    assert len(rejected) == report.rejected
    return Result(rows, replace(report, encoding=None), rejected, report.encoding)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    """The values without what the file wrote for them, in which dialects differ."""
    return {name: value for name, value in row.items() if not name.startswith("w:")}


def written(folder: Path, content: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows, ""])


def good(n: int) -> list[str]:
    return [f"c{i},{i % 72},{20 + i}.5,One year,Yes,No" for i in range(n)]


def column(report: IntakeReport, name: str) -> Any:
    return next(own for own in report.columns if own.column == name)
