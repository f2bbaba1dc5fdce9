"""Finds the target column of a training file and its value for customers who left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.intake.levels import truth_words
from adapters.ml.detection.text_columns import TextColumn
from domain.errors import InvalidInput, ValueUnclear
from domain.vocabulary.columns import LEAVING_TIER, TARGET_NAMES
from domain.vocabulary.customers import names_place
from domain.vocabulary.leaving import YesMeans, is_status, may_say_who_left, yes_means
from domain.vocabulary.spelling import normalise, spelling_key
from domain.vocabulary.values import (
    BARE_NO,
    BARE_YES,
    BY_WORD_LEFT,
    BY_WORD_STAYED,
    FALSE_WORDS,
    LEFT_WORDS,
    MINUS_ONE,
    STAYED_WORDS,
    TRUE_WORDS,
)

MAX_VALUES = 10
"""Distinct values up to which a column can be a target."""


@dataclass(frozen=True)
class Target:
    """The target column. `churned` bool (n) where `known` bool (n); `aside` lists left-out values with their rows."""

    column: str
    positive: str
    negative: str
    churned: NDArray[np.bool_]
    known: NDArray[np.bool_]
    aside: tuple[tuple[str, int], ...]
    empty: int
    values: tuple[str, ...] = ()
    """All distinct values of the column."""
    further: tuple[str, ...] = ()
    """Other values than `positive` that mean that a customer left."""


def find_target(
    columns: Sequence[TextColumn], *, named: str | None, positives: Sequence[str] = (), seen: Sequence[str] = ()
) -> Target:
    """Find the target by name and content, or as requested. Raises InvalidInput with one sentence on what to do.

    `positives` are all values that mean left, and `seen` the values among which they were chosen, if only a part of the
    file was known then.
    """
    if named is not None:
        column = _named(columns, named)
        if seen and positives:
            _must_still_mean_it(column, positives, seen)
        return _as_target(column, positives)
    likeliest = _likeliest(columns, positives) or _of_an_unmistakable_name(columns)
    if likeliest is None:
        raise _nobody_says_who_left(columns)
    return _as_target(likeliest, positives)


def _must_still_mean_it(column: TextColumn, positives: Sequence[str], seen: Sequence[str]) -> None:
    """Raises ValueUnclear if further values make an earlier choice ambiguous."""
    known = {spelling_key(value) for value in seen}
    further = [value for value in column.values if spelling_key(value) not in known]
    if not further or len(column.values) > MAX_VALUES:
        return
    own = _leaving_by_itself(column)
    if own is not None and any(_alike(column.values[own], positive) for positive in positives):
        return
    raise ValueUnclear(
        f"Further down, {column.name!r} also holds {_listed(further)}, which the first rows did not show. "
        "Which value means that the customer left?",
        column=column.name,
        values=column.values,
    )


def _nobody_says_who_left(columns: Sequence[TextColumn]) -> InvalidInput:
    """A question about the likeliest column that may say who left; without one, what is missing."""
    possible = [column for column in _possible(columns) if 2 <= len(column.values) <= MAX_VALUES]
    possible = [own for own in possible if not names_place(own.name) or _has_words(own, LEFT_WORDS | STAYED_WORDS)]
    if possible:
        return _which_value(possible[0])
    return InvalidInput(
        "The file has no column that says who left. Name one that does; "
        f"the columns are {_listed([column.name for column in columns])}.",
        field="target",
    )


def _possible(columns: Sequence[TextColumn]) -> list[TextColumn]:
    """Columns whose names may say who left, the likeliest first. None of them is used without a question."""
    named = [column for tier in range(LEAVING_TIER + 1, len(TARGET_NAMES)) for column in _of_tier(columns, tier)]
    unclear = [column for column in columns if yes_means(column.name) is YesMeans.UNCLEAR]
    status = [column for column in columns if is_status(column.name)]
    mentioning = [column for column in columns if yes_means(column.name) is not None]
    binary = [column for column in columns if may_say_who_left(column.name) and _holds_0_and_1(column)]
    return [*unclear, *named, *status, *mentioning, *binary]


def _holds_0_and_1(column: TextColumn) -> bool:
    return {_spelling(value) for value in column.values} == {"0", "1"}


def _has_words(column: TextColumn, words: frozenset[str]) -> bool:
    """Whether a value is one of these words. "State" may hold states of the customer, or of the country."""
    return any(_spelling(value) in words for value in column.values)


def _named(columns: Sequence[TextColumn], name: str) -> TextColumn:
    exact = [column for column in columns if column.name == name]
    alike = [column for column in columns if normalise(column.name) == normalise(name)]
    matches = exact or alike
    if len(matches) != 1:
        raise InvalidInput(
            f"The file has no column {name!r}; the columns are {_listed([column.name for column in columns])}.",
            field="target",
        )
    return matches[0]


def _likeliest(columns: Sequence[TextColumn], positives: Sequence[str]) -> TextColumn | None:
    """The column with the most likely name that has words for customers who left and who stayed."""
    for tier in range(len(TARGET_NAMES)):
        fitting = [column for column in _of_tier(columns, tier) if _fits(column, positives)]
        if len(fitting) > 1:
            _must_agree(fitting[0], fitting[1:], positives)
        if fitting:
            return fitting[0]
    return None


def _of_an_unmistakable_name(columns: Sequence[TextColumn]) -> TextColumn | None:
    """The column with an unambiguous name, whatever its values. Unclear values are asked for later."""
    return next((column for tier in range(LEAVING_TIER) for column in _of_tier(columns, tier)), None)


def _of_tier(columns: Sequence[TextColumn], tier: int) -> list[TextColumn]:
    if tier == LEAVING_TIER:
        exact = {name for names in TARGET_NAMES for name in names}
        longer = [column for column in columns if normalise(column.name) not in exact]
        return [column for column in longer if (means := yes_means(column.name)) is not None and means.is_sure]
    names = TARGET_NAMES[tier]
    tier_columns = [column for column in columns if normalise(column.name) in names]
    tier_columns.sort(key=lambda column: names.index(normalise(column.name)))
    return [*tier_columns, *_statuses(columns)] if tier == LEAVING_TIER + 1 else tier_columns


def _statuses(columns: Sequence[TextColumn]) -> list[TextColumn]:
    """States of the customer in any language with words for left or stayed, such as "estado_cliente": Activo, Baja."""
    exact = {name for names in TARGET_NAMES for name in names}
    longer = [own for own in columns if is_status(own.name) and normalise(own.name) not in exact]
    return [own for own in longer if _has_words(own, BY_WORD_LEFT | BY_WORD_STAYED)]


def _fits(column: TextColumn, positives: Sequence[str]) -> bool:
    if not 2 <= len(column.values) <= MAX_VALUES:
        return False
    if positives:
        return set(map(normalise, positives)) <= set(map(normalise, column.values))
    decided = _leaving_by_itself(column)
    both = _recognised(column, LEFT_WORDS) is not None and _recognised(column, STAYED_WORDS) is not None
    return both and decided is not None


def _must_agree(first: TextColumn, others: Sequence[TextColumn], positives: Sequence[str]) -> None:
    own = _as_target(first, positives)
    for other in others:
        theirs = _as_target(other, positives if _fits(other, positives) else ())
        both = own.known & theirs.known
        if not both.any() or np.mean(own.churned[both] == theirs.churned[both]) < 0.9:
            raise InvalidInput(
                f"Both {first.name!r} and {other.name!r} could say who left, and they disagree. "
                "Name the right one as the target.",
                field="target",
            )


def _as_target(column: TextColumn, positives: Sequence[str]) -> Target:
    """The target of a column. Other spellings of the two values count, as in a file to score."""
    if len(column.values) < 2:
        what = f"only {column.values[0]!r}" if column.values else "nothing"
        raise InvalidInput(
            f"The column {column.name!r} holds {what}: a model needs customers who left and customers who stayed.",
            field="target",
        )
    leaving = _positives_of(column, positives)
    left = [column.values[code] for code in leaving]
    staying = _negative_of(column, leaving)
    words = truth_words(column.values[staying], *left)
    meaning = np.array([words.get(spelling_key(value), -1) for value in column.values], np.int8)
    codes = np.append(meaning, np.int8(-1))[column.codes]
    aside = tuple((column.values[code], int(column.counts[code])) for code in np.flatnonzero(meaning < 0))
    empty = len(column.codes) - column.filled
    return Target(
        column=column.name,
        positive=left[0],
        further=tuple(left[1:]),
        negative=column.values[staying],
        churned=codes == 1,
        known=codes >= 0,
        aside=aside,
        empty=empty,
        values=tuple(column.values),
    )


def _positives_of(column: TextColumn, positives: Sequence[str]) -> list[int]:
    """The values that mean left, as codes; the detected one where none is named."""
    if len(column.values) > MAX_VALUES:
        raise InvalidInput(
            f"The column {column.name!r} holds {number(len(column.values))} different values, such as "
            f"{_listed(column.values[:3])}; a column that says who left holds two.",
            field="target",
        )
    if positives:
        return list(dict.fromkeys(_code_of(column, positive) for positive in positives))
    leaving_code = _leaving_by_itself(column)
    if leaving_code is None:
        raise _which_value(column)
    return [leaving_code]


def _code_of(column: TextColumn, positive: str) -> int:
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
        "Name it as the positive value (several may mean left), or name another column that says who left.",
        column=column.name,
        values=column.values,
    )


def _leaving_by_itself(column: TextColumn) -> int | None:
    """The value that means "left": a word for it, or the other value if one is a word for "stayed".

    Yes, no, 1 and 0 mean what the column's name says: in "not_churned" and "active", no means left. For a name that
    does not say it, such as "status", and for 1 and 2 or 0, 1 and 2, it is unknown.
    """
    leaving, staying = _recognised(column, BY_WORD_LEFT), _recognised(column, BY_WORD_STAYED)
    if leaving is not None:
        return leaving
    two = len(column.values) == 2
    if staying is not None and two:
        return 1 - staying
    means = yes_means(column.name)
    if means is None or means.left is None or _has_further_codes(column):
        return None
    yes, no = _recognised(column, BARE_YES), _recognised(column, BARE_NO)
    leaving, staying = (yes, no) if means.left else (no, yes)
    if staying is not None and leaving is None and two and _spelling(column.values[staying]) not in ("0", "1"):
        return 1 - staying
    numbered = leaving is not None and staying is None and _spelling(column.values[leaving]) in ("0", "1")
    return None if numbered else leaving


def _has_further_codes(column: TextColumn) -> bool:
    """Whether there are other numbers next to 0 and 1, such as 2 for another way of leaving."""
    spelled = {_spelling(value) for value in column.values}
    return bool(spelled & {"0", "1"}) and any(own.isdigit() for own in spelled - {"0", "1"})


def _negative_of(column: TextColumn, leaving: Sequence[int]) -> int:
    reversed_words = _spelling(column.values[leaving[0]]) in STAYED_WORDS
    staying = _recognised(column, LEFT_WORDS if reversed_words else STAYED_WORDS)
    if staying is not None and staying not in leaving:
        return staying
    others = [code for code in range(len(column.values)) if code not in leaving]
    if len(others) == 1:
        return others[0]
    if others:
        raise ValueUnclear(
            f"The column {column.name!r} has the values {_listed(column.values)}: which of them stayed is unclear. "
            "Name every value that means left, so that one value remains, or use a column with two values.",
            column=column.name,
            values=column.values,
        )
    raise ValueUnclear(
        f"Every value of {column.name!r} is named as left; one of {_listed(column.values)} has to mean stayed.",
        column=column.name,
        values=column.values,
    )


def _recognised(column: TextColumn, words: frozenset[str]) -> int | None:
    """The only value among these words, or its most frequent spelling; None if there is none or several."""
    codes = [code for code, value in enumerate(column.values) if _spelling(value) in words]
    if not codes or not all(_alike(column.values[codes[0]], column.values[code]) for code in codes):
        return None
    return max(codes, key=lambda code: int(column.counts[code]))


def _alike(value: str, other: str) -> bool:
    """Whether two values are spellings of the same value: "Yes" and "YES", "y" and "1"."""
    keys = {spelling_key(value), spelling_key(other)}
    return len(keys) == 1 or keys <= TRUE_WORDS or keys <= FALSE_WORDS | {MINUS_ONE}


def _spelling(value: str) -> str:
    """A value without case, spaces and punctuation. "1.0" and "1" are equal, "-1" is different."""
    whole = re.sub(r"(?<=\d)\.0+$", "", value)
    return whole if whole == MINUS_ONE else normalise(whole)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value) for value in values[:12])
    return shown + (f" and {len(values) - 12} more" if len(values) > 12 else "")
