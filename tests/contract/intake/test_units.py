"""Files to score whose numbers have units, against models whose training file had others or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from application.use_cases.files.recognition import match_preview, with_numbers_read
from domain.errors import DecimalUnclear, FileRefused
from domain.file_format import FormatChoice
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.builders import a_model_version

SCHEMA = CustomerSchema(
    columns=(
        Column("use", ColumnKind.NUMERIC, minimum=0.25, maximum=60.0, missing_rate=0.1, unit="GB"),
        Column("calls", ColumnKind.NUMERIC, minimum=0.0, maximum=900.0, missing_rate=0.1, unit="minutes"),
        Column("signal", ColumnKind.NUMERIC, minimum=0.0, maximum=120.0, missing_rate=0.1, unit="dBm"),
        Column("plain", ColumnKind.NUMERIC, minimum=0.0, maximum=60.0, missing_rate=0.1),
        Column("left_mb", ColumnKind.NUMERIC, minimum=0.0, maximum=60_000.0, missing_rate=0.1),
        Column("sure", ColumnKind.NUMERIC, minimum=0.0, maximum=60.0, unit="GB"),
    ),
    id_column="id",
)


def values(
    path: Path, name: str, cells: list[str], *, delimiter: str = ";", choice: FormatChoice | None = None
) -> list[float | None]:
    """The values of one column, written in a file of this column, recognised and read in small blocks."""
    quote = '"' if delimiter == "," else ""
    lines = [f"id{delimiter}{name}", *(f"c{row}{delimiter}{quote}{cell}{quote}" for row, cell in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = CsvCustomerFiles(512)
    model = a_model_version(schema=SCHEMA)
    preview = files.preview(path, choice)
    match = match_preview(model, preview, None).match
    preview = with_numbers_read(files, path, preview, match, model.schema, choice=choice)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format)
    return [value for batch in reading.batches() for value in batch.data.column(f"a:{name}").to_pylist()]


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("use", ["300 MB", "12.5 GB", "0"], [0.29296875, 12.5, 0.0]),
        ("use", ["12.5", "3", "0"], [12.5, 3.0, 0.0]),
        ("use", ["12.5", "3 GB", "7"], [12.5, 3.0, 7.0]),
        ("calls", ["2h 30m", "90 s", "45m", "1 Std."], [150.0, 1.5, 45.0, 60.0]),
        ("signal", ["45 dBm", "46 DBM", "47"], [45.0, 46.0, 47.0]),
        ("plain", ["45 %", "46%", "7"], [45.0, 46.0, 7.0]),
        ("left_mb", ["2 GB", "512", "1 GB"], [2048.0, 512.0, 1024.0]),
        ("sure", ["2 GB", "512 MB"], [2.0, 0.5]),
    ],
)
def test_numbers_are_converted_to_the_model_s_unit(
    tmp_path: Path, name: str, cells: list[str], expected: list[float | None]
) -> None:
    assert values(tmp_path / "f.csv", name, cells) == expected


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (["12,5 GB", "0,25 GB"], ";", [12.5, 0.25]),
        (["1.024 MB", "2.048,0 MB"], ";", [1.0, 2.0]),
        (["1,024 MB", "2,048.0 MB"], ",", [1.0, 2.0]),
        (["1.024 MB", "12.288 MB", "30.720 MB"], ";", [1.0, 12.0, 30.0]),
    ],
)
def test_decimal_marks_are_judged_before_units(
    tmp_path: Path, cells: list[str], delimiter: str, expected: list[float]
) -> None:
    assert values(tmp_path / "f.csv", "use", cells, delimiter=delimiter) == expected


def test_a_doubt_about_the_decimal_mark_is_asked_about_with_a_unit(tmp_path: Path) -> None:
    with pytest.raises(DecimalUnclear):
        values(tmp_path / "f.csv", "left_mb", ["9.024 MB", "3.100 MB"])
    chosen = values(tmp_path / "f.csv", "left_mb", ["9.024 MB", "3.100 MB"], choice=FormatChoice(decimal="."))
    assert chosen == [9.024, 3.1]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("use", ["45 min", "3 h"]),
        ("use", ["45 dBm"]),
        ("signal", ["45 km"]),
        ("plain", ["45 GB", "3 GB"]),
        ("left_mb", ["45 min"]),
        ("sure", ["45 min", "3 h"]),
    ],
)
@pytest.mark.parametrize("choice", [None, FormatChoice(decimal=".")])
def test_a_column_in_another_dimension_is_refused(
    tmp_path: Path, name: str, cells: list[str], choice: FormatChoice | None
) -> None:
    with pytest.raises(FileRefused, match=f"“{name}”"):
        values(tmp_path / "f.csv", name, cells, choice=choice)


@pytest.mark.parametrize(
    "money", ["45.5 EUR", "45.5 zł", "45.5 kr", "45,5 TL", "45.5 руб.", "45.5元", "45.5 £", "kr 45.5"]
)
def test_an_amount_of_money_is_no_number_with_a_unit(tmp_path: Path, money: str) -> None:
    assert values(tmp_path / "f.csv", "plain", [money, money]) == [45.5, 45.5]


@pytest.mark.parametrize(("row", "rows"), [(0, 3), (2, 200), (150, 200), (199, 200)])
def test_numbers_without_a_unit_among_other_units_are_refused_anywhere(tmp_path: Path, row: int, rows: int) -> None:
    cells = ["300 MB"] * rows
    cells[row] = "450"
    with pytest.raises(FileRefused, match="some numbers have a unit \\(“300 MB”\\) and others have none \\(“450”\\)"):
        values(tmp_path / "f.csv", "use", cells)
    with pytest.raises(FileRefused, match="“450”"):
        values(tmp_path / "f.csv", "sure", ["450"] * rows + ["300 MB"])


def test_a_single_cell_in_another_dimension_is_a_text(tmp_path: Path) -> None:
    assert values(tmp_path / "f.csv", "use", ["12.5 GB"] * 30 + ["45 min"]) == [12.5] * 30 + [None]
