"""Which customers a later run has, by plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from application.ports.columns import CustomerBatch
from application.ports.follow_up import FollowUp
from application.ports.results import ScoredCustomer
from domain.customer import Customer, CustomerId
from domain.prediction import Prediction, RiskBand
from domain.recommendation import LEAVE_ALONE
from domain.run import RunId
from domain.shift import AttributeDrift
from tests.fakes.result_figures import Stored


class FollowUps:
    """The part of InMemoryResults that compares two runs."""

    def _stored(self, run_id: RunId) -> Stored:
        raise NotImplementedError

    def follow_up(
        self,
        before: RunId | None,
        after: RunId,
        customers: Sequence[str],
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> FollowUp:
        later = self._stored(after).customers
        on_rows(len(later))
        return followed(None if before is None else self._stored(before).customers, later, customers)

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        """Nothing moved, as far as this one knows; None of few customers."""
        few = min(len(self._stored(run).customers) for run in (before, after)) < 50
        return tuple(
            AttributeDrift(name, None if few else 0.0, by_chance=None if few else 0.1)
            for name in self._stored(before).schema.names
        )

    def follow_into(self, before: RunId | None, after: Iterable[CustomerBatch], customers: Sequence[str]) -> FollowUp:
        later = [
            _scored(row) for batch in after for row in batch.data.select(_kept(batch.data.schema.names)).to_pylist()
        ]
        return followed(None if before is None else self._stored(before).customers, later, customers)


def _kept(names: Sequence[str]) -> list[str]:
    return [name for name in ("row", "id", "month", "actual") if name in names]


def _scored(row: dict[str, Any]) -> ScoredCustomer:
    customer = Customer(CustomerId(row["id"]), row["row"])
    prediction = Prediction(customer.id, customer.row, 0.5, likely_to_leave=False, band=RiskBand.MEDIUM)
    return ScoredCustomer(
        customer, prediction, LEAVE_ALONE, 0.0, None, month=row.get("month"), actual=row.get("actual")
    )


def followed(
    before: Sequence[ScoredCustomer] | None, after: Sequence[ScoredCustomer], customers: Sequence[str]
) -> FollowUp:
    rows: dict[str, list[ScoredCustomer]] = {}
    for one in after:
        rows.setdefault(str(one.customer.id), []).append(one)
    last = max((one.month or "" for one in after), default="")
    several = len(rows) < len(after) and last != ""
    present, marked, unsaid = set(), set(), set()
    for customer in customers:
        latest = max((one.month or "" for one in rows.get(customer, [])), default="")
        own = [one.actual for one in rows.get(customer, []) if (one.month or "") == latest]
        if own and (not several or latest == last):
            present.add(customer)
        if True in own:
            marked.add(customer)
        if own and set(own) == {None}:
            unsaid.add(customer)
    base = set(customers) if before is None else {str(one.customer.id) for one in before}
    has_truth = any(one.actual is not None for one in after)
    return FollowUp(
        customers=len(base),
        found=len(base & rows.keys()),
        present=frozenset(present),
        marked=frozenset(marked),
        unsaid=frozenset(unsaid & present) if has_truth else frozenset(),
        has_truth=has_truth,
    )
