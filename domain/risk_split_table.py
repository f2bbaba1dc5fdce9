"""The split of a change of risk as lines of a file."""

from __future__ import annotations

from domain.csv_text import Cell
from domain.risk_split import CausePart, Part, RiskSplit

HEADER = ("cause", "part", "change", "standard_error", "points_shown", "share_changed", "mean_move")
"""Columns of the CSV. Changes and errors are differences of probabilities; `points_shown` are those of the pages."""


def split_rows(split: RiskSplit) -> list[list[Cell]]:
    """The whole change, then each cause, followed by its parts. Cells that do not apply are empty."""
    unit = 10**split.decimals
    rows: list[list[Cell]] = [["all", None, split.change, None, split.units / unit, None, None]]
    for cause in split.causes:
        rows.append([*_row(cause, cause, None, unit), None, None])
        rows += [_row(cause, part, part.name or part.kind.value, unit) + _values(part) for part in cause.parts]
    return rows


def _row(cause: CausePart, own: CausePart | Part, name: str | None, unit: int) -> list[Cell]:
    return [cause.cause.value, name, own.value, own.error, own.units / unit]


def _values(part: Part) -> list[Cell]:
    return [part.changed if part.changed else None, part.mean_move]
