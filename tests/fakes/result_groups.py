"""Groups of a result's customers and counts of their reasons, by plain loops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping

from application.ports.results import ScoredCustomer
from domain.customer_query import CustomerGroup, CustomerQuery, Grouping
from domain.prediction import BandLimits
from domain.reason_rarity import ReasonCounts, value_kind
from domain.run import RunId
from tests.fakes.result_figures import Stored, labelled


class GroupedOnes(ABC):
    """The part of InMemoryResults that implements the port CustomerGroups."""

    @abstractmethod
    def _stored(self, run_id: RunId) -> Stored: ...
    @abstractmethod
    def _matching(self, run_id: RunId, query: CustomerQuery, bands: BandLimits) -> list[ScoredCustomer]: ...

    def customer_groups(
        self, run_id: RunId, query: CustomerQuery, by: Grouping, *, bands: BandLimits
    ) -> tuple[CustomerGroup, ...]:
        schema = self._stored(run_id).schema
        members: dict[tuple[str | None, tuple[str, ...], bool | None], list[ScoredCustomer]] = {}
        for one in self._matching(run_id, query, bands):
            about = {own.attribute for own in one.prediction.shown}
            key = (
                (one.action_id, (), None)
                if by is Grouping.ACTION
                else (None, tuple(name for name in schema.names if name in about), one.prediction.likely_to_leave)
            )
            members.setdefault(key, []).append(one)
        groups = [
            CustomerGroup(
                len(own),
                sum(one.worth_contacting for one in own),
                sum(one.expected_gain for one in own if one.worth_contacting),
                action=action,
                reasons=reasons,
                likely=likely,
            )
            for (action, reasons, likely), own in members.items()
        ]
        return tuple(
            sorted(groups, key=lambda own: (-own.expected_gain, -own.customers, own.action or "", own.reasons))
        )

    def reason_counts(self, run_id: RunId, typical: Mapping[str, float], *, bands: BandLimits) -> ReasonCounts:
        everybody = [labelled(one, 0.5, bands).prediction for one in self._stored(run_id).customers]
        reasons = Counter(
            (own.band, reason.raises, reason.attribute, value_kind(reason.value, typical.get(reason.attribute)))
            for own in everybody
            for reason in (*own.raises, *own.lowers)
        )
        return ReasonCounts(Counter(own.band for own in everybody), reasons, typical)
