"""Cells that cannot be restored from their values."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from adapters.intake.written import unlike_value

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
        found = unlike_value(source, values, words=WORDS)
        assert (None if found is None else found.to_pylist()) == written


def test_numbers_whose_texts_are_unknown_are_restored_from_their_values() -> None:
    assert unlike_value(pa.array([1.5]), pa.array([1.5]), words=WORDS) is None
