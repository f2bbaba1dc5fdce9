"""Sentences about columns of a scored file."""

from __future__ import annotations

import pytest
from babel import Locale

from adapters.formatting import babel_formats
from adapters.formatting.babel_formats import formats_of, formats_without_currency
from domain.file_report import column_remarks, odd_columns
from domain.run import ColumnReport
from domain.schema import Column, ColumnKind
from tests.builders import a_schema, a_summary

SCHEMA = a_schema(
    columns=(
        Column("usage_ratio", ColumnKind.NUMERIC, minimum=0.0, maximum=0.95),
        Column("TotalCharges", ColumnKind.NUMERIC, minimum=18.7, maximum=8459.1),
        Column("Contract", ColumnKind.CATEGORICAL, ("Monthly", "Yearly")),
    ),
    revenue_column=None,
    tenure_column=None,
)


@pytest.mark.parametrize(
    ("column", "remarks"),
    [
        (
            ColumnReport("Contract", unknown=60, unknown_examples=("Wöchentlich", "x")),
            ["Contract: 60 of 1,000 values are unknown to the model, such as “Wöchentlich”."],
        ),
        (
            ColumnReport("Contract", unknown=1, unknown_examples=("合同" * 50,)),
            [f"Contract: 1 of 1,000 values are unknown to the model, such as “{'合同' * 30}”."],
        ),
        (
            ColumnReport("usage_ratio", out_of_range=1000, out_of_range_example=61.9),
            ["usage_ratio: 1,000 of 1,000 values are out of the trained range (0 to 0.95), such as 61.9."],
        ),
        (
            ColumnReport("usage_ratio", out_of_range=2),
            ["usage_ratio: 2 of 1,000 values are out of the trained range (0 to 0.95)."],
        ),
        (
            ColumnReport("usage_ratio", unreadable=3, out_of_range=1, out_of_range_example=-4.0),
            [
                "usage_ratio: 1 of 1,000 values are out of the trained range (0 to 0.95), such as −4.",
                "usage_ratio: 3 of 1,000 values are not numbers.",
            ],
        ),
        (
            ColumnReport("TotalCharges", out_of_range=42, out_of_range_example=1_250_000.0),
            ["TotalCharges: 42 of 1,000 values are out of the trained range (18.7 to 8,459.1), such as 1,250,000."],
        ),
        (ColumnReport("usage_ratio", missing=5), []),
    ],
)
def test_remarks_name_the_column_the_number_and_an_example(column: ColumnReport, remarks: list[str]) -> None:
    summary = a_summary(columns=(column,), rows=1000, scored=1000, rejected=0)
    assert column_remarks(summary, SCHEMA, formats_without_currency()) == remarks
    assert odd_columns(summary) == [column]


def test_remarks_have_the_separators_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    column = ColumnReport("TotalCharges", out_of_range=1042, out_of_range_example=9000.5)
    summary = a_summary(columns=(column,), rows=12_000, scored=12_000, rejected=0)
    monkeypatch.setattr(babel_formats, "LOCALE", Locale("de"))
    assert column_remarks(summary, SCHEMA, formats_of.__wrapped__("XXX")) == [
        "TotalCharges: 1.042 of 12.000 values are out of the trained range (18,7 to 8.459,1), such as 9.000,5."
    ]
