"""The public telecom file, and files that are larger than what is held at once."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pyarrow as pa

from adapters.intake.reader import CsvCustomerFiles
from domain.header_matching import match_header
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.real_data import ibm_telco

NUMERIC = {"tenure": (0.0, 72.0), "MonthlyCharges": (18.25, 118.75), "TotalCharges": (18.8, 8684.8)}


def telco_schema(path: Path) -> CustomerSchema:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = []
    for name in rows[0]:
        levels = tuple(sorted({row[name] for row in rows}))
        if name in NUMERIC:
            columns.append(Column(name, ColumnKind.NUMERIC, minimum=NUMERIC[name][0], maximum=NUMERIC[name][1]))
        elif name not in ("customerID", "Churn"):
            columns.append(Column(name, ColumnKind.CATEGORICAL, levels))
    return CustomerSchema(
        tuple(columns), id_column="customerID", target_column="Churn", positive_value="Yes", negative_value="No"
    )


def test_the_public_telecom_file_is_read_cell_by_cell() -> None:
    file = ibm_telco()
    files, schema = CsvCustomerFiles(), telco_schema(file)
    preview = files.preview(file)
    assert preview.rows == 7_043
    match = match_header(schema, preview.header)
    reading = files.read(file, schema=schema, match=match, format=preview.format)
    rows = [row for batch in reading.batches() for row in batch.data.to_pylist()]
    with file.open(encoding="utf-8", newline="") as text:
        expected = list(csv.DictReader(text))
    for row, wanted in zip(rows, expected, strict=True):
        assert row["id"] == wanted["customerID"]
        assert row["actual"] == (wanted["Churn"] == "Yes")
        for name in schema.names:
            text = wanted[name].strip()
            assert row[f"a:{name}"] == (None if not text else float(text) if name in NUMERIC else text)
    report = reading.report()
    assert (report.rows, report.rejected, report.duplicate_ids) == (7_043, 0, 0)
    odd = {c.column: (c.missing, c.unknown, c.out_of_range, c.unreadable) for c in report.columns}
    assert odd.pop("TotalCharges") == (11, 0, 0, 0)
    assert set(odd.values()) == {(0, 0, 0, 0)}
    assert files.load(file, format=preview.format).data["TotalCharges"].isna().sum() == 11


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    row = "{:08d},12,One year," + "x" * 60 + "\n"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,tenure,Contract,Notes\n")
        for start in range(0, 300_000, 1_000):
            file.write("".join(row.format(i) for i in range(start, start + 1_000)))
    schema = CustomerSchema(
        (Column("tenure", ColumnKind.NUMERIC), Column("Contract", ColumnKind.CATEGORICAL, ("One year",))),
        id_column="id",
    )
    files = CsvCustomerFiles(block_bytes=1024**2)
    preview = files.preview(path)
    match = match_header(schema, preview.header)
    reading = files.read(path, schema=schema, match=match, format=preview.format)
    before, most, rows = pa.total_allocated_bytes(), 0, 0
    for batch in reading.batches():
        rows += batch.rows
        most = max(most, pa.total_allocated_bytes() - before)
    assert rows == 300_000
    assert os.path.getsize(path) > 20 * 1024**2
    assert most < 8 * 1024**2
