"""Texts as numbers, however many there are."""

from __future__ import annotations

import pyarrow as pa

from adapters.results.codes import MISSING, UNLISTED, Codes, unlisted_of


def test_texts_beyond_those_that_are_listed_travel_as_they_are() -> None:
    codes = Codes(("No", "Yes"), most=3)
    first, second = pa.array(["Yes", "a", None]), pa.array(["b", "a", "No", "c", None]).dictionary_encode()

    assert codes.of(first).tolist() == [1, 2, MISSING]
    found = codes.of(second)
    assert found.tolist() == [UNLISTED, 2, 0, UNLISTED, MISSING]

    assert unlisted_of(first, codes.of(first)) is None
    unlisted = unlisted_of(second, found)
    assert unlisted.to_pylist() == ["b", None, None, "c", None]
    assert codes.decoded(found, unlisted).to_pylist() == ["b", "a", "No", "c", None]
    assert codes.texts() == ["No", "Yes", "a"]
