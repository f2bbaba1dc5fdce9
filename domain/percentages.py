"""Whether the numbers of a file's column and those of a model's are percentages or shares of 1: 12.5 % is 0.125."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import UnitUnclear
from domain.question import AS_WRITTEN, Choice, Question, Subject
from domain.schema import Column, ColumnKind
from domain.units import Unit
from domain.vocabulary.units import PERCENT, names_share

MAX_SHARE = 1.0
"""The largest number of a column of shares."""
MIN_OF_PERCENTAGES = 10.0
"""The largest trained number from which a column of plain numbers is none of shares: 10 would be 1,000 %."""
MIN_MEDIAN_OF_PERCENTAGES = 2.0
"""The same for the median of the trained numbers."""
NEARLY_ALL, HARDLY_ANY = 0.9, 0.1
"""Shares of a file's numbers within the trained range from which one reading is right and the other one wrong."""
MIN_NUMBERS, MIN_NUMBERS_BY_NAME = 15, 3
"""Different numbers that suggest shares where the model knows percentages: by their size alone, and for a column with
percent signs in the training file or a name that says it."""
MAX_MIXED = 0.01
"""Share of numbers without a percent sign among others that are read as percentages."""


class Scale(StrEnum):
    SHARE = "share"
    PERCENTAGE = "%"

    @property
    def unit(self) -> Unit:
        return Unit(self.value, PERCENT, 100 if self is Scale.SHARE else 1)

    def convert(self, number: float, to: Scale) -> float:
        """The number in another scale: the float nearest to the exact decimal result."""
        return self.unit.in_unit(number, to.unit)


SCALES = frozenset(scale.value for scale in Scale)


@dataclass(frozen=True, slots=True)
class Reading:
    """The scale of a column's numbers to the model, and that of the file's numbers without a percent sign."""

    scale: Scale
    plain: Scale


def scale_of(column: Column) -> Scale | None:
    """The scale of the numbers that a model learned from; None where both are possible."""
    if column.percent_signs:
        return Scale.PERCENTAGE
    if column.kind is not ColumnKind.NUMERIC or column.number_unit is not None or column.maximum is None:
        return None
    median = _median(column)
    if column.maximum > MIN_OF_PERCENTAGES or (median is not None and median > MIN_MEDIAN_OF_PERCENTAGES):
        return Scale.PERCENTAGE
    return Scale.SHARE if _are_shares(column) else None


def percent_reading(
    header: str, column: Column, *, signed: Sequence[float], plain: Sequence[float], chosen: str | None
) -> Reading | None:
    """How a file's column is read, None for numbers that are not converted.

    `signed` are different numbers with a percent sign, and `plain` those without one. `chosen` is what a person said
    about the numbers, a scale or AS_WRITTEN. Raises UnitUnclear for a column that can be read in two ways.
    """
    if chosen == AS_WRITTEN:
        return None
    scale = scale_of(column)
    if chosen is not None:
        return Reading(scale or Scale.SHARE, Scale(chosen))
    signed, plain = [number for number in signed if number], [number for number in plain if number]
    if signed:
        return _with_signs(header, column, scale, signed, plain)
    if scale is Scale.SHARE:
        _must_be_shares(header, column, plain)
        return Reading(scale, Scale.SHARE)
    _must_not_be_shares(header, column, plain)
    return None


def _with_signs(
    header: str, column: Column, scale: Scale | None, signed: Sequence[float], plain: Sequence[float]
) -> Reading | None:
    if scale is Scale.PERCENTAGE:
        return None
    if scale is None or _within(signed, column, each=1.0) >= NEARLY_ALL:
        scale = _by_range(signed, column)
    if scale is None:
        raise unclear_signs(header, column, signed[0])
    if scale is Scale.PERCENTAGE:
        return Reading(scale, scale)
    if len(plain) > MAX_MIXED * (len(plain) + len(signed)):
        raise mixed_signs(header, signed=signed[0], plain=plain[0])
    return Reading(Scale.SHARE, Scale.SHARE)


def _by_range(signed: Sequence[float], column: Column) -> Scale | None:
    as_shares, as_they_are = _within(signed, column, each=0.01), _within(signed, column, each=1.0)
    if as_shares >= NEARLY_ALL and as_they_are <= HARDLY_ANY:
        return Scale.SHARE
    return Scale.PERCENTAGE if as_they_are >= NEARLY_ALL and as_shares <= HARDLY_ANY else None


