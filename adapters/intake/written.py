"""Finds the cells that cannot be restored from their values: "29.90", "NA", " yes ", "12.5 GB"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.reporting.value_texts import written_as


def unlike_value(source: Any, values: Any, *, words: tuple[str, str]) -> Any | None:
    """The cells as the file writes them, null where `written_as` writes the value in this way; None if it always does.

    `source` are texts (plain or dictionary), `values` what they were cast to, `words` those for false and true.
    """
    if pa.types.is_floating(source.type):
        return None
    if pa.types.is_dictionary(source.type) and _restores_each_text(source, values, words):
        return None
    texts = source.dictionary_decode() if pa.types.is_dictionary(source.type) else source
    same = pc.equal(texts, written_as(values, words=words).fill_null(""))
    if pc.all(same, min_count=0).as_py():
        return None
    return pc.if_else(same, None, texts)


def _restores_each_text(source: Any, values: Any, words: tuple[str, str]) -> bool:
    """Whether `written_as` restores each distinct text. Equal texts have equal values, so one row of each is enough."""
    none = len(source.dictionary)
    codes = source.indices.fill_null(none).to_numpy(zero_copy_only=False)
    row_of = np.full(none + 1, -1, np.int64)
    row_of[codes] = np.arange(len(codes))
    occurs = row_of[:none] >= 0
    texts = source.dictionary.filter(pa.array(occurs))
    restored = written_as(values.take(pa.array(row_of[:none][occurs])), words=words).fill_null("")
    return bool(pc.all(pc.equal(texts, restored), min_count=0).as_py())
