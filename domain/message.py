"""What an action says to a customer: a text with names in braces that are filled in for each customer.

"|" separates sentences. A sentence that names something that is not known of the customer is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.schema import CustomerSchema
from domain.vocabulary.customers import names_personal
from domain.vocabulary.spelling import normalise

MAX_NAMES = 20
"""Names in braces of one message."""
SHOWN = 40
"""Characters of a mistake that a message about it quotes."""
_NAME = re.compile(r"\{([^{}|]*)\}")
_EXAMPLE = "Write {bill}, {reduced_bill} or a column of the customers such as {Contract}."


class Bill(StrEnum):
    """Amounts that a message may name beside the columns of the customers."""

    BILL = "bill"
    REDUCED = "reduced_bill"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Its fixed texts, with a name between every two of them."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def written(self) -> str:
        """The sentence as it is in the message."""
        return self.texts[0] + "".join(
            f"{{{name}}}{text}" for name, text in zip(self.names, self.texts[1:], strict=True)
        )

    def filled(self, words: Mapping[str, str | None]) -> str | None:
        """The sentence with the words of its names; None if one of them is unknown.

        Braces in the words themselves are not filled in.
        """
        said = [words[name] for name in self.names]
        known = [text for text in said if text is not None]
        if len(known) < len(said):
            return None
        return self.texts[0] + "".join(word + text for word, text in zip(known, self.texts[1:], strict=True))


@lru_cache(maxsize=1024)
def sentences_of(message: str) -> tuple[Sentence, ...]:
    """The sentences of a message. Braces that do not match are text."""
    parts = (_NAME.split(part.strip()) for part in message.split("|") if part.strip())
    return tuple(Sentence(tuple(own[0::2]), tuple(own[1::2])) for own in parts)


@lru_cache(maxsize=1024)
def names_in(message: str) -> tuple[str, ...]:
    """The different names in braces, as they are written and in this order."""
    return tuple(dict.fromkeys(name for sentence in sentences_of(message) for name in sentence.names))


def fill(message: str, words: Mapping[str, str | None]) -> str:
    """The message for a customer. `words` has what to write for each of its names, None where that is unknown."""
    filled = (sentence.filled(words) for sentence in sentences_of(message))
    return " ".join(text for text in filled if text is not None)


def left_out(message: str, words: Mapping[str, str | None]) -> tuple[str, ...]:
    """The sentences that `fill` leaves out, with their names in braces."""
    return tuple(sentence.written for sentence in sentences_of(message) if sentence.filled(words) is None)


def bill_named(name: str) -> Bill | None:
    """The amount that a name in braces means; None if it is that of a column."""
    key = normalise(name)
    return next((bill for bill in Bill if normalise(bill) == key), None)


def column_named(name: str, schema: CustomerSchema) -> str | None:
    """The attribute that a name in braces means: the one of this name, else the first with a like name; None if none.

    Names are compared as those of conditions are, without case, spaces and punctuation.
    """
    if name in schema.names:
        return name
    key = normalise(name)
    return next((own for own in schema.names if key and normalise(own) == key), None)


@dataclass(frozen=True, slots=True)
class MessageColumns:
    """The columns that a message may name: the attributes of the current model; `schema` is None without a model.

    `personal` are the columns of its training file that identify customers or name people.
    """

    schema: CustomerSchema | None = None
    personal: tuple[str, ...] = ()

    def problem_of(self, message: str) -> str | None:
        """Why a message cannot be saved; None if it can."""
        rest = _NAME.sub(lambda name: " " * len(name[0]), message)
        wrong = min((place for place in map(rest.find, "{}") if place >= 0), default=None)
        if wrong is not None:
            return f"The braces at “{message[wrong:][:SHOWN]}” do not match. {_EXAMPLE}"
        names = names_in(message)
        if any(not normalise(name) for name in names):
            return f"There is no name between the braces. {_EXAMPLE}"
        if len(names) > MAX_NAMES:
            return f"A message has at most {MAX_NAMES} different names in braces."
        personal = [name for name in names if self.is_personal(name)]
        if personal:
            return (
                f"“{{{personal[0][:SHOWN]}}}” cannot be filled in: such a column identifies a customer or a person, "
                "and messages are stored and exported. Leave it out."
            )
        return None

    def is_personal(self, name: str) -> bool:
        """Whether a name is that of a column that identifies a customer or a person.

        An attribute of the model is none: its content was looked at when the model was trained.
        """
        if bill_named(name) is not None or (self.schema and column_named(name, self.schema) is not None):
            return False
        own = (*self.personal, self.schema.id_column if self.schema else None)
        return normalise(name) in {normalise(column) for column in own if column} or names_personal(name)

    def unknown_in(self, message: str) -> tuple[str, ...]:
        """The names of a message that are no attribute of the model. Sentences with them are left out."""
        return tuple(
            name
            for name in names_in(message)
            if bill_named(name) is None and (self.schema is None or column_named(name, self.schema) is None)
        )
