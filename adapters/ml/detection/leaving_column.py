"""Finds the column that says who left in a file that is neither scored nor trained on."""

from __future__ import annotations

from collections.abc import Sequence

from application.ports.intake import TrainingTable
from application.ports.leaving_columns import LeavingColumn, LeavingColumns
from domain.errors import InvalidInput, Unclear


class DetectedLeavingColumns:
    """Looks as the detection of a training's target does, which it imports at its first use."""

    def find(
        self, table: TrainingTable, *, named: str | None = None, left: Sequence[str] = (), seen: Sequence[str] = ()
    ) -> LeavingColumn | None:
        from adapters.ml.detection.target import find_target
        from adapters.ml.detection.text_columns import text_column

        names = [str(name).strip() for name in table.header]
        columns = [
            text_column(name, table.data.iloc[:, place], table.decimal)
            for place, name in enumerate(names)
            if name and names.count(name) == 1
        ]
        try:
            target = find_target(columns, named=named, positives=left, seen=seen)
        except Unclear:
            raise
        except InvalidInput:
            return None
        return LeavingColumn(target.column, (target.positive, *target.further), target.negative)


_: type[LeavingColumns] = DetectedLeavingColumns
