"""Distribution of the training data, stored with a model to detect drift."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One attribute in training. `counts`: customers in each bin, then others ("new"), then missing.

    Numeric: `edges` are the inner decile edges, rising; a bin is [edge, next edge). Text: one bin for each of `levels`.
    """

    column: str
    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        return not self.levels


@dataclass(frozen=True, slots=True)
class TrainingProfile:
    """All attributes in training, in schema order."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    sample: bytes = b""
    """Bins of some of the customers, in no order: a byte for each column, row after row. Empty for earlier versions."""

    def of(self, column: str) -> ColumnProfile | None:
        return next((profile for profile in self.columns if profile.column == column), None)
