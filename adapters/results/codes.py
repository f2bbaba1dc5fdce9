"""Texts of a column as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class Codes:
    """Numbers for the distinct texts of one column over all batches of a run, in order of appearance."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self._codes = {text: code for code, text in enumerate(known)}

    def of(self, column: Any) -> NDArray[np.int32]:
        """int32 codes of an Arrow array of text, −1 for null."""
        source = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        table = [self._codes.setdefault(text, len(self._codes)) for text in source.dictionary.to_pylist()]
        places = source.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        return np.array([*table, -1], dtype=np.int32)[places]

    def texts(self) -> list[str]:
        return list(self._codes)
