"""SHAP values: their encoding in the buffer, and their sums per bin."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.files.layout import position_of
from adapters.results.writing.binning_plan import AttributeBins, BinCodes, BinningPlan, Floats
from adapters.results.writing.group_totals import along
from application.ports.results import Contribution


def packed(contributions: NDArray[np.float32]) -> pa.FixedSizeBinaryArray:
    """n × attributes as n cells of bytes, which can be sorted and written much faster than separate columns."""
    rows, attributes = contributions.shape
    values = np.ascontiguousarray(contributions, np.float32)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(4 * attributes), rows, [None, pa.py_buffer(values)])


def unpacked(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """The SHAP values (n × attributes) of `packed` cells."""
    cells = column.combine_chunks()
    width = cells.type.byte_width // 4
    values = np.frombuffer(cells.buffers()[1], np.float32, len(cells) * width, cells.offset * width * 4)
    return values.reshape(len(cells), width)


class ContributionSums:
    """Σ SHAP and Σ SHAP² (2 × fine bins of all attributes), summed over blocks of customers in their order."""

    def __init__(self, plans: Sequence[BinningPlan]) -> None:
        self._attributes = [position_of(plan.column) for plan in plans]
        self._ends = np.cumsum([plan.fine_bins for plan in plans]).tolist()
        self.sums: Floats = np.zeros((2, sum(plan.fine_bins for plan in plans)))

    def add(self, contributions: NDArray[np.float32], bin_codes: Sequence[BinCodes]) -> None:
        """Add a block. `bin_codes` are in the order of the plans."""
        start = 0
        for attribute, end, own in zip(self._attributes, self._ends, bin_codes, strict=True):
            places, values = own.astype(np.intp), contributions[:, attribute].astype(np.float64)
            self.sums[0, start:end] += np.bincount(places, values, end - start)
            self.sums[1, start:end] += np.bincount(places, values * values, end - start)
            start = end


def contributions_along(axis: AttributeBins, sums: Floats) -> tuple[Contribution, ...]:
    """Contributions per bin from `sums` (3 × fine bins: count, Σ SHAP, Σ SHAP²).

    Omits empty bins; missing values come last.
    """
    contributions = []
    for (customers, total, squares), own in zip(along((axis,), sums).T.tolist(), (*axis.bins, None), strict=True):
        if customers:
            mean = total / customers
            spread = math.sqrt(max(0.0, squares - total * mean) / (customers - 1)) if customers > 1 else None
            label, low, high = (own.label, own.low, own.high) if own else ("", None, None)
            contributions.append(Contribution(label, int(customers), mean, spread, low, high, missing=own is None))
    return tuple(contributions)
