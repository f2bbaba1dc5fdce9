"""The customers that two runs share, for a split of the change of their risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from application.ports.columns import CustomerColumns
from application.ports.models import Scorer
from domain.customer import Customer
from domain.risk_split import BaseRisk, SplitSums


@dataclass(frozen=True, slots=True)
class SharedCustomers:
    """The mean risk in two runs, and some customers of both, the same one in each row of `before` and `after`.

    Of the columns, only `probability` and the attributes.
    """

    base: BaseRisk
    before: CustomerColumns
    after: CustomerColumns


class RiskSplitter(Protocol):
    """Splits changes of risk into values and model, by scoring customers again. See `domain.risk_split`.

    `old` is the model of the earlier run, `new` that of the later one. They are the same if their versions are.
    """

    def of_customers(self, before: CustomerColumns, after: CustomerColumns, old: Scorer, new: Scorer) -> SplitSums:
        """Sums over the customers of both, the same one in each row, as in `SharedCustomers`."""

    def of_customer(self, before: Customer, after: Customer, old: Scorer, new: Scorer, *, change: float) -> SplitSums:
        """The same for one customer whose stored probability changed by `change`."""
