"""A column of which most cells are not understood is refused by name, and no customer is scored without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import FileRefused
from tests.contract.intake.customer_files import HEADER, Result, read, written


def of_cells(folder: Path, *, tenure: list[str] | None = None, paperless: list[str] | None = None) -> Result:
    rows = len(tenure or paperless or [])
    columns = zip(tenure or ["12"] * rows, paperless or ["Yes"] * rows, strict=True)
    lines = [f"c{row},{months},20.5,One year,{answer},No" for row, (months, answer) in enumerate(columns)]
    return read(written(folder, "\n".join([HEADER, *lines])), block_bytes=64)


@pytest.mark.parametrize("cell", ["1.2K", "12c", "about 5", "1/2", "<5", "12½", "٣ك"])
def test_numbers_in_a_notation_that_is_not_known_are_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(FileRefused, match=f"Most numbers in the column “tenure” cannot be read, for example “{cell}”"):
        of_cells(tmp_path, tenure=[cell, "5", cell])


def test_some_such_numbers_and_words_are_missing_values(tmp_path: Path) -> None:
    tenures = [row["a:tenure"] for row in of_cells(tmp_path, tenure=["1.2K", "5"]).rows]
    assert tenures == [None, 5.0]
    words = of_cells(tmp_path, tenure=["Unlimited", "pending", "5"])
    assert [row["a:tenure"] for row in words.rows] == [None, None, 5.0]


@pytest.mark.parametrize("cell", ["aktiv", "A", "-1", "2", "evt."])
def test_answers_that_are_neither_yes_nor_no_are_refused(tmp_path: Path, cell: str) -> None:
    match = f"The column “Paperless” should say “No” or “Yes”. Most of its cells say something else, .* “{cell}”"
    with pytest.raises(FileRefused, match=match):
        of_cells(tmp_path, paperless=[cell, "Yes", cell])


def test_some_other_answers_are_unknown_levels(tmp_path: Path) -> None:
    reading = of_cells(tmp_path, paperless=["perhaps", "Yes", "", "No"])
    assert [row["a:Paperless"] for row in reading.rows] == ["perhaps", "Yes", None, "No"]
