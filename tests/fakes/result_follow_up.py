"""Which customers a later run has, by plain loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from application.ports.follow_up import FollowUp
from application.ports.results import ScoredCustomer
from domain.run import RunId
from tests.fakes.result_figures import Stored


class FollowUps:
    """The part of InMemoryResults that follows customers into a later run."""

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
