"""Whether the amounts of a column can be compared: whether they can all be in one currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.errors import FileRefused
from domain.vocabulary.money import currency_of


@dataclass(slots=True)
class Currencies:
    """The currencies of a column, each with the first cell that has it. A sign such as "$" goes with several codes."""

    signs: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def add(self, cells: Iterable[str]) -> None:
        for cell in cells:
            sign, code = currency_of(cell) or ("", "")
            if sign:
                self.signs.setdefault(sign, cell)
            if code:
                self.codes.setdefault(code, cell)

    @property
    def two(self) -> tuple[str, str] | None:
        """Two cells in different currencies; None if all can be in one."""
        for places in (self.signs, self.codes):
            if len(places) > 1:
                first, second, *_ = places.values()
                return first, second
        return None

    def must_be_one(self, column: str) -> None:
        """Raises FileRefused for amounts in different currencies, of which one would get wrong scores."""
        if self.two is not None:
            raise FileRefused(
                f"The column “{column[:60]}” has amounts in different currencies, such as “{self.two[0][:40]}” and "
                f"“{self.two[1][:40]}”, which cannot be compared.",
                advice="Convert them to one currency, or make one file for each currency.",
            )
