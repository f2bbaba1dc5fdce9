"""A dictionary of texts that keeps a limited number of them."""

from __future__ import annotations

import pyarrow as pa

from adapters.results.writing.text_dictionary import MISSING, UNLISTED, TextDictionary, unlisted_of


def test_texts_beyond_the_limit_are_stored_directly() -> None:
    codes = TextDictionary(("No", "Yes"), most=3)
    first, second = pa.array(["Yes", "a", None]), pa.array(["b", "a", "No", "c", None]).dictionary_encode()

    assert codes.of(first).tolist() == [1, 2, MISSING]
    second_codes = codes.of(second)
    assert second_codes.tolist() == [UNLISTED, 2, 0, UNLISTED, MISSING]

    assert unlisted_of(first, codes.of(first)) is None
    unlisted = unlisted_of(second, second_codes)
    assert unlisted.to_pylist() == ["b", None, None, "c", None]
    assert codes.decoded(second_codes, unlisted).to_pylist() == ["b", "a", "No", "c", None]
    assert codes.texts() == ["No", "Yes", "a"]
