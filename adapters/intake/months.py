"""Casts a column of months to "YYYY-MM"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from adapters.intake.levels import encoded
from domain.vocabulary.months import month_of


def cast_months(array: Any, *, month_first: bool | None = False) -> Any:
    """Arrow text (plain or dictionary) → string array of months, null if there is none.

    `month_first`: whether the month comes before the day; None if it is unclear.
    """
    source = encoded(array)
    months = np.array(
        [month_of(text or "", month_first=month_first) for text in source.dictionary.to_pylist()] or [None],
        dtype=object,
    )
    return pa.array(months, pa.string()).take(source.indices) if len(source) else pa.array([], pa.string())
