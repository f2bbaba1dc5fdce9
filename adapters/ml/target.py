"""Which column of a training file says who left, and which of its values means it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.intake.levels import FALSE_WORDS, TRUE_WORDS, truth_words
from adapters.ml.casting import TextColumn
from domain.errors import InvalidInput, ValueUnclear
from domain.likeness import normalise, spelling_key
from domain.schema import plain_words

_STATUS_NAMES = (
    "customerstatus accountstatus subscriptionstatus subscriberstatus clientstatus linestatus contractstatus "
    "servicestatus membershipstatus"
)
_NAMES = (
    "churn churned ischurn ischurned haschurned churnlabel churnflag churnvalue churnstatus",
    "exited attrition attritionflag attrited left hasleft leaver isleaver churnyn",
    "",
    f"{_STATUS_NAMES} cancelled canceled unsubscribed deactivated terminated target label",
    "status class y outcome",
)
LIKELY_NAMES = tuple(tuple(names.split()) for names in _NAMES)
"""Normalised names, the likeliest first; a name of a later tier is looked at only where no earlier one fits."""
SPEAKING = 2
"""The tier of longer names that speak of leaving, such as "Churn in next 30 days"; those before it are unmistakable."""
_OF_LEAVING = re.compile(r"\b(churn|attrit)")
_OF_ANOTHER_THING = re.compile(
    r"predict|score|prob|risk|previous|prior|last|past|ever|reason|category|type|date|churn month|segment|rate"
    r"|count|number"
)
_OF_STAYING = re.compile(r"\b(active|retained|stayed|staying|stayer|loyal|renewed|ativ[oa]|activ[oa]|aktiv|actif)\b")
_POSITIVE = (
    "yes y true t 1 churn churned churner left leaver exited exit attrited attritedcustomer attrition cancelled "
    "canceled gone lost closed terminated deactivated disconnected unsubscribed inactive portedout oui sim si ja"
)
_NEGATIVE = (
    "no n false f 0 -1 stayed stay stayer active retained retain existing existingcustomer current loyal nochurn "
    "notchurned nonchurn nonchurner open remained non nao nein kept"
)
POSITIVE = frozenset(_POSITIVE.split()) | TRUE_WORDS
NEGATIVE = frozenset(_NEGATIVE.split()) | FALSE_WORDS
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
    values: tuple[str, ...] = ()
    """All distinct values of the column."""


def find_target(
    columns: Sequence[TextColumn], *, named: str | None, positive: str | None, seen: Sequence[str] = ()
) -> Target:
    """The target by name and content, or as named. Raises InvalidInput with one sentence on what to do.

    `seen` are the values of the named column among which `positive` was chosen, where that was not all of the file.
    """
    if named is not None:
        column = _named(columns, named)
        if seen and positive is not None:
            _must_still_mean_it(column, positive, seen)
        return _as_target(column, positive)
    column = _likeliest(columns, positive) or _of_an_unmistakable_name(columns)
    if column is None:
        raise _nobody_says_who_left(columns)
    return _as_target(column, positive)


def _must_still_mean_it(column: TextColumn, positive: str, seen: Sequence[str]) -> None:
    """Raises ValueUnclear where further values cast doubt on a choice that was made without them."""
    known = {spelling_key(value) for value in seen}
    further = [value for value in column.values if spelling_key(value) not in known]
    if not further or len(column.values) > MOST_VALUES:
        return
    own = _leaving_by_itself(column)
    if own is not None and _alike(column.values[own], positive):
        return
    raise ValueUnclear(
        f"Further down, {column.name!r} also holds {_listed(further)}, which the first rows did not show. "
        "Which value means that the customer left?",
        column=column.name,
        values=column.values,
    )


def _nobody_says_who_left(columns: Sequence[TextColumn]) -> InvalidInput:
    for tier in range(SPEAKING + 1, len(LIKELY_NAMES)):
        for column in _of_tier(columns, tier):
            if 2 <= len(column.values) <= MOST_VALUES:
                return _which_value(column)
    return InvalidInput(
        "The file has no column that says who left. Name one that does; "
        f"the columns are {_listed([column.name for column in columns])}.",
        field="target",
    )


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
    """The column of the likeliest name that holds words for those who left and for those who stayed."""
    for tier in range(len(LIKELY_NAMES)):
        fitting = [column for column in _of_tier(columns, tier) if _fits(column, positive)]
        if len(fitting) > 1:
            _must_agree(fitting[0], fitting[1:], positive)
        if fitting:
            return fitting[0]
    return None


def _of_an_unmistakable_name(columns: Sequence[TextColumn]) -> TextColumn | None:
    """Whatever it holds: what is unclear about it is then asked."""
    return next((column for tier in range(SPEAKING + 1) for column in _of_tier(columns, tier)), None)


def _of_tier(columns: Sequence[TextColumn], tier: int) -> list[TextColumn]:
    if tier == SPEAKING:
        return [column for column in columns if _speaks_of_leaving(column.name)]
    names = LIKELY_NAMES[tier]
    found = [column for column in columns if normalise(column.name) in names]
    return sorted(found, key=lambda column: names.index(normalise(column.name)))


def _speaks_of_leaving(name: str) -> bool:
    words = plain_words(name).casefold()
    known = any(normalise(name) in names for names in LIKELY_NAMES)
    return not known and _OF_LEAVING.search(words) is not None and _OF_ANOTHER_THING.search(words) is None


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
        if not both.any() or np.mean(own.churned[both] == theirs.churned[both]) < 0.9:
            raise InvalidInput(
                f"Both {first.name!r} and {other.name!r} could say who left, and they disagree. "
                "Name the right one as the target.",
                field="target",
            )


def _as_target(column: TextColumn, positive: str | None) -> Target:
    """Other spellings of the two values count as they do in a file to score."""
    if len(column.values) < 2:
        what = f"only {column.values[0]!r}" if column.values else "nothing"
        raise InvalidInput(
            f"The column {column.name!r} holds {what}: a model needs customers who left and customers who stayed.",
            field="target",
        )
    leaving = _positive_of(column, positive)
    staying = _negative_of(column, leaving)
    words = truth_words(column.values[staying], column.values[leaving])
    meaning = np.array([words.get(spelling_key(value), -1) for value in column.values], np.int8)
    found = np.append(meaning, np.int8(-1))[column.codes]
    aside = tuple((column.values[code], int(column.counts[code])) for code in np.flatnonzero(meaning < 0))
    empty = len(column.codes) - column.filled
    return Target(
        column=column.name,
        positive=column.values[leaving],
        negative=column.values[staying],
        churned=found == 1,
        known=found >= 0,
        aside=aside,
        empty=empty,
        values=tuple(column.values),
    )


def _positive_of(column: TextColumn, positive: str | None) -> int:
    if len(column.values) > MOST_VALUES:
        raise InvalidInput(
            f"The column {column.name!r} holds {len(column.values):,} different values, such as "
            f"{_listed(column.values[:3])}; a column that says who left holds two.",
            field="target",
        )
    if positive is None:
        found = _leaving_by_itself(column)
        if found is None:
            raise _which_value(column)
        return found
    for match in (lambda value: value == positive, lambda value: _spelling(value) == _spelling(positive)):
        for code, value in enumerate(column.values):
            if match(value):
                return code
    raise ValueUnclear(
        f"The column {column.name!r} has no value {positive!r}; it holds {_listed(column.values)}.",
        column=column.name,
        values=column.values,
    )


def _which_value(column: TextColumn) -> ValueUnclear:
    return ValueUnclear(
        f"Which value of {column.name!r} means that the customer left? It holds {_listed(column.values)}. "
        "Name it as the positive value, or name another column that says who left.",
        column=column.name,
        values=column.values,
    )


def _leaving_by_itself(column: TextColumn) -> int | None:
    """The value that means "left": a word for it, or what stands beside a word for "stayed".

    In a column that says who is active, "no" means it. Of 1 and 2, nobody can tell.
    """
    if _OF_STAYING.search(plain_words(column.name).casefold()) and _says_yes_or_no(column):
        return _recognised(column, NEGATIVE)
    found, staying = _recognised(column, POSITIVE), _recognised(column, NEGATIVE)
    if found is None and staying is not None and len(column.values) == 2:
        return 1 - staying
    numbered = found is not None and staying is None and _spelling(column.values[found]) == "1"
    return None if numbered else found


def _says_yes_or_no(column: TextColumn) -> bool:
    return all(spelling_key(value) in TRUE_WORDS | FALSE_WORDS for value in column.values)


def _negative_of(column: TextColumn, leaving: int) -> int:
    found = _recognised(column, POSITIVE if _spelling(column.values[leaving]) in NEGATIVE else NEGATIVE)
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
    """The one value among these words, or its most frequent spelling; None where there is none, or several."""
    found = [code for code, value in enumerate(column.values) if _spelling(value) in words]
    if not found or not all(_alike(column.values[found[0]], column.values[code]) for code in found):
        return None
    return max(found, key=lambda code: int(column.counts[code]))


def _alike(value: str, other: str) -> bool:
    """Whether two values are spellings of one: "Yes" and "YES", "y" and "1"."""
    keys = {spelling_key(value), spelling_key(other)}
    return len(keys) == 1 or keys <= TRUE_WORDS or keys <= FALSE_WORDS


def _spelling(value: str) -> str:
    """Case, spaces and punctuation put aside; "1.0" and "1" are one, "-1" is another."""
    whole = re.sub(r"(?<=\d)\.0+$", "", value)
    return whole if whole == "-1" else normalise(whole)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value) for value in values[:12])
    return shown + (f" and {len(values) - 12} more" if len(values) > 12 else "")
