"""What a cell with a number says, where its decimal mark is not known any more."""

from __future__ import annotations

import pytest

from domain.csv_style import CsvStyle
from domain.number_readings import number_as_written, number_read


@pytest.mark.parametrize(
    ("text", "value", "read"),
    [
        ("29.85", 29.85, 29.85),
        ("29,85", 29.85, 29.85),
        ("1.234,50", 1234.5, 1234.5),
        ("1,234.50", 1234.5, 1234.5),
        ("1,234", 1.234, 1.234),
        ("1,234", 1234.0, 1234.0),
        ("365", 12.0, 365.0),  # days, where the model counts months
        ("36.5", 1.2, 36.5),
        ("1.234", 40.6, None),
        ("007", 7.0, None),
        ("2.5 GB", 2.5, None),
        ("n/a", float("nan"), None),
    ],
)
def test_a_cell_is_read_as_the_value_that_it_stands_for(text: str, value: float, read: float | None) -> None:
    assert number_read(text, value) == read


@pytest.mark.parametrize(
    ("text", "value", "cell"),
    [
        ("1.234,50", 1234.5, "1234,5"),
        ("365", 12.0, "365"),
        ("36.5", 1.2, "36,5"),
        ("1.234", 1.234, "1,2340"),
        ("1.234", 40.6, "1.234"),
        ("2.5 GB", 2.5, "2.5 GB"),
        ("NA", float("nan"), "NA"),
    ],
)
def test_a_certain_number_gets_a_decimal_comma(text: str, value: float, cell: str) -> None:
    assert number_as_written(text, value, CsvStyle.SEMICOLON) == cell
