"""Where a customer's risk stands among those of the same file."""

from __future__ import annotations

from dataclasses import dataclass

TENTHS_OF_A_PERCENT = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """`lower` of the `others` have a lower risk. Both are counts of customers."""

    lower: int
    others: int

    @property
    def is_highest(self) -> bool:
        """Whether all others have a lower risk."""
        return self.others > 0 and self.lower == self.others

    @property
    def share_below(self) -> float:
        """The share of the others with a lower risk, rounded down to tenths of a per cent: 100% says all of them."""
        return self.lower * TENTHS_OF_A_PERCENT // self.others / TENTHS_OF_A_PERCENT if self.others else 0.0
