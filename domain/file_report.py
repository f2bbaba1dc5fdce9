"""Which columns of a scored file need a look: values that the model does not know, and values that it never saw."""

from __future__ import annotations

from domain.formats import Formats
from domain.run import ColumnReport, RunSummary
from domain.schema import CustomerSchema
from domain.shift import has_moved
from domain.wording import range_end_words

MAX_EXAMPLE = 60
"""Characters shown of an unknown text."""


def odd_columns(summary: RunSummary) -> list[ColumnReport]:
    """Columns with blank, unknown, unreadable or out-of-range values, or with drift."""
    return [
        column
        for column in summary.columns
        if column.missing or column.unknown or column.out_of_range or column.unreadable or has_moved(column.state)
    ]


def column_remarks(summary: RunSummary, schema: CustomerSchema, formats: Formats) -> list[str]:
    """One sentence for each column with unknown, unreadable or out-of-range values, with an example."""
    return [remark for column in summary.columns for remark in _remarks_on(column, summary.scored, schema, formats)]


def _remarks_on(column: ColumnReport, scored: int, schema: CustomerSchema, formats: Formats) -> list[str]:
    def share(values: int) -> str:
        return f"{column.column}: {formats.number(values)} of {formats.number(scored)} values"

    remarks = []
    if column.unknown:
        example = f", such as “{column.unknown_examples[0][:MAX_EXAMPLE]}”" if column.unknown_examples else ""
        remarks.append(f"{share(column.unknown)} are unknown to the model{example}.")
    if column.out_of_range:
        shown = column.out_of_range_example
        example = "" if shown is None else f", such as {range_end_words(shown, formats)}"
        remarks.append(
            f"{share(column.out_of_range)} are out of the trained range"
            f"{_range_of(column.column, schema, formats)}{example}."
        )
    if column.unreadable:
        remarks.append(f"{share(column.unreadable)} are not numbers.")
    return remarks


def _range_of(name: str, schema: CustomerSchema, formats: Formats) -> str:
    column = schema.column(name) if name in schema.names else None
    if column is None or column.minimum is None or column.maximum is None:
        return ""
    return f" ({range_end_words(column.minimum, formats)} to {range_end_words(column.maximum, formats)})"
