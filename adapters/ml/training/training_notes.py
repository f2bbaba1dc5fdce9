"""Notes that a training adds to its figures."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.formatting.figures import number
from adapters.ml.training.folds import Groups


def grouping_notes(groups: Groups) -> Iterator[str]:
    if groups.copies:
        yield f"{number(groups.copies)} rows repeat another row exactly; copies stay in one fold."
    if groups.repeated_ids:
        rows = number(groups.repeated_ids)
        yield f"{rows} rows are further rows of the same customers; a customer stays in one fold."
