"""A file that says what became of a campaign's members: a list of outcomes, or all customers at a later time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.question import Choice, Question, Subject

MAX_OTHERS_IN_LIST = 2
"""Columns of a list of outcomes besides id, outcome and day, such as a name and a remark."""
MIN_KNOWN_SHARE = 0.5
"""Share of the model's attributes from which a table is one of customers."""


class FileKind(StrEnum):
    """What a file is taken for.

    LIST: it says of each of its customers who left or stayed, and nothing about others. CUSTOMERS: it holds everybody
    who is still a customer, so members who are missing have left.
    """

    LIST = "list"
    CUSTOMERS = "customers"

    @property
    def words(self) -> str:
        return {FileKind.LIST: "a list of outcomes", FileKind.CUSTOMERS: "a file of all customers"}[self]


def kind_of(*, is_list: bool, others: int, known: int, attributes: int) -> FileKind | None:
    """What the file is; None if a person has to say.

    `is_list`: it has a column of ids and one of outcomes. `others` are its columns besides those and the day. It has
    `known` of the model's `attributes`.
    """
    if not is_list:
        return FileKind.CUSTOMERS
    if not known and others <= MAX_OTHERS_IN_LIST:
        return FileKind.LIST
    if known and known >= MIN_KNOWN_SHARE * attributes:
        return FileKind.CUSTOMERS
    return None


def kind_question(file_name: str) -> Question:
    return Question(
        Subject.KIND,
        f"Is {file_name} a list of outcomes, which says nothing about customers who are not in it, or does it hold all "
        "customers, so that members who are missing have left?",
        (Choice(FileKind.LIST, "A list of outcomes"), Choice(FileKind.CUSTOMERS, "All customers")),
    )


def ids_question(header: Sequence[str], candidates: Sequence[int]) -> Question:
    """Which column holds the ids, where several may."""
    choices = tuple(Choice(str(place), header[place].strip() or f"Column {place + 1}") for place in candidates)
    return Question(Subject.CUSTOMER, "Which column holds the customers’ ids?", choices)


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """How a person says that a file is to be read. None and empty: detect it.

    `id_position` is the place of the ids in the header, `id_name` the name of their column. `left` are the values of
    the column `truth` that mean left, chosen among the values `seen`.
    """

    kind: FileKind | None = None
    choice: FormatChoice = field(default_factory=FormatChoice)
    id_position: int | None = None
    id_name: str | None = None
    truth: str | None = None
    left: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()

    def with_answer(self, question: Question, values: Sequence[str]) -> OutcomeReading:
        """Raises InvalidInput for an answer that is not one of the choices."""
        if not question.accepts(values):
            raise InvalidInput("Choose one of the answers.", field="file")
        if question.about is Subject.KIND:
            return replace(self, kind=FileKind(values[0]))
        if question.about is Subject.CUSTOMER:
            return replace(self, id_position=int(values[0]))
        if question.about is Subject.LEFT:
            return replace(self, truth=question.column, left=tuple(values), seen=question.values)
        return replace(self, choice=self.choice.with_answer(question, values[0]))
