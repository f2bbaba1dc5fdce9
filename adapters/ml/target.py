"""Which column of a training file says who left, and which of its values means it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.casting import TextColumn
from domain.errors import InvalidInput
from domain.likeness import normalise

LIKELY_NAMES = (
    ("churn", "churned", "ischurn", "ischurned", "haschurned", "churnlabel", "churnflag", "churnvalue", "churnstatus"),
    ("exited", "attrition", "attritionflag", "attrited", "left", "hasleft", "leaver", "isleaver", "churnyn"),
    ("customerstatus", "cancelled", "canceled", "unsubscribed", "deactivated", "terminated", "target", "label"),
    ("status", "class", "y", "outcome"),
)
"""Normalised names, the likeliest first; a name of a later tier is looked at only where no earlier one fits."""
_POSITIVE = (
    "yes y true t 1 churn churned churner left leaver exited exit attrited attritedcustomer attrition cancelled "
    "canceled gone lost closed terminated deactivated unsubscribed inactive oui sim si ja"
)
_NEGATIVE = (
    "no n false f 0 stayed stay stayer active retained retain existing existingcustomer current loyal nochurn "
    "notchurned nonchurn nonchurner open remained non nao nein kept"
)
POSITIVE = frozenset(_POSITIVE.split())
NEGATIVE = frozenset(_NEGATIVE.split())
MOST_VALUES = 10
"""Distinct values up to which a column can be a target at all."""


@dataclass(frozen=True)
class Target:
    """The target column. `churned` bool (n) where `known` bool (n); `aside` lists values set aside, with rows."""

    column: str
    positive: str
    negative: str
    churned: NDArray[np.bool_]
    known: NDArray[np.bool_]
    aside: tuple[tuple[str, int], ...]
    empty: int


def find_target(columns: Sequence[TextColumn], *, named: str | None, positive: str | None) -> Target:
    """The target by name and content, or as named. Raises InvalidInput with one sentence on what to do."""
    if named is not None:
        return _as_target(_named(columns, named), positive)
    column = _likeliest(columns, positive)
    if column is None:
        raise InvalidInput(
            "The file has no column that says who left. Name the target column; "
            f"the columns are {_listed([column.name for column in columns])}.",
            field="target",
        )
    return _as_target(column, positive)


def _named(columns: Sequence[TextColumn], name: str) -> TextColumn:
    exact = [column for column in columns if column.name == name]
    alike = [column for column in columns if normalise(column.name) == normalise(name)]
    found = exact or alike
    if len(found) != 1:
        raise InvalidInput(
            f"The file has no column {name!r}; the columns are {_listed([column.name for column in columns])}.",
            field="target",
        )
    return found[0]


def _likeliest(columns: Sequence[TextColumn], positive: str | None) -> TextColumn | None:
    for tier in LIKELY_NAMES:
        fitting = [column for column in columns if normalise(column.name) in tier and _fits(column, positive)]
        fitting.sort(key=lambda column: tier.index(normalise(column.name)))
        if len(fitting) > 1:
            _must_agree(fitting[0], fitting[1:], positive)
        if fitting:
            return fitting[0]
    return None


def _fits(column: TextColumn, positive: str | None) -> bool:
    if not 2 <= len(column.values) <= MOST_VALUES:
        return False
    if positive is not None:
        return any(normalise(value) == normalise(positive) for value in column.values)
    return _recognised(column, POSITIVE) is not None and _recognised(column, NEGATIVE) is not None


def _must_agree(first: TextColumn, others: Sequence[TextColumn], positive: str | None) -> None:
    own = _as_target(first, positive)
    for other in others:
        theirs = _as_target(other, positive if _fits(other, positive) else None)
        both = own.known & theirs.known
        if np.mean(own.churned[both] == theirs.churned[both]) < 0.9:
            raise InvalidInput(
                f"Both {first.name!r} and {other.name!r} could say who left, and they disagree. "
                "Name the right one as the target.",
                field="target",
            )


def _as_target(column: TextColumn, positive: str | None) -> Target:
    if len(column.values) < 2:
        what = f"only {column.values[0]!r}" if column.values else "nothing"
        raise InvalidInput(
            f"The column {column.name!r} holds {what}: a model needs customers who left and customers who stayed.",
            field="target",
        )
    leaving = _positive_of(column, positive)
    staying = _negative_of(column, leaving)
    churned, stayed = column.codes == leaving, column.codes == staying
    aside = tuple(
        (value, int(column.counts[code])) for code, value in enumerate(column.values) if code not in (leaving, staying)
    )
    empty = len(column.codes) - column.filled
    return Target(column.name, column.values[leaving], column.values[staying], churned, churned | stayed, aside, empty)


def _positive_of(column: TextColumn, positive: str | None) -> int:
    if len(column.values) > MOST_VALUES:
        raise InvalidInput(
            f"The column {column.name!r} holds {len(column.values):,} different values, such as "
            f"{_listed(column.values[:3])}; a column that says who left holds two.",
            field="target",
        )
    if positive is None:
        found = _recognised(column, POSITIVE)
        if found is None:
            raise InvalidInput(
                f"Which value of {column.name!r} means that the customer left? It holds {_listed(column.values)}. "
                "Name it as the positive value.",
                field="positive",
            )
        return found
    for match in (lambda value: value == positive, lambda value: _spelling(value) == _spelling(positive)):
        for code, value in enumerate(column.values):
            if match(value):
                return code
    raise InvalidInput(
        f"The column {column.name!r} has no value {positive!r}; it holds {_listed(column.values)}.", field="positive"
    )


def _negative_of(column: TextColumn, leaving: int) -> int:
    found = _recognised(column, NEGATIVE)
    if found is not None and found != leaving:
        return found
    others = [code for code in range(len(column.values)) if code != leaving]
    if len(others) > 1:
        raise InvalidInput(
            f"The column {column.name!r} holds {_listed(column.values)}: which of them stayed cannot be told. "
            "Use a column with two values.",
            field="target",
        )
    return others[0]


def _recognised(column: TextColumn, words: frozenset[str]) -> int | None:
    """The one value among these words; None where none or several are."""
    found = [code for code, value in enumerate(column.values) if _spelling(value) in words]
    return found[0] if len(found) == 1 else None


def _spelling(value: str) -> str:
    """Case, spaces and punctuation put aside; "1.0" and "1" are one."""
    return normalise(value[:-2] if value.endswith(".0") else value)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value) for value in values[:12])
    return shown + (f" and {len(values) - 12} more" if len(values) > 12 else "")
