"""Checks that files are months of one base: labels and gradings use the same guards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from application.ports.snapshots import Snapshots
from domain.formats import Formats
from domain.label_figures import LabelFigures
from domain.label_guards import (
    MAX_KEPT,
    MIN_OF_VALUE,
    MIN_VALUE_SHARE,
    SpelledIds,
    Vanished,
    ids_must_be_spelled_alike,
    ids_must_not_be_reused,
    must_be_one_base,
    not_usual,
    spelling_difference,
)
from domain.vocabulary.columns import is_tenure

COMPARED = 20_000
"""Customers of two months whose time as a customer is compared."""


def guard_base(
    base: Snapshots, figures: LabelFigures, columns: Sequence[str], formats: Formats
) -> tuple[Vanished, ...]:
    """The values that vanished from one file to the next. Raises FileRefused for files that are no single base.

    `columns` are the names of a file in which the time as a customer is looked for.
    """
    months = [month.month for month in figures.months]
    spelled = []
    for earlier, later in pairwise(months):
        found = base.compare(earlier, later)
        if found.example is not None:
            spelled.append(SpelledIds(earlier, later, found.respelled, spelling_difference(*found.example)))
    customers = {month.month: month.customers for month in figures.months}
    ids_must_be_spelled_alike(spelled, customers, formats)
    at_least = max(MIN_OF_VALUE, int(MIN_VALUE_SHARE * max(customers.values(), default=0)))
    lost = base.lost_values(at_least=at_least, kept=MAX_KEPT)
    vanished = not_usual(
        [Vanished(own.month, own.column, own.value, own.customers, own.missing) for own in lost], figures
    )
    must_be_one_base(figures, vanished, formats)
    tenure = next((name for name in columns if is_tenure(name)), None)
    for earlier, later in pairwise(months) if tenure is not None else ():
        falls = base.falls(str(tenure), earlier, later, sample=COMPARED)
        ids_must_not_be_reused(earlier, str(tenure), compared=falls.compared, fell=falls.fell, formats=formats)
    return vanished
