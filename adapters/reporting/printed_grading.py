"""The section of a printed report on what happened after the prediction."""

from __future__ import annotations

from typing import Any

from adapters.formatting.babel_formats import formats_without_currency
from adapters.reporting.printed_table import PrintedColumn
from adapters.reporting.text_fit import fit
from application.ports.reports import ReportContent
from domain.grading import Grading
from domain.grading_words import answer_sentences, figure_lines, how_words, model_words

COLUMNS = (
    PrintedColumn("Figure", 30, "label"),
    PrintedColumn("What it says", 42, "hint", emphasis="quiet"),
    PrintedColumn("Value", 28, "value", numeric=True, emphasis="strong"),
)
TENTH_COLUMNS = (
    PrintedColumn("Tenth of customers, riskiest first", 34, "tenth"),
    PrintedColumn("Customers", 16, "customers", numeric=True),
    PrintedColumn("Expected to leave", 20, "expected", numeric=True),
    PrintedColumn("Left", 14, "left", numeric=True, emphasis="strong"),
    PrintedColumn("Lift", 16, "lift", numeric=True),
)
SENTENCE_CHARACTERS = 240


def grading(content: ReportContent) -> dict[str, Any] | None:
    """None for a prediction that is not graded."""
    own, formats = content.grading, formats_without_currency()
    if own is None:
        return None
    return {
        "answer": " ".join(answer_sentences(own, formats)),
        "help": model_words(own),
        "columns": COLUMNS,
        "rows": [
            {"label": line.label, "hint": line.hint, "value": line.value}
            for line in figure_lines(own.figures, own.threshold, formats)
        ],
        "tenth_columns": TENTH_COLUMNS,
        "tenths": _tenths(own),
        "how": [fit(sentence, SENTENCE_CHARACTERS) for sentence in how_words(own, content.graded_by, formats)],
    }


def _tenths(own: Grading) -> list[dict[str, str]]:
    formats = formats_without_currency()
    return [
        {
            "tenth": formats.number(place),
            "customers": formats.number(tenth.customers),
            "expected": formats.number(tenth.expected),
            "left": formats.number(tenth.left),
            "lift": f"{formats.number(own.figures.lift(tenth), decimals=2)}×",
        }
        for place, tenth in enumerate(own.figures.tenths, start=1)
    ]
