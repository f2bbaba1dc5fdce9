"""How the risk of the customers changed from one run to another."""

from __future__ import annotations

from dataclasses import dataclass

from domain.prediction import RiskBand


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer of both runs, before and after. Rows are the data rows in each run's file."""

    customer_id: str
    row_before: int
    row_after: int
    before: float
    after: float
    band_before: RiskBand
    band_after: RiskBand

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class OneSided:
    """The customers that only one of two runs has."""

    customers: int
    likely: int
    by_band: dict[RiskBand, int]


@dataclass(frozen=True, slots=True)
class RiskChanges:
    """The customers of two runs, compared by id.

    `up` and `down` count customers of both runs whose risk changed noticeably. `transitions` counts customers of both
    by band before and band after. `risers` and `fallers` are those of both whose risk changed most, the strongest
    first.
    """

    in_both: int
    up: int
    down: int
    newly_likely: int
    no_longer_likely: int
    transitions: dict[tuple[RiskBand, RiskBand], int]
    new: OneSided
    gone: OneSided
    risers: tuple[Mover, ...]
    fallers: tuple[Mover, ...]

    @property
    def steady(self) -> int:
        return self.in_both - self.up - self.down
