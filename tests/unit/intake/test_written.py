"""Cells that cannot be restored from their values."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from adapters.intake.plain_numbers import plain_numbers
from adapters.intake.written import unlike_number, unlike_value

WORDS = ("No", "Yes")


@pytest.mark.parametrize(
    ("texts", "values", "written"),
    [
        (["29.9", "7", ""], pa.array([29.9, 7.0, None]), None),
        (["29.90", "7.0", "NA"], pa.array([29.9, 7.0, None]), ["29.90", "7.0", "NA"]),
        (["1,5", "1.5", "0012"], pa.array([1.5, 1.5, 12.0]), ["1,5", None, "0012"]),
        (["300 MB", "$5", " 5 "], pa.array([0.29296875, 5.0, 5.0]), ["300 MB", "$5", " 5 "]),
        (["TRUE", "Yes", "n/a"], pa.array(["Yes", "Yes", None]).dictionary_encode(), ["TRUE", None, "n/a"]),
        (["apac", "APAC", ""], pa.array(["APAC", "APAC", None]).dictionary_encode(), ["apac", None, None]),
        (["Yes", "1", "", "?"], pa.array([True, True, None, None]), [None, "1", None, "?"]),
        (["2026-11", "Nov 2026"], pa.array(["2026-11", "2026-11"]), [None, "Nov 2026"]),
        ([], pa.array([], pa.float64()), None),
    ],
)
def test_only_cells_that_their_values_do_not_give_are_kept(
    texts: list[str], values: Any, written: list[str | None] | None
) -> None:
    for source in (pa.array(texts, pa.string()), pa.array(texts, pa.string()).dictionary_encode()):
        kept = unlike_value(source, values, words=WORDS)
        assert (None if kept is None else kept.to_pylist()) == written


def test_numbers_whose_texts_are_unknown_are_restored_from_their_values() -> None:
    assert unlike_value(pa.array([1.5]), pa.array([1.5]), words=WORDS) is None


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["29.9", "7", "", "0", "0.5", "10", "100.05", "123456789012345"], None),
        (["-5", "-0.5", "-120.25"], None),
        (["29.90", "7.0", "7.", ".5", "0012", "00.5"], ["29.90", "7.0", "7.", ".5", "0012", "00.5"]),
        (["-0", "-0.0", "-05", "-.5", "+5"], ["-0", "-0.0", "-05", "-.5", "+5"]),
        (["5", "-", "NA", " ", " 5"], [None, "-", "NA", " ", " 5"]),
        (["4e-06", "1084.25", "70.0"], [None, None, "70.0"]),
        (["1e-05", "0.00001", "0.0001"], [None, "0.00001", None]),
        (["1234567890.25", "12345678901234567890", "0.1234567890123456"], [None, "12345678901234567890", None]),
        (["9007199254740993", "0.30000000000000001"], ["9007199254740993", "0.30000000000000001"]),
        (["", ""], None),
        ([], None),
    ],
)
def test_a_number_is_kept_as_written_unless_its_shortest_text_is_the_same(
    texts: list[str], written: list[str | None] | None
) -> None:
    source = pa.array(["before", *texts], pa.string()).slice(1)
    values = plain_numbers(source)
    kept = unlike_number(source, values)
    assert (None if kept is None else kept.to_pylist()) == written
    slow = unlike_value(source, values, words=WORDS)
    assert (None if slow is None else slow.to_pylist()) == written


def test_a_number_that_counts_as_missing_is_kept_as_written() -> None:
    kept = unlike_number(pa.array(["1" + "0" * 31, "99", "5"]), pa.array([None, None, 5.0], pa.float64()))
    assert kept.to_pylist() == ["10000000000000000000000000000000", "99", None]


def test_a_text_that_occurs_late_in_a_column_is_kept_as_written() -> None:
    texts = pa.array(["Yes"] * 5_000 + ["TRUE"]).dictionary_encode()
    values = pa.array(["Yes"] * 5_001).dictionary_encode()
    kept = unlike_value(texts, values, words=WORDS)
    assert kept[5_000].as_py() == "TRUE"
    assert kept.null_count == 5_000
