"""The rows of an uploaded list of outcomes that are not simply used, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

from domain.outcome_list import ListedRow
from domain.spreadsheet import spreadsheet_safe

HEADER = ("Line", "Customer id", "Problem", "Detail")
TOGETHER = 1_000


def csv_of(rows: Iterable[ListedRow]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark."""
    yield b"\xef\xbb\xbf" + _lines([HEADER])
    cells = ((str(row.line), row.customer_id, row.problem.words, row.detail) for row in rows)
    while part := list(islice(cells, TOGETHER)):
        yield _lines(part)


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(spreadsheet_safe, row) for row in rows)
    return text.getvalue().encode()
