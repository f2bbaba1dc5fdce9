"""Texts of a column as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MISSING, UNLISTED = -1, -2
"""Codes of no text, and of one that came after so many others that it is not listed."""
MOST_LISTED = 20_000
"""Distinct texts of a column that are listed: a hostile one has as many as rows."""


class Codes:
    """Numbers for the distinct texts of one column over all batches of a run, in order of appearance."""

    def __init__(self, known: tuple[str, ...] = (), *, most: int = MOST_LISTED) -> None:
        self._codes = {text: code for code, text in enumerate(known)}
        self._most = max(most, len(known))
        self._listed: Any = None

    def of(self, column: Any) -> NDArray[np.int32]:
        """int32 codes of an Arrow array of text."""
        source = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        table = [self._code(text) for text in source.dictionary.to_pylist()]
        places = source.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        return np.array([*table, MISSING], dtype=np.int32)[places]

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            code = len(self._codes)
            if code >= self._most:
                return UNLISTED
            self._codes[text] = code
        return code

    def texts(self) -> list[str]:
        """The listed ones."""
        return list(self._codes)

    def decoded(self, codes: NDArray[np.int32], unlisted: Any = None) -> Any:
        """Dictionary array of the texts; plain text where `unlisted` holds those that are not listed."""
        if self._listed is None or len(self._listed) < len(self._codes):
            self._listed = pa.array(self.texts(), pa.string())
        texts = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), self._listed)
        return texts if unlisted is None else pc.coalesce(texts.cast(pa.string()), unlisted)


def unlisted_of(column: Any, codes: NDArray[np.int32]) -> Any:
    """The texts that are not listed, null elsewhere; None where every text is listed."""
    unlisted = codes == UNLISTED
    return pc.if_else(pa.array(unlisted), column.cast(pa.string()), None) if unlisted.any() else None
