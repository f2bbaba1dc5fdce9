"""The rows of a run's Parquet file in groups: what a page reads, and what is held in memory while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pyarrow as pa

FIRST, USUAL = (1_024, 4_096), 16_384
"""Rows of the first groups (the pages that everyone looks at) and of the others: a page reads one of them."""
MOST_BYTES = 32 * 1024**2
"""Of customers with thousands of columns a group has fewer rows."""


def row_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in groups."""
    held: list[pa.Table] = []
    rows = size = 0
    sizes = chain(FIRST, repeat(USUAL))
    wanted = next(sizes)
    for table in tables:
        for piece in _pieces(table):
            held.append(piece)
            rows, size = rows + piece.num_rows, size + piece.nbytes
            while rows >= wanted or size >= MOST_BYTES:
                together = pa.concat_tables(held, promote_options="default")
                yield together.slice(0, wanted)
                rest = together.slice(wanted)
                held, rows, size = [rest], rest.num_rows, rest.nbytes if rest.num_rows else 0
                wanted = next(sizes)
    if rows:
        yield pa.concat_tables(held, promote_options="default")


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """Of at most so many bytes each, on average."""
    rows = max(1, table.num_rows * MOST_BYTES // max(table.nbytes, 1))
    return (table.slice(start, rows) for start in range(0, table.num_rows, rows))
