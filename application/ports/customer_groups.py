"""The part of the store of scored customers that distinguishes customers of one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from domain.customer_query import CustomerGroup, CustomerQuery, Grouping
from domain.prediction import BandLimits
from domain.reason_rarity import ReasonCounts
from domain.run import RunId


class CustomerGroups(Protocol):
    """Groups and counts of a run's customers. Raises ResultMissing if the result was deleted."""

    def customer_groups(
        self, run_id: RunId, query: CustomerQuery, by: Grouping, *, bands: BandLimits
    ) -> tuple[CustomerGroup, ...]:
        """The matching customers in groups, highest expected gain first, ties by number of customers.

        Likely leavers are grouped by the reasons that raise their risk, the others by those that lower it.
        """

    def reason_counts(self, run_id: RunId, typical: Mapping[str, float], *, bands: BandLimits) -> ReasonCounts:
        """How common each reason is in each band. `typical` are the typical values of number columns.

        Counted when it is first asked for, and cached.
        """