def _must_be_shares(header: str, column: Column, plain: Sequence[float]) -> None:
    """Raises UnitUnclear for numbers of which nearly all are 100 times those of a column of shares."""
    fitting = _within(plain, column, each=1.0), _within(plain, column, each=0.01)
    if not plain or fitting[0] > HARDLY_ANY or fitting[1] < NEARLY_ALL:
        return
    example = plain[0]
    raise _question(
        header,
        f"Nearly all numbers in the column “{header}” are about 100 times those that the model learned"
        f"{_range(column)}, such as {_shown(example)}. Are they percentages?",
        (
            Choice(Scale.PERCENTAGE.value, f"Percentages: {_shown(example)} is {_as(example, Scale.SHARE)}"),
            Choice(AS_WRITTEN, f"No: {_shown(example)} is {_shown(example)}"),
        ),
    )


def _must_not_be_shares(header: str, column: Column, plain: Sequence[float]) -> None:
    """Raises UnitUnclear for fractions of 1 where the model learned percentages."""
    median = _median(column)
    named = column.percent_signs or names_share(header) or names_share(column.name)
    enough = len(plain) >= (MIN_NUMBERS_BY_NAME if named else MIN_NUMBERS)
    usual = median is not None and median > MAX_SHARE and (column.maximum or 0.0) <= (1e3 if named else 100.0)
    fractions = sum(abs(number) < MAX_SHARE for number in plain)
    if not enough or not usual or max(map(abs, plain)) > MAX_SHARE or fractions < NEARLY_ALL * len(plain):
        return
    if _within(plain, column, each=100.0) < NEARLY_ALL:
        return
    example = plain[0]
    words = f"{100 * example:.12g}"
    raise _question(
        header,
        f"All numbers in the column “{header}” are up to 1, such as {_shown(example)}. The model learned larger ones"
        f"{_range(column)}. Are they shares of 1, and the model’s percentages?",
        (
            Choice(Scale.SHARE.value, f"Shares: {_shown(example)} is {words} to the model"),
            Choice(AS_WRITTEN, f"No: {_shown(example)} is {_shown(example)}"),
        ),
    )


def unclear_signs(header: str, column: Column, example: float) -> UnitUnclear:
    return _question(
        header,
        f"The column “{header}” has percentages, such as {_shown(example)}%. The model learned plain numbers"
        f"{_range(column)}, which can be shares of 1 or percentages.",
        (
            Choice(Scale.SHARE.value, f"Shares: {_shown(example)}% is {_as(example, Scale.SHARE)} to the model"),
            Choice(AS_WRITTEN, f"Percentages: {_shown(example)}% is {_shown(example)} to the model"),
        ),
    )


def mixed_signs(header: str, *, signed: float, plain: float) -> UnitUnclear:
    return _question(
        header,
        f"In the column “{header}”, some numbers have a percent sign ({_shown(signed)}%) and others have none "
        f"({_shown(plain)}). What are the others?",
        (
            Choice(Scale.PERCENTAGE.value, f"Percentages: {_shown(plain)} is {_as(plain, Scale.SHARE)}"),
            Choice(
                Scale.SHARE.value, f"Shares of 1: {_shown(plain)} is {_as(plain, Scale.PERCENTAGE, of_share=True)}%"
            ),
        ),
    )


def _question(header: str, text: str, choices: tuple[Choice, ...]) -> UnitUnclear:
    return UnitUnclear(Question(Subject.UNIT, text, choices, header))


def _are_shares(column: Column) -> bool:
    low = column.minimum if column.minimum is not None else 0.0
    return column.maximum is not None and 0.0 < column.maximum <= MAX_SHARE and low >= -MAX_SHARE


def _median(column: Column) -> float | None:
    try:
        return None if column.typical is None else float(column.typical)
    except ValueError:
        return None


def _within(numbers: Sequence[float], column: Column, *, each: float) -> float:
    """The share of the numbers, each times `each`, that are in the trained range."""
    low = float("-inf") if column.minimum is None else column.minimum
    high = float("inf") if column.maximum is None else column.maximum
    return sum(low <= each * number <= high for number in numbers) / len(numbers) if numbers else 0.0


def _range(column: Column) -> str:
    if column.minimum is None or column.maximum is None:
        return ""
    return f" ({_shown(column.minimum)} to {_shown(column.maximum)})"


def _as(number: float, scale: Scale, *, of_share: bool = False) -> str:
    return _shown((Scale.SHARE if of_share else Scale.PERCENTAGE).convert(number, scale))


def _shown(number: float) -> str:
    return f"{number:.12g}"
