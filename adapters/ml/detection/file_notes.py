"""Notes on how a labelled file was read: rows left out, cells that give the answer away, units, words among numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.formatting.figures import number, percent
from adapters.ml.detection.attribute_column import AttributeColumn
from adapters.ml.detection.target import Target
from adapters.ml.detection.text_columns import MAX_WORDS
from domain.schema import ColumnKind
from domain.units import note_on


def notes_on_file(target: Target, attributes: Sequence[AttributeColumn]) -> tuple[str, ...]:
    """All notes, those on the target first."""
    about_columns = (_on_blanks(attributes), _on_units(attributes), _on_words(attributes))
    return (*_on_target(target), *(note for notes in about_columns for note in notes))


def _on_target(target: Target) -> Iterable[str]:
    for value, rows in target.aside:
        yield (
            f"{number(rows)} customers whose {target.column!r} is {value!r} were left out: that is neither "
            f"{' or '.join(map(repr, (target.positive, *target.further)))} nor {target.negative!r}."
        )
    if target.empty:
        yield f"{number(target.empty)} customers without a {target.column!r} were left out."


def _on_words(attributes: Sequence[AttributeColumn]) -> Iterable[str]:
    for own in attributes:
        words = own.text.words if own.kind is ColumnKind.NUMERIC else []
        if words:
            listed = ", ".join(f"{word!r} ({number(rows)} customers)" for word, rows in words[:MAX_WORDS])
            blanks = " Empty cells count as the same." if (own.text.codes < 0).any() else ""
            yield (
                f"{own.name!r} is read as numbers. Not a number: {listed}. The model learns from these customers as a "
                f"separate group, whose value is shown as unknown.{blanks}"
            )


def _on_units(attributes: Sequence[AttributeColumn]) -> Iterable[str]:
    for own in attributes:
        if own.text.unit is not None:
            yield note_on(own.name, own.text.unit)


def _on_blanks(attributes: Sequence[AttributeColumn]) -> Iterable[str]:
    for own in attributes:
        if own.blanks is not None:
            yield (
                f"{own.name!r} {own.blanks} ({percent(own.missing_rate)} of them all). Its values are used; that a "
                "cell is empty is not, since it would give the answer away. A customer without a value counts as "
                "typical."
            )
