"""Texts as numbers, exactly as PyArrow's CSV parser converts them."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from adapters.intake.blocks import Block
from adapters.intake.parsing import BlockParser, Parse
from adapters.intake.plain_numbers import plain_numbers
from domain.file_format import FileFormat

NUMBER_THEN_LEVEL = [Parse.NUMBER, Parse.LEVEL]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["29.90", "7", "0012", "-0.5", "+3", ".5", "5."], [29.9, 7.0, 12.0, -0.5, 3.0, 0.5, 5.0]),
        (["1e5", "1E-3", "4e-06"], [100000.0, 0.001, 0.000004]),
        ([" 5", "5\t", " \t5 "], [5.0, 5.0, 5.0]),
        (["5", "", "NA", "-", " ", "n/a", "None", "#N/A"], [5.0, None, None, None, None, None, None, None]),
        (["nan", "NaN", "1"], [None, None, 1.0]),
        (["inf", "-Infinity", "1e400"], [math.inf, -math.inf, math.inf]),
        ([], []),
    ],
)
def test_plain_numbers_and_usual_words_for_none_are_read(texts: list[str], values: list[float | None]) -> None:
    numbers = plain_numbers(pa.array(texts, pa.string()))
    assert numbers is not None
    assert numbers.type == pa.float64()
    assert numbers.to_pylist() == values


def test_other_spellings_of_nan_are_a_value() -> None:
    numbers = plain_numbers(pa.array(["NAN", "-nan", "1"]))
    assert numbers is not None
    assert numbers.null_count == 0
    assert [math.isnan(value) for value in numbers.to_pylist()] == [True, True, False]


@pytest.mark.parametrize("text", ["soon", "1,5", "$5", "  ", " NA", "\u00a05", "1_000", "1 000", "-", "1-"])
def test_a_text_that_is_no_plain_number_makes_the_column_text(text: str) -> None:
    numbers = plain_numbers(pa.array(["1.5", text]))
    assert (None if numbers is None else numbers.to_pylist()) == ([1.5, None] if text == "-" else None)


def test_with_a_decimal_comma_a_point_is_no_plain_number() -> None:
    numbers = plain_numbers(pa.array(["1,5", " ,5", "7", "1,5e3", "NA"]), ",")
    assert numbers is not None
    assert numbers.to_pylist() == [1.5, 0.5, 7.0, 1500.0, None]
    assert plain_numbers(pa.array(["1,5", "1.5"]), ",") is None


def test_a_block_gives_the_numbers_and_their_texts() -> None:
    parsed = BlockParser(["bill", "plan"], NUMBER_THEN_LEVEL, FileFormat()).parse(Block(b"29.90,A\nNA,B\n 7,A\n", 1))

    assert parsed.columns[0].to_pylist() == [29.9, None, 7.0]
    assert parsed.columns[1].to_pylist() == ["A", "B", "A"]
    assert {position: texts.to_pylist() for position, texts in parsed.texts.items()} == {0: ["29.90", "NA", " 7"]}


def test_a_column_with_text_is_parsed_as_text_from_then_on() -> None:
    parser = BlockParser(["bill", "plan"], NUMBER_THEN_LEVEL, FileFormat())

    first, second = parser.parse(Block(b"$5,A\n7,B\n$5,B\n", 1)), parser.parse(Block(b"8,A\n", 4))

    assert first.columns[0].type == second.columns[0].type == pa.dictionary(pa.int32(), pa.string())
    assert first.columns[0].to_pylist() == ["$5", "7", "$5"]
    assert second.columns[0].to_pylist() == ["8"]
    assert first.texts == second.texts == {}


def test_the_texts_of_a_row_with_too_many_cells_are_left_out() -> None:
    parser = BlockParser(["bill", "plan"], NUMBER_THEN_LEVEL, FileFormat())

    parsed = parser.parse(Block(b"1.50,A\n2.50,B,C\n3.50,A\n", 1))

    assert parsed.columns[0].to_pylist() == [1.5, 3.5]
    assert parsed.texts[0].to_pylist() == ["1.50", "3.50"]
    assert [(row.line, row.reason) for row in parsed.faulty] == [(2, "3 columns instead of 2")]


def test_more_than_fifty_thousand_ragged_rows_are_listed_while_most_rows_are_whole() -> None:
    rows = b"1,A\n" * 60_000 + b"2\n" * 51_000

    parsed = BlockParser(["bill", "plan"], NUMBER_THEN_LEVEL, FileFormat()).parse(Block(rows, 1))

    assert len(parsed.columns[0]) == 60_000
    assert parsed.rejected == 51_000
