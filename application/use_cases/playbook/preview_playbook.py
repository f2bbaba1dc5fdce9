"""What a changed playbook would recommend to the customers of the latest prediction, before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from application.ports.columns import CustomerColumns
from application.ports.models import PlaybookTrial
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, visible_to
from domain.account import Account, Permission
from domain.formats import FormatsOf
from domain.message import left_out
from domain.playbook import Action, Playbook
from domain.policy import InstallationPolicy
from domain.recommendation import Addressee, Recommendation, price_action, words_for
from domain.run import ActionTotal, JobState, Run
from domain.schema import CustomerSchema

EXAMINED = 50_000
"""Customers of a run that a preview reads; of more, every n-th in the order of risk."""


@dataclass(frozen=True, slots=True)
class PreviewedAction:
    """An action with its customers and gain under the latest version and under the change."""

    action: Action
    customers_before: int
    customers: int
    gain_before: float
    gain: float

    @property
    def differs(self) -> bool:
        return self.customers != self.customers_before


@dataclass(frozen=True, slots=True)
class PreviewedOffer:
    """The changed action for one customer of the run, whose id is not known here.

    `best`: the change recommends it to the customer; else it may only be offered. `left_out` are the sentences of the
    message that name something unknown of the customer.
    """

    recommendation: Recommendation
    monthly_revenue: float | None
    best: bool
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaybookPreview:
    """Both versions on one run. `every` is above 1 where only every n-th customer was read, so that all are estimates.

    Both are calculated with today's economics and the actions in force today. `offer` is None without a changed
    action, and where no customer may get it.
    """

    run: Run
    every: int
    actions: tuple[PreviewedAction, ...]
    offer: PreviewedOffer | None = None

    def of(self, action_id: str) -> PreviewedAction:
        """Raises StopIteration for an action of neither version."""
        return next(one for one in self.actions if one.action.id == action_id)

    def others(self, action_id: str) -> tuple[PreviewedAction, ...]:
        """The other actions that win or lose customers by the change."""
        return tuple(one for one in self.actions if one.differs and one.action.id != action_id)

    @property
    def gain_before(self) -> float:
        return sum(one.gain_before for one in self.actions)

    @property
    def gain(self) -> float:
        return sum(one.gain for one in self.actions)


@dataclass(frozen=True, slots=True)
class PreviewPlaybook:
    """Applies a playbook to the latest finished prediction. None if there is none, or its result is gone."""

    new_uow: NewUnitOfWork
    results: ResultStore
    trial: PlaybookTrial
    clock: Clock
    formats_of: FormatsOf

    def with_action(self, action: Action, *, by: Account) -> PlaybookPreview | None:
        """With this action in place of the one with its id, or added."""
        return self._preview(lambda latest: latest.with_action(action), by, action)

    def without_action(self, action_id: str, *, by: Account) -> PlaybookPreview | None:
        return self._preview(lambda latest: latest.without_action(action_id), by, None)

    def _preview(
        self, change: Callable[[Playbook], Playbook], by: Account, action: Action | None
    ) -> PlaybookPreview | None:
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            runs = uow.runs.find(RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=1)).runs
            if not runs:
                return None
            run, policy = runs[0], uow.policies.get()
            schema = uow.models.get(run.model_version).schema
            latest = uow.playbooks.latest()
        today = policy.today(self.clock.now())
        before, after = latest.in_force(today), change(latest).in_force(today)
        every = max(1, -(-_scored(run) // EXAMINED))
        sample = self.results.sample(run.id, every)
        totals = self.trial.totals(sample, [before, after], schema=schema, economics=policy.economics, every=every)
        offer = self._offer(action, after, sample, schema, policy) if action else None
        return PlaybookPreview(run, every, _joined(latest, change(latest), *totals), offer)

    def _offer(
        self,
        action: Action,
        playbook: Playbook,
        sample: CustomerColumns,
        schema: CustomerSchema,
        policy: InstallationPolicy,
    ) -> PreviewedOffer | None:
        customer = self.trial.example(sample, action, playbook, schema=schema, economics=policy.economics)
        if customer is None:
            return None
        formats = self.formats_of(policy.currency)
        addressee = Addressee(customer.attributes, schema, customer.monthly_revenue)
        recommendation = price_action(
            action, addressee, probability=customer.probability, economics=policy.economics, formats=formats
        )
        unsaid = left_out(action.message, words_for(action, addressee, formats))
        return PreviewedOffer(recommendation, customer.monthly_revenue, customer.best, unsaid)


def _scored(run: Run) -> int:
    return run.summary.scored if run.summary else 0


def _joined(
    latest: Playbook, changed: Playbook, before: Sequence[ActionTotal], after: Sequence[ActionTotal]
) -> tuple[PreviewedAction, ...]:
    """The actions of the change, and after them those that it removes."""
    none = ActionTotal("", "", 0, 0.0)
    old, new = ({total.action_id: total for total in totals} for totals in (before, after))
    removed = [action for action in latest.actions if changed.action(action.id) is None]
    return tuple(
        PreviewedAction(
            action,
            old.get(action.id, none).customers,
            new.get(action.id, none).customers,
            old.get(action.id, none).expected_gain,
            new.get(action.id, none).expected_gain,
        )
        for action in (*changed.actions, *removed)
    )
