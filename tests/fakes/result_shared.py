"""The customers that two runs share, by plain loops."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from statistics import fmean

from application.ports.columns import CustomerColumns
from application.ports.results import ScoredCustomer
from application.ports.shared_customers import SharedCustomers
from domain.prediction import BandLimits
from domain.risk_split import BaseRisk
from domain.run import RunId
from tests.fakes.columns import columns_of
from tests.fakes.result_changes import latest_of
from tests.fakes.result_figures import Stored, labelled
from tests.fakes.result_follow_up import FollowUps


class SharedOnes(FollowUps):
    """The part of InMemoryResults that pairs the customers of two runs."""

    def find(self, run_id: RunId, customer_id: str, *, threshold: float, bands: BandLimits) -> ScoredCustomer | None:
        one = latest_of(self._stored(run_id).customers).get(customer_id)
        return None if one is None else labelled(one, threshold, bands)

    def shared_customers(self, before: RunId, after: RunId, *, most: int) -> SharedCustomers:
        old, new = (latest_of(self._stored(run_id).customers) for run_id in (before, after))
        both = sorted(old.keys() & new.keys(), key=lambda own: hashlib.sha256(own.encode()).digest())
        base = BaseRisk(
            len(old),
            len(new),
            len(both),
            _mean(list(old.values())),
            _mean(list(new.values())),
            _mean([old[own] for own in both]),
            _mean([new[own] for own in both]),
        )
        chosen = both[:most]
        return SharedCustomers(
            base,
            _columns([old[own] for own in chosen], self._stored(before)),
            _columns([new[own] for own in chosen], self._stored(after)),
        )


def _mean(customers: Sequence[ScoredCustomer]) -> float:
    return fmean(one.prediction.probability for one in customers) if customers else 0.0


def _columns(customers: Sequence[ScoredCustomer], stored: Stored) -> CustomerColumns:
    actions = [action.id for action in stored.playbook.actions]
    return columns_of(customers, attributes=stored.schema.names, actions=actions, with_extra=False)
