"""Files to learn from, loaded whole as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from application.ports.intake import RowsWith
from domain.errors import FileRefused
from tests.contract.intake.customer_files import HEADER, good, lines, written


def test_a_training_table_is_trimmed_text(tmp_path: Path) -> None:
    path = written(tmp_path, "id, b,b\n 1 ,x,\n2, ,N/A\n3,y,z,w\n4,a,b\n5,a,b\n6,a,b\n")
    files = CsvCustomerFiles()
    seen: list[int] = []
    table = files.load(path, format=files.preview(path).format, progress=seen.append)
    assert table.header == ("id", "b", "b")
    assert list(table.data.columns) == ["id", "b", "b"]
    assert (table.rows, table.rejected, seen) == (6, 1, [6])
    assert table.data.iloc[:, 0].tolist() == ["1", "2", "4", "5", "6"]
    assert table.data.isna().to_numpy().tolist()[:2] == [[False, False, True], [False, True, False]]
    assert table.data.iloc[1, 2] == "N/A"


def test_only_the_rows_that_are_asked_for_are_loaded(tmp_path: Path) -> None:
    path = written(tmp_path, "id,month,b\n1,2026-01,x\n2, 2026-02 ,y\n3,2026-03,z\n4,,w\n5,2026-02,\n")
    files = CsvCustomerFiles()
    table = files.load(path, format=files.preview(path).format, only=RowsWith("month", ("2026-02", "2026-09")))
    assert (table.rows, table.whole) == (2, True)
    assert table.data.iloc[:, 0].tolist() == ["2", "5"]
    assert table.data.iloc[:, 2].isna().tolist() == [False, True]


def test_a_training_table_has_the_same_limit_of_rejected_rows(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(10), "x", "y", "z"))
    files = CsvCustomerFiles()
    with pytest.raises(FileRefused, match="3 of 13 rows"):
        files.load(path, format=files.preview(path).format)


def test_a_training_table_skips_a_repeated_header(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(5), HEADER, *good(5)))
    files = CsvCustomerFiles()
    table = files.load(path, format=files.preview(path).format)
    assert (table.rows, table.rejected, len(table.data)) == (11, 1, 10)
