"""Numbers as people write them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from adapters.intake.numbers import number_of, read_numbers


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12", ".", 12.0),
        (" 12.5 ", ".", 12.5),
        ("+.5", ".", 0.5),
        ("1e3", ".", 1000.0),
        ("1,234.50", ".", 1234.5),
        ("1.234,50", ".", 1234.5),
        ("29,85", ".", 29.85),
        ("1,234", ".", 1234.0),
        ("1,234", ",", 1.234),
        ("1.234", ",", 1234.0),
        ("12.5", ",", 12.5),
        ("1,234,567", ",", 1_234_567.0),
        ("1 234,5", ".", 1234.5),
        ("1\u00a0234\u202f567.5", ".", 1_234_567.5),
        ("1'234.5", ".", 1234.5),
        ("$ 12.50", ".", 12.5),
        ("-$5", ".", -5.0),
        ("US$5", ".", 5.0),
        ("USD 1,234", ".", 1234.0),
        ("12.50 EUR", ".", 12.5),
        ("12 €", ".", 12.0),
        ("ZWL20", ".", 20.0),
        ("15 %", ".", 15.0),
        ("(12.50)", ".", -12.5),
        ("($1,200)", ".", -1200.0),
        ("−5", ".", -5.0),
        ("‑5", ".", -5.0),
        ("–5,5", ",", -5.5),
        ("﹣5", ".", -5.0),
        ("\u200e-5\u200e", ".", -5.0),
        ("\u202b٥٫٥\u202c", ".", 5.5),
        ("12.5\u200b", ".", 12.5),
        ("\ufeff12.5", ".", 12.5),
        ("12–15", ".", None),
        ("abc", ".", None),
        ("12abc", ".", None),
        ("0x10", ".", None),
        ("1,2,3", ".", None),
        ("1.2.3", ".", None),
        ("12-10-2026", ".", None),
        ("٣", ".", 3.0),
        ("١٬٢٣٤٫٥", ".", 1234.5),
        ("￥２０．５", ".", 20.5),
        ("2²", ".", None),
        ("½", ".", None),
        ("12.50-", ".", -12.5),
        ("'12.5", ".", 12.5),
        ('="12.5"', ".", 12.5),
        ("12'", ".", None),
        ("12,34,567.5", ".", 1_234_567.5),
        ("Rs. 20", ".", 20.0),
        ("20 zł", ".", 20.0),
        ("₪5", ".", 5.0),
        ("ten20", ".", None),
        ("--5", ".", None),
        ("()", ".", None),
        ("$", ".", None),
    ],
)
def test_numbers_are_parsed_in_every_usual_notation(text: str, decimal: str, number: float | None) -> None:
    assert number_of(text, decimal) == number


def test_a_column_distinguishes_blanks_from_invalid_numbers() -> None:
    cells = read_numbers(pa.array(["1", " 2 ", "x", "", "NaN", None, "1,5", "1e999", "$3", "x", '=""', '="NA"']))
    np.testing.assert_array_equal(
        cells.values, [1, 2, np.nan, np.nan, np.nan, np.nan, 1.5, np.nan, 3, np.nan, np.nan, np.nan]
    )
    assert np.flatnonzero(cells.unreadable).tolist() == [2, 9]
    assert len(read_numbers(pa.array([], pa.string())).values == 0) == 0
