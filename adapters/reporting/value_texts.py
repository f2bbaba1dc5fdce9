"""The text of a value where nothing else is known about how a file writes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.reporting.arrow_text import number_texts


def written_as(values: Any, *, words: tuple[str, str]) -> Any:
    """Texts of an Arrow array, null if missing: the shortest digits of a number, the level, the word for a truth.

    `words` are those for false and true.
    """
    if pa.types.is_floating(values.type):
        return number_texts(np.asarray(values.to_numpy(zero_copy_only=False), np.float64))
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, words[1], words[0])
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
