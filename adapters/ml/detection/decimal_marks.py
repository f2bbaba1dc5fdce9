"""Decides the decimal mark of each column of a training file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.intake.number_marks import collect
from adapters.ml.detection.column_roles import Roles
from adapters.ml.detection.text_columns import TextColumn
from domain.number_marks import JudgedColumn, MarkEvidence, decimal_marks
from domain.training import TrainingRequest


def with_decimal_marks(
    columns: Sequence[TextColumn], roles: Roles, request: TrainingRequest, *, delimiter: str
) -> list[TextColumn]:
    """The columns with the decimal mark that their numbers demand. What a person chose applies to all of them.

    Raises DecimalUnclear for a column of numbers that can be read in two ways.
    """
    in_roles = {column.name for column in (roles.month, *roles.ids, *roles.periods) if column is not None}
    judged = {
        place: JudgedColumn(column.name, _evidence_of(column))
        for place, column in enumerate(columns)
        if column.name not in in_roles and column.is_numeric
    }
    if request.format_override.decimal is not None or not judged:
        return list(columns)
    _, marks = decimal_marks(judged, delimiter=delimiter, usual=columns[0].decimal)
    return [
        replace(column, decimal=marks[place]) if marks.get(place, column.decimal) != column.decimal else column
        for place, column in enumerate(columns)
    ]


def _evidence_of(column: TextColumn) -> MarkEvidence:
    import pyarrow as pa

    evidence = MarkEvidence()
    collect(evidence, pa.array(column.values, pa.string()))
    return evidence
