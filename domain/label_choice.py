"""What a person chooses when a label is made: how each file is read, and what counts as having left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from domain.errors import FileRefused, InvalidInput, Unclear
from domain.file_format import FormatChoice
from domain.label_rule import LabelSource
from domain.presence import Returning
from domain.question import Question, Subject

MAX_FILES = 60


@dataclass(frozen=True, slots=True)
class SnapshotReading:
    """How a person says that one file is to be read. None: detect it. `month` is "YYYY-MM"."""

    choice: FormatChoice = field(default_factory=FormatChoice)
    id_name: str | None = None
    month: str | None = None

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        format_choice = document["choice"] | {"units": tuple(map(tuple, document["choice"]["units"]))}
        return cls(FormatChoice(**format_choice), document["id_name"], document["month"])


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """What a person chose. None and empty: detect it.

    `column` is a status or a date, `values` those of a status that mean left, chosen among `seen`. `as_of` is the day
    to which dates are compared, "YYYY-MM-DD".
    """

    source: LabelSource | None = None
    horizon: int = 1
    returning: Returning = Returning.LEFT
    column: str | None = None
    values: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    days: int | None = None
    as_of: str = ""

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        return cls(
            **{
                **document,
                "source": LabelSource(document["source"]) if document["source"] else None,
                "returning": Returning(document["returning"]),
                "values": tuple(document["values"]),
                "seen": tuple(document["seen"]),
            }
        )


class FileUnclear(Unclear):
    """A file of several can be read in several ways. `place` is its place among the files."""

    def __init__(self, question: Question, place: int, file_name: str) -> None:
        super().__init__(replace(question, text=f"{file_name[:60]}: {question.text}"))
        self.place, self.asked = place, question


def in_file(error: InvalidInput, place: int, file_name: str) -> InvalidInput:
    """The error with the file's name in front of it."""
    if error.question is not None:
        return FileUnclear(error.question, place, file_name)
    advice = error.advice if isinstance(error, FileRefused) else ""
    message = str(error).removesuffix(advice).strip()
    return FileRefused(f"{file_name[:60]}: {message}", advice=advice)


def with_answer(
    reading: SnapshotReading, choice: LabelChoice, question: Question, values: Sequence[str]
) -> tuple[SnapshotReading, LabelChoice]:
    """The reading of the file and the choices, with the answer. Raises InvalidInput for one that was not offered."""
    if not question.accepts(values):
        raise InvalidInput("Choose one of the answers.", field="file")
    if question.about is Subject.MONTH:
        return replace(reading, month=values[0]), choice
    if question.about is Subject.CUSTOMER:
        name = next(own.words for own in question.choices if own.value == values[0])
        return replace(reading, id_name=name), choice
    if question.about is Subject.LEFT:
        return reading, replace(choice, column=question.column, values=tuple(values), seen=question.values)
    return replace(reading, choice=reading.choice.with_answer(question, values[0])), choice
