"""The rows of an uploaded list of outcomes that are not simply used, as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.outcome_list import ListedRow

HEADER = ("Line", "Customer id", "Problem", "Detail")


def csv_of(rows: Iterable[ListedRow], style: CsvStyle | None) -> Iterator[bytes]:
    return csv_pieces(HEADER, ((row.line, row.customer_id, row.problem.words, row.detail) for row in rows), style)
