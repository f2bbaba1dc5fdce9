"""A customer: one row of a customer file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NewType

CustomerId = NewType("CustomerId", str)

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
