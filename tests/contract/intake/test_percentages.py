"""Files with percent signs, percentages and shares, read for a model that learned from the one or the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from application.use_cases.files.recognition import match_preview, with_numbers_read
from domain.errors import UnitUnclear
from domain.file_format import FormatChoice
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.builders import a_model_version

SCHEMA = CustomerSchema(
    columns=(
        Column("share", ColumnKind.NUMERIC, minimum=0.0, maximum=0.9, missing_rate=0.1, typical="0.3"),
        Column("percent", ColumnKind.NUMERIC, minimum=1.0, maximum=95.0, missing_rate=0.1, typical="40"),
        Column("sure", ColumnKind.NUMERIC, minimum=0.0, maximum=1.0, typical="0.3"),
    ),
    id_column="id",
)


def values(path: Path, name: str, cells: list[str], **units: str) -> list[float | None]:
    lines = [f"id;{name}", *(f"c{row};{cell}" for row, cell in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    files, model = CsvCustomerFiles(512), a_model_version(schema=SCHEMA)
    choice = FormatChoice(units=tuple(units.items()))
    preview = files.preview(path, choice)
    match = match_preview(model, preview, None).match
    preview = with_numbers_read(files, path, preview, match, model.schema, choice=choice)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format)
    return [value for batch in reading.batches() for value in batch.data.column(f"a:{name}").to_pylist()]


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("share", ["12.5%", "40 %", "0", ""], [0.125, 0.4, 0.0, None]),
        ("share", ["12,5 %", "40,0%", "0,1%"], [0.125, 0.4, 0.001]),
        ("sure", ["%12,5", "%40", "%7"], [0.125, 0.4, 0.07]),
        ("sure", ["12.5 Prozent", "40 procent", "7 pct"], [0.125, 0.4, 0.07]),
        ("sure", ["٪١٢", "٤٠٪", "٧٪"], [0.12, 0.4, 0.07]),
        ("share", ["\u221212.5\u202f%", "(40%)", "7%"], [-0.125, -0.4, 0.07]),
        ("percent", ["12.5%", "40 %", "7"], [12.5, 40.0, 7.0]),
        ("percent", ["12.5", "40", "7"], [12.5, 40.0, 7.0]),
        ("share", ["0.125", "0.4", "0.07"], [0.125, 0.4, 0.07]),
    ],
)
def test_a_percent_sign_is_a_hundredth_where_the_model_learned_shares(
    tmp_path: Path, name: str, cells: list[str], expected: list[float | None]
) -> None:
    assert values(tmp_path / "f.csv", name, cells) == expected


@pytest.mark.parametrize(
    ("name", "cells", "answers"),
    [
        ("share", ["12.5", "40", "7"], {"%": [0.125, 0.4, 0.07], "as-written": [12.5, 40.0, 7.0]}),
        ("sure", ["12,5", "40,0", "7,5"], {"%": [0.125, 0.4, 0.075], "as-written": [12.5, 40.0, 7.5]}),
        ("share", ["12.5%", "40%", "0.3"], {"%": [0.125, 0.4, 0.003], "share": [0.125, 0.4, 0.3]}),
        ("share", ["0.5%", "0.4%"], {"share": [0.005, 0.004], "as-written": [0.5, 0.4]}),
        (
            "percent",
            [f"0.{n}" for n in range(11, 30)],
            {"share": [float(n) for n in range(11, 30)], "as-written": [n / 100 for n in range(11, 30)]},
        ),
    ],
)
def test_what_is_unclear_is_asked_and_each_answer_is_read(
    tmp_path: Path, name: str, cells: list[str], answers: dict[str, list[float]]
) -> None:
    with pytest.raises(UnitUnclear) as asked:
        values(tmp_path / "f.csv", name, cells)
    assert asked.value.question is not None
    assert asked.value.question.values == tuple(answers)
    for answer, expected in answers.items():
        assert values(tmp_path / "f.csv", name, cells, **{name: answer}) == expected


@pytest.mark.parametrize("rows", [1, 400, 5000])
def test_a_percent_sign_further_down_is_read_as_one_at_the_top(tmp_path: Path, rows: int) -> None:
    cells = ["0.25"] * rows + ["12.5%"]
    if rows == 1:
        with pytest.raises(UnitUnclear):
            values(tmp_path / "f.csv", "share", cells)
        return
    with pytest.raises(UnitUnclear, match="some numbers have a percent sign"):
        values(tmp_path / "f.csv", "share", cells)
    assert values(tmp_path / "f.csv", "share", cells, share="share")[-2:] == [0.25, 0.125]
