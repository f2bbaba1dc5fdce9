"""Encodes the texts of a column as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MISSING, UNLISTED = -1, -2
"""Codes for a missing text, and for a text beyond the maximum number of listed texts."""
MAX_LISTED = 20_000
"""Distinct texts of a column that are listed. A hostile column can have as many as rows."""


class TextDictionary:
    """Numbers for the distinct texts of one column over all batches of a run, in order of appearance."""

    def __init__(self, known: tuple[str, ...] = (), *, most: int = MAX_LISTED) -> None:
        self._codes = {text: code for code, text in enumerate(known)}
        self._most = max(most, len(known))
        self._listed: Any = None

    def of(self, column: Any) -> NDArray[np.int32]:
        """int32 codes of an Arrow array of text."""
        source = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        table = [self._code(text) for text in source.dictionary.to_pylist()]
        places = source.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        codes: NDArray[np.int32] = np.array([*table, MISSING], dtype=np.int32)[places]
        return codes

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            code = len(self._codes)
            if code >= self._most:
                return UNLISTED
            self._codes[text] = code
        return code

    def texts(self) -> list[str]:
        """The listed texts."""
        return list(self._codes)

    def decoded(self, codes: NDArray[np.int32], unlisted: Any = None) -> Any:
        """The texts as a dictionary array; as plain text if `unlisted` contains unlisted ones."""
        if self._listed is None or len(self._listed) < len(self._codes):
            self._listed = pa.array(self.texts(), pa.string())
        texts = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), self._listed)
        return texts if unlisted is None else pc.coalesce(texts.cast(pa.string()), unlisted)


def unlisted_of(column: Any, codes: NDArray[np.int32]) -> Any:
    """The unlisted texts, null elsewhere; None if every text is listed."""
    unlisted = codes == UNLISTED
    return pc.if_else(pa.array(unlisted), column.cast(pa.string()), None) if unlisted.any() else None
