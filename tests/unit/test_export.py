"""Which exports a request makes itself, and how many customers a report may list."""

from __future__ import annotations

import pytest

from domain.csv_style import CsvStyle
from domain.errors import InvalidInput
from domain.export import ExportKind, ExportOptions, is_made_directly


@pytest.mark.parametrize(
    ("kind", "cells", "directly"),
    [
        (ExportKind.CSV, 400_000, True),
        (ExportKind.CSV, 400_001, False),
        (ExportKind.XLSX, 30_000, True),
        (ExportKind.XLSX, 30_001, False),
        (ExportKind.PDF, 1, False),
    ],
)
def test_a_request_makes_only_small_tables(kind: ExportKind, cells: int, directly: bool) -> None:
    assert is_made_directly(kind, cells=cells) is directly


def test_a_report_lists_up_to_500_customers_and_may_list_none() -> None:
    assert ExportOptions(ExportKind.PDF, customers=0).customers == 0
    assert ExportOptions(ExportKind.PDF, customers=500).customers == 500
    for wrong in (-1, 501):
        with pytest.raises(InvalidInput, match="at most 500 customers"):
            ExportOptions(ExportKind.PDF, customers=wrong)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ExportOptions(ExportKind.CSV), ()),
        (ExportOptions(ExportKind.CSV, style=CsvStyle.COMMA), ()),
        (ExportOptions(ExportKind.CSV, style=CsvStyle.SEMICOLON, with_input=True), ("with-file-columns", "semicolons")),
        (ExportOptions(ExportKind.CSV, raw=True), ("for-programs",)),
        (ExportOptions(ExportKind.PARQUET, with_input=True), ()),
        (ExportOptions(ExportKind.PDF), ()),
        (ExportOptions(ExportKind.PDF, customers=500), ("500-customers",)),
        (ExportOptions(ExportKind.PDF, customers=0), ("without-customers",)),
    ],
)
def test_a_variant_has_its_own_words_in_the_name_of_the_file(options: ExportOptions, words: tuple[str, ...]) -> None:
    assert options.words == words


@pytest.mark.parametrize(
    ("options", "has_input"),
    [
        (ExportOptions(ExportKind.XLSX), True),
        (ExportOptions(ExportKind.CSV), False),
        (ExportOptions(ExportKind.CSV, with_input=True), True),
        (ExportOptions(ExportKind.PDF, with_input=True), False),
    ],
)
def test_a_workbook_always_has_the_columns_of_the_file_and_a_csv_where_asked(
    options: ExportOptions, has_input: bool
) -> None:
    assert options.has_input is has_input
