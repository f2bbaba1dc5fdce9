"""Results in memory: samples, and the actions of another playbook before they are published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from application.ports.columns import CustomerColumns
from application.ports.results import PreparedResult, Recommend, ScoredCustomer
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.recommendation import LEAVE_ALONE
from domain.run import Contacting, RunId
from tests.fakes.columns import columns_of
from tests.fakes.result_figures import Stored, contacting_of

if TYPE_CHECKING:
    from tests.fakes.results import InMemoryResults


def with_actions(stored: Stored, playbook: Playbook, recommend: Recommend) -> Stored:
    """The same customers, each with the action that `recommend` chooses."""
    columns = columns_of(stored.customers, attributes=stored.schema.names, actions=(), with_extra=False)
    best = recommend(columns)
    changed = [
        replace(one, action_id=playbook.actions[action].id if action >= 0 else LEAVE_ALONE, expected_gain=float(gain))
        for one, action, gain in zip(stored.customers, best.action, best.gain, strict=True)
    ]
    return replace(stored, customers=tuple(changed), playbook=playbook)


def sample_of(stored: Stored, every: int) -> CustomerColumns:
    """Every n-th customer in the order of risk, with the columns that a recommendation reads."""
    actions = [action.id for action in stored.playbook.actions]
    whole = columns_of(stored.customers[::every], attributes=stored.schema.names, actions=actions, with_extra=False)
    read = [name for name in whole.data.column_names if name == "probability" or name[:6] == "raise_"]
    attributes = [f"a{place}" for place in range(len(stored.schema.names))]
    return replace(whole, data=whole.data.select([*read, *attributes]), inputs=None)


@dataclass
class InMemoryPrepared:
    """Fulfils PreparedResult."""

    store: InMemoryResults
    run_id: RunId
    prepared: Stored

    @property
    def _alone(self) -> InMemoryResults:
        return replace(self.store, runs={self.run_id: self.prepared})

    @property
    def contacting(self) -> Contacting:
        return contacting_of(self.prepared.customers, self.prepared.playbook)

    @property
    def fingerprint(self) -> str | None:
        return self._alone.fingerprint(self.run_id)

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        yield from self._alone.best_contacts(self.run_id, limit, threshold=threshold, bands=bands)

    def publish(self) -> None:
        self.store.runs[self.run_id] = self.prepared

    def abandon(self) -> None:
        """Nothing is kept anywhere else."""


_: type[PreparedResult] = InMemoryPrepared
