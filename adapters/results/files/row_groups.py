"""Divides the rows of a run's Parquet file into row groups, the unit for reading a page and for writing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pyarrow as pa

FIRST, USUAL = (1_024, 4_096), 16_384
"""Rows of the first groups, which are small because most pages show them, and of the others."""
MAX_BYTES = 32 * 1024**2
"""Bytes of a group. With thousands of columns, a group has fewer rows."""


def row_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Regroup the rows into row groups."""
    pending: list[pa.Table] = []
    rows = size = 0
    sizes = chain(FIRST, repeat(USUAL))
    target = next(sizes)
    for table in tables:
        for piece in _pieces(table):
            pending.append(piece)
            rows, size = rows + piece.num_rows, size + piece.nbytes
            while rows >= target or size >= MAX_BYTES:
                together = pa.concat_tables(pending, promote_options="default")
                yield together.slice(0, target)
                rest = together.slice(target)
                pending, rows, size = [rest], rest.num_rows, rest.nbytes if rest.num_rows else 0
                target = next(sizes)
    if rows:
        yield pa.concat_tables(pending, promote_options="default")


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """Split a table into pieces of limited average size."""
    rows = max(1, table.num_rows * MAX_BYTES // max(table.nbytes, 1))
    return (table.slice(start, rows) for start in range(0, table.num_rows, rows))
