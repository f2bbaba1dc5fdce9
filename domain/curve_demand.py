"""Demands on the direction of a curve: that a rise of a number never lowers, or never raises, the risk of leaving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from domain.errors import InvalidInput
from domain.formats import Formats
from domain.intervals import mean_interval
from domain.schema import ColumnKind
from domain.vocabulary.spelling import normalise

ADVICE = "Name another column, or withdraw the demand."
NAMES_SHOWN = 8
SMALLEST = 0.0001
"""The smallest difference of log-loss that is written as a number."""
_NO_NUMBERS = {
    ColumnKind.BOOLEAN: "has only two values",
    ColumnKind.CATEGORICAL: "holds words",
    ColumnKind.DATE: "holds dates",
}


class Direction(StrEnum):
    """What a rise of a number must never do. The value names it in options, forms and documents."""

    NEVER_LOWERS = "never-lowers"
    NEVER_RAISES = "never-raises"

    @property
    def words(self) -> str:
        return f"{self.value.replace('-', ' ')} the risk"

    @property
    def field(self) -> str:
        """The form field in which columns are named."""
        return self.value.replace("-", "_")

    @property
    def sign(self) -> int:
        """1 where the log-odds must not fall while the number rises, −1 where they must not rise."""
        return 1 if self is Direction.NEVER_LOWERS else -1


@dataclass(frozen=True, slots=True)
class CurveDemand:
    """That a rise of a numeric column, all else unchanged, never lowers (or never raises) the risk.

    Missing values are not compared with numbers.
    """

    column: str
    direction: Direction

    @property
    def words(self) -> str:
        """Such as "MonthlyCharges never lowers the risk"."""
        return f"{self.column} {self.direction.words}"


@dataclass(frozen=True, slots=True)
class KeptDemands:
    """The demands that a model keeps, and what they cost.

    `log_loss` is by how much they raise the mean log-loss of held-out customers, against the same settings and folds
    without them; negative if they lower it. `standard_error` is that of the paired difference.
    """

    demands: tuple[CurveDemand, ...]
    log_loss: float
    standard_error: float

    @property
    def is_within_chance(self) -> bool:
        """Whether the 95% interval of the difference contains 0."""
        low, high = mean_interval(self.log_loss, self.standard_error, 1)
        return low <= 0.0 <= high


def demands_on(columns: Mapping[Direction, Sequence[str]]) -> tuple[CurveDemand, ...]:
    """The demands on columns as a person named them, by direction; empty names are ignored."""
    named = ((name.strip(), direction) for direction in Direction for name in columns.get(direction, ()))
    return tuple(dict.fromkeys(CurveDemand(name, direction) for name, direction in named if name))


def demands_in(header: Sequence[str], demands: Sequence[CurveDemand]) -> tuple[CurveDemand, ...]:
    """The demands with the names of a file's header: the exact name, else the same one but for case and punctuation.

    Raises InvalidInput for a name that the header does not have, or a column with both directions.
    """
    resolved = dict.fromkeys(replace(own, column=_in_header(header, own)) for own in demands)
    directions: dict[str, Direction] = {}
    for own in resolved:
        if directions.setdefault(own.column, own.direction) is not own.direction:
            raise InvalidInput(
                f"“{own.column}” is demanded in both directions, so it could have no effect at all. Demand one "
                "direction only.",
                field=own.direction.field,
            )
    return tuple(resolved)


def _in_header(header: Sequence[str], demand: CurveDemand) -> str:
    if demand.column in header:
        return demand.column
    alike = [name for name in header if normalise(name) == normalise(demand.column)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        names = " or ".join(f"“{name}”" for name in alike)
        raise InvalidInput(
            f"“{demand.column}” may be {names}. Write the name exactly as in the file.", field=demand.direction.field
        )
    raise InvalidInput(
        f"The file has no column called “{demand.column}”, of which it is demanded that it {demand.direction.words}. "
        f"{_suggestion(header, demand.column)}",
        field=demand.direction.field,
    )


def _suggestion(header: Sequence[str], name: str) -> str:
    by_key = {normalise(own): own for own in header if own}
    similar = get_close_matches(normalise(name), by_key, n=1, cutoff=0.6)
    if similar:
        return f"Did you mean “{by_key[similar[0]]}”?"
    return f"Its columns begin with {', '.join(header[:NAMES_SHOWN])}."


def demands_must_concern_numbers(
    demands: Sequence[CurveDemand], *, target: str, kinds: Mapping[str, ColumnKind], left_out: Mapping[str, str]
) -> None:
    """Raises InvalidInput for a demand on a column that is no numeric attribute.

    `kinds` are those of the attributes, `left_out` says of the other columns why they are none: "names the customer".
    """
    for own in demands:
        why = _why_no_number(own.column, target, kinds, left_out)
        if why is not None:
            raise InvalidInput(
                f"It cannot be demanded that “{own.column}” {own.direction.words}: {why}. {ADVICE}",
                field=own.direction.field,
            )


def _why_no_number(
    column: str, target: str, kinds: Mapping[str, ColumnKind], left_out: Mapping[str, str]
) -> str | None:
    if column == target:
        return "it is the column that says who left"
    if column in left_out:
        return f"the model does not use it, because it {left_out[column]}"
    kind = kinds.get(column, ColumnKind.CATEGORICAL)
    if kind is ColumnKind.NUMERIC:
        return None
    return f"it {_NO_NUMBERS[kind]}, and only a column of numbers has a direction"


def kept_sentences(kept: KeptDemands | None, formats: Formats) -> tuple[str, ...]:
    """What the demands cost, and whether that is more than chance; nothing without demands."""
    if kept is None:
        return ()
    demanding = f"Demanding {_listed([f'that {own.words}' for own in kept.demands])}"
    if not kept.log_loss and not kept.standard_error:
        return (f"{demanding} costs nothing: no held-out customer is predicted differently.",)
    size, error = (_at_least(own, formats) for own in (abs(kept.log_loss), kept.standard_error))
    gains = kept.log_loss <= -SMALLEST / 2
    cost = f"reduces log-loss by {size} ± {error}" if gains else f"costs {size} ± {error} log-loss"
    chance = f"That is within chance: it may {'gain' if gains else 'cost'} nothing."
    return (f"{demanding} {cost}.", *([chance] if kept.is_within_chance else []))


def _at_least(value: float, formats: Formats) -> str:
    """The value with four decimals, or that it is smaller than that."""
    if value < SMALLEST / 2:
        return f"less than {formats.number(SMALLEST, decimals=4)}"
    return formats.number(value, decimals=4)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
