"""A customer: one row of a customer file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NewType

from domain.errors import InvalidInput
from domain.vocabulary.text_marks import TEXT_MARKS, without_text_marks

CustomerId = NewType("CustomerId", str)

MAX_ID_LENGTH = 500

Value = str | float | bool | None
"""A cell as the model understood it: text for a level, a number, a yes/no, or missing."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer in one file. `row` is the data row's number in the file, from 1."""

    id: CustomerId
    row: int
    attributes: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.row < 1:
            raise ValueError(f"a customer's row counts from 1, not {self.row}")
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))


def stored_id(text: str) -> CustomerId:
    """An id that a person typed, as results store the ids of files: without surrounding spaces and a spreadsheet's
    marks. Leading zeros, inner spaces and letter case stay. Two ids are the same customer if these texts are equal.

    `adapters/intake/identity.py: cast_ids` does the same for the column of a file.
    """
    trimmed = text.strip()
    return CustomerId(without_text_marks(trimmed) if trimmed[:1] in TEXT_MARKS else trimmed)


def checked_id(text: str) -> CustomerId:
    """The id as results store it. Raises InvalidInput if it is empty or too long."""
    customer_id = stored_id(text)
    if not customer_id or len(customer_id) > MAX_ID_LENGTH:
        raise InvalidInput("Enter the customer’s id as it appears in your files.", field="customer_id")
    return customer_id
