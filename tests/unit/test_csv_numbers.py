"""The digits of a CSV: enough for a person, all of them for programs, and nobody crosses a limit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from adapters.reporting.csv_numbers import CsvNumbers
from domain.csv_style import CsvStyle

LIMITS = (0.25, 0.5, 0.75, 0.42)


def numbers(style: CsvStyle | None, decimals: int = 2) -> CsvNumbers:
    return CsvNumbers(style, decimals, LIMITS)


def test_a_risk_has_six_decimals_unless_it_would_cross_a_limit() -> None:
    values = np.array([0.9371420785272556, 0.24999996, 0.25, 0.41999999, 0.4999999, 1e-9, 0.0, 1.0])
    assert numbers(CsvStyle.COMMA).probabilities(values).to_pylist() == [
        *("0.937142", "0.24999996", "0.25", "0.41999999", "0.4999999", "0.0", "0.0", "1.0")
    ]
    assert numbers(CsvStyle.SEMICOLON).probabilities(values[:2]).to_pylist() == ["0,937142", "0,24999996"]
    assert numbers(None).probabilities(values[:1]).to_pylist() == ["0.9371420785272556"]


@given(st.lists(st.floats(0, 1) | st.sampled_from([limit - 1e-8 for limit in LIMITS]), min_size=2))
def test_rounding_keeps_the_order_and_every_band(values: list[float]) -> None:
    ordered = np.array(sorted(values))
    written = [float(text) for text in numbers(CsvStyle.COMMA).probabilities(ordered).to_pylist()]
    assert written == sorted(written)
    for limit in LIMITS:
        assert [own >= limit for own in written] == (ordered >= limit).tolist()


def test_amounts_have_the_decimals_of_the_currency_and_a_small_one_is_not_nothing() -> None:
    values = np.array([178.83597159400028, 1.2345, 0.004, 0.0, -1.5])
    assert numbers(CsvStyle.COMMA).money(values).to_pylist() == ["178.84", "1.23", "0.004", "0.0", "-1.5"]
    assert numbers(CsvStyle.SEMICOLON, 3).money(values[:2]).to_pylist() == ["178,8360", "1,2340"]
    assert numbers(CsvStyle.COMMA, 0).money(values[:1]).to_pylist() == ["179.0"]
    assert numbers(None).money(values[:1]).to_pylist() == ["178.83597159400028"]


def test_cells_of_the_file_get_decimal_commas_where_they_are_certain_numbers() -> None:
    texts = pa.array([None, "29.85", "1.234,50", "365", "12.5 GB", "n/a", "1.234"], pa.string())
    values = np.array([0.5, 29.85, 1234.5, 12.0, 12.5, np.nan, 40.6])
    assert numbers(CsvStyle.SEMICOLON).as_written(texts, values).to_pylist() == [
        *("0,5", "29,85", "1234,5", "365", "12.5 GB", "n/a", "1.234")
    ]
    assert numbers(None).as_written(texts, values).to_pylist() == [
        *("0.5", "29.85", "1.234,50", "365", "12.5 GB", "n/a", "1.234")
    ]
