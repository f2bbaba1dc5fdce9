"""Decimal marks that begin late in a file, differ between columns, or cannot be distinguished from thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from domain.errors import DecimalUnclear
from domain.file_format import FormatChoice
from domain.header_matching import match_header
from domain.schema import Column, ColumnKind, CustomerSchema

SCHEMA = CustomerSchema(
    columns=(
        Column("usage", ColumnKind.NUMERIC, minimum=0.0, maximum=1.0, missing_rate=0.1),
        Column("spend", ColumnKind.NUMERIC, minimum=100.0, maximum=9_000.0, missing_rate=0.1),
        Column("free", ColumnKind.NUMERIC, minimum=0.0, maximum=90_000.0, missing_rate=0.1),
    ),
    id_column="id",
)


def numbers(
    path: Path, name: str, cells: list[str], *, delimiter: str = ";", block_bytes: int = 512, decimal: str | None = None
) -> list[float | None]:
    """The values of one column, written in a file of this column, read in small blocks."""
    quote = '"' if delimiter == "," else ""
    lines = [f"id{delimiter}{name}", *(f"c{row}{delimiter}{quote}{cell}{quote}" for row, cell in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = CsvCustomerFiles(block_bytes)
    preview = files.preview(path, FormatChoice(decimal=decimal))
    match = match_header(SCHEMA, preview.header)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format)
    return [value for batch in reading.batches() for value in batch.data.column(f"a:{name}").to_pylist()]


@pytest.mark.parametrize("before", [0, 10, 230, 900])
@pytest.mark.parametrize(
    ("late", "value"), [("0,435", 0.435), ("0,5", 0.5), ("0.435", 0.435), ("1,000", 1.0), (",25", 0.25)]
)
def test_marks_that_begin_late_count(tmp_path: Path, before: int, late: str, value: float) -> None:
    proof = late.replace("1", "0")  # one more number of the same mark, which can be read in one way only
    values = numbers(tmp_path / "f.csv", "usage", ["0", "1"] * (before // 2) + [late, proof])
    assert values[:before] == [0.0, 1.0] * (before // 2)
    assert values[before] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.915", 2915.0),
        ("4,586", 4586.0),
        ("1 234", 1234.0),
        ("1'234", 1234.0),
        ("1\u202f234,50", 1234.5),
        ("1,23,456.5", 123_456.5),
        ("€ 2.915", 2915.0),
        ("2.915,00", 2915.0),
    ],
)
def test_thousands_are_read_as_such(tmp_path: Path, text: str, value: float) -> None:
    assert numbers(tmp_path / "f.csv", "spend", ["372", "980"] * 150 + [text])[-1] == value


def test_groups_that_fit_both_readings_are_asked_about(tmp_path: Path) -> None:
    cells = ["12"] * 300 + ["2.915"]
    with pytest.raises(DecimalUnclear) as asked:
        numbers(tmp_path / "f.csv", "free", cells)
    assert str(asked.value) == (
        "In the column “free”, 2.915 can be read in two ways: 2.915 is 2.915 or 2915. Choose whether the decimal mark "
        "of the file is a point or a comma."
    )
    assert asked.value.question is not None
    assert asked.value.question.values == (".", ",")
    assert numbers(tmp_path / "f.csv", "free", cells, decimal=".")[-1] == 2.915
    assert numbers(tmp_path / "f.csv", "free", cells, decimal=",")[-1] == 2915.0


def test_a_column_with_both_marks_is_asked_about_where_it_matters(tmp_path: Path) -> None:
    assert numbers(tmp_path / "f.csv", "spend", ["200.5"] * 300 + ["300,5"])[-1] == 300.5
    with pytest.raises(DecimalUnclear, match="spend"):
        numbers(tmp_path / "f.csv", "spend", ["200.5"] * 300 + ["300,5", "2.915"])
