"""Whether the units in a file's columns of numbers go with those of the model, and what to ask where they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.errors import FileRefused, InvalidInput, UnitUnclear
from domain.question import Choice, Question, Subject
from domain.schema import Column
from domain.units import (
    Unit,
    known_unit,
    may_be_unit,
    own_unit,
    unit_called,
    unit_named_in,
    unit_next_to,
    usual_units_of,
)
from domain.vocabulary.money import is_currency_after
from domain.vocabulary.spelling import normalise
from domain.vocabulary.units import PERCENT

BARE = ""
"""In place of a unit: a number without one."""


def chosen_units(column: Column, name: str) -> tuple[Unit, Unit]:
    """The unit of a column's values, and that of its numbers without a unit, which a person named.

    Where the model's numbers have no unit, the named one is theirs too. Raises InvalidInput for a unit that does not go
    with the model's.
    """
    bare = unit_called(name)
    unit = column.number_unit or bare
    if not bare.converts_to(unit):
        raise InvalidInput(
            f"The model counts “{column.name}” in {unit.name}, which {bare.name} cannot be converted to.", field="units"
        )
    return unit, bare


def refuse_other_units(column: str, unit: Unit | None, cells: Mapping[str, tuple[int, str]]) -> None:
    """Raises FileRefused if most of a column's numbers are in units that do not go with the model's `unit`.

    For a model without a unit it is UnitUnclear, which asks what the model's numbers are counted in.

    `cells` are the numbers of cells and an example, by unit as the file spells it. A single cell with another unit is
    no reason: it is read as text. Neither is what is no unit, such as the k of "20k".
    """
    without = cells.get(BARE, (0, ""))[0]
    with_unit = {
        spelled: count for spelled, count in cells.items() if may_be_unit(spelled) and not _is_plain(spelled, unit)
    }
    numbers = sum(count for count, _ in with_unit.values())
    fitting = {spelled for spelled in with_unit if unit is not None and unit_next_to(spelled, unit) is not None}
    if 2 * numbers <= without or 2 * sum(with_unit[spelled][0] for spelled in fitting) >= numbers:
        return
    example = next(text for spelled, (_, text) in with_unit.items() if spelled not in fitting)
    if unit is None:
        spelled = next(spelled for spelled in with_unit if spelled not in fitting)
        raise _model_unit_unclear(column, known_unit(spelled) or own_unit(spelled), example)
    raise unit_refused(column, unit, example)


def refuse_unit_of_header(header: str, column: Column, cells: Mapping[str, tuple[int, str]]) -> None:
    """Raises FileRefused for numbers without a unit under a header that says another unit than the model's column.

    `cells` are as for `refuse_other_units`. The model's own name is no reason.
    """
    unit, named = column.number_unit, unit_named_in(header)
    if unit is None or named is None or BARE not in cells or normalise(header) == normalise(column.name):
        return
    if named.converts_to(unit) and named.size != unit.size:
        raise _asked(
            header,
            f"By its name, the column “{header}” is in {named.name}. The model counts “{column.name}” in {unit.name}. "
            "Choose what the numbers of the file are counted in.",
            (named, unit),
        )


def _is_plain(spelled: str, unit: Unit | None) -> bool:
    """Whether the number is read without the sign: a percentage or an amount of money, for a model without units."""
    known = known_unit(spelled)
    return unit is None and (is_currency_after(f" {spelled}") or (known is not None and known.dimension == PERCENT))


def _model_unit_unclear(column: str, unit: Unit | None, example: str) -> FileRefused:
    text = (
        f"The column “{column}” has numbers with a unit, such as “{example}”. The model was trained on numbers without "
        "a unit, so nothing says how these compare."
    )
    if unit is None:
        return FileRefused(text, advice="Write the numbers as in the training file, without a unit.")
    return _asked(column, f"{text} Choose what the model’s numbers are counted in.", usual_units_of(unit))


def _asked(column: str, text: str, units: Sequence[Unit]) -> UnitUnclear:
    choices = tuple(Choice(unit.name, unit.name) for unit in units)
    return UnitUnclear(Question(Subject.UNIT, text, choices, column))


def unit_refused(column: str, unit: Unit, example: str) -> FileRefused:
    return FileRefused(
        f"The model counts the column “{column}” in {unit.name}. The file has numbers of something else in it, such as "
        f"“{example}”.",
        advice=f"Convert them to {unit.name}, or match another column.",
    )


def refuse_bare_numbers(
    column: str, unit: Unit, *, bare: str | None, other: str | None, other_unit: Unit | None = None
) -> None:
    """Raises UnitUnclear if some numbers have no unit, and others have one that is not the model's: `other_unit`.

    A column whose name says the model's unit needs no unit in its cells.
    """
    if bare is None or other is None or unit_named_in(column) == unit:
        return
    raise _asked(
        column,
        f"In the column “{column}”, some numbers have a unit (“{other}”) and others have none (“{bare}”), so nothing "
        "says what these are. Choose what the numbers without a unit are counted in.",
        tuple(dict.fromkeys((other_unit or unit, unit))),
    )
