"""Finding the column of a file that says who left, where no model names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.intake import TrainingTable


@dataclass(frozen=True, slots=True)
class LeavingColumn:
    """The column's name, its values for customers who left, and the one for those who stayed."""

    name: str
    left: tuple[str, ...]
    stayed: str


class LeavingColumns(Protocol):
    """Recognises the column as a training does."""

    def find(
        self, table: TrainingTable, *, named: str | None = None, left: Sequence[str] = (), seen: Sequence[str] = ()
    ) -> LeavingColumn | None:
        """None if no column says who left. Raises ValueUnclear where a person has to choose the values for left.

        `named`, `left` and `seen` are what a person chose: the column, its values for left, and those it knew then.
        """
