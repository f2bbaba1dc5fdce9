"""Columns of a file to train on, as texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from adapters.intake.levels import encoded
from application.ports.intake import RowsWith

if TYPE_CHECKING:
    import pandas as pd


def trimmed(column: Any) -> Any:
    """Dictionary of texts → trimmed strings, null if blank."""
    source = encoded(column)
    words = pc.utf8_trim_whitespace(source.dictionary)
    words = pc.if_else(pc.equal(pc.binary_length(words), 0), None, words)
    return words.take(source.indices)


def with_values(header: Sequence[str], columns: Sequence[Any], only: RowsWith | None) -> Sequence[Any]:
    """The columns of the rows that are asked for. Raises ValueError for a column that the file does not have."""
    if only is None:
        return columns
    chosen = pc.is_in(trimmed(columns[header.index(only.column)]), value_set=pa.array(only.values, pa.string()))
    return [column.filter(chosen) for column in columns]


def series(parts: list[Any]) -> pd.Series:
    import pandas as pd  # only training needs it: the import takes a third of a second

    text = pa.chunked_array(parts, pa.string()) if parts else pa.chunked_array([], pa.string())
    return pd.Series(pd.arrays.ArrowStringArray(text.cast(pa.large_string())), dtype=pd.StringDtype("pyarrow"))
