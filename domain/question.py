"""Questions about a file that only a person can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_CHOICES = 50
"""Maximum number of a column's values that a person can choose from."""

AS_WRITTEN = "as-written"
"""The answer that numbers are not converted."""
KNOWN_BEFORE, KNOWN_AFTERWARDS = "before", "afterwards"
"""The answers to when a column is known: before a customer leaves, or only once somebody has left."""


class Subject(StrEnum):
    """What a question is about. The value names the choice that answers it, in forms and in `FormatChoice`."""

    DECIMAL = "decimal"
    DATE_ORDER = "date_order"
    ENCODING = "encoding"
    LEFT = "positive"
    CUSTOMER = "id_column"
    UNIT = "units"
    KNOWN = "known"
    KIND = "kind"
    MONTH = "month"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer, and the words that a button shows for it."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question in one or two sentences, with its possible answers. `column` is the column that it is about."""

    about: Subject
    text: str
    choices: tuple[Choice, ...]
    column: str | None = None

    @property
    def several(self) -> bool:
        """Whether more than one choice can be right at once."""
        return self.about is Subject.LEFT and len(self.choices) > 2

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    def accepts(self, answer: Sequence[str]) -> bool:
        """Whether the answer is one of the choices, or several where that is possible."""
        return bool(answer) and set(answer) <= set(self.values) and (self.several or len(answer) == 1)
