"""Reading a run: its result page, one customer, what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.ports.models import Explanation, ModelRegistry
from application.ports.persistence import PastRisk
from application.ports.results import CustomerPage, CustomerQuery, Group, Outlook, ResultStore, ScoredCustomer
from application.use_cases.access import NewUnitOfWork, owner_name, run_seen_by, visible_to
from application.use_cases.recommend import ranked_for
from domain.account import Account
from domain.customer import Value
from domain.errors import InvalidInput, ResultMissing
from domain.likeness import normalise
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook, Recommendation
from domain.run import Run, RunId, RunState
from domain.schema import ColumnKind, CustomerSchema

CHANGEABLE = (
    "contract",
    "monthlycharges",
    "monthlycharge",
    "techsupport",
    "premiumtechsupport",
    "onlinesecurity",
    "onlinebackup",
    "deviceprotection",
    "deviceprotectionplan",
    "paymentmethod",
    "paperlessbilling",
    "streamingtv",
    "streamingmovies",
    "multiplelines",
    "internationalplan",
    "intlplan",
    "voicemailplan",
    "vmailplan",
    "unlimiteddata",
)
"""Attributes that the company can change for a customer, by normalised name."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with all that its page shows besides customers."""

    run: Run
    model: ModelVersion
    policy: InstallationPolicy
    owner_name: str
    may_change: bool
    previous: Run | None = None


@dataclass(frozen=True, slots=True)
class ResultView:
    """The result page at a threshold."""

    view: RunView
    outlook: Outlook
    page: CustomerPage
    query: CustomerQuery
    playbook: Playbook


@dataclass(frozen=True, slots=True)
class ViewRun:
    """A run in any state, for whoever may see it."""

    new_uow: NewUnitOfWork

    def __call__(self, run_id: RunId, *, by: Account) -> RunView:
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
            return RunView(
                run=run,
                model=uow.models.get(run.model_version),
                policy=uow.policies.get(),
                owner_name=owner_name(uow, run.owner),
                may_change=by.may_change(run),
            )


@dataclass(frozen=True, slots=True)
class OpenResult:
    """A finished run's answer, and one page of its customers."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, run_id: RunId, query: CustomerQuery | None = None, *, by: Account) -> ResultView:
        view = ViewRun(self.new_uow)(run_id, by=by)
        if view.run.state is not RunState.DONE:
            raise InvalidInput("This prediction has no result yet.")
        with self.new_uow() as uow:
            playbook = uow.playbooks.get(view.run.playbook_version or 1)
        query = query or CustomerQuery(threshold=view.run.threshold)
        bands = view.policy.bands
        return ResultView(
            view=view,
            outlook=self.results.outlook(run_id, query.threshold, bands=bands),
            page=self.results.page(run_id, query, bands=bands),
            query=query,
            playbook=playbook,
        )


@dataclass(frozen=True, slots=True)
class CustomerView:
    """One customer of a run: the risk taken apart, what to do, what if, what was."""

    view: RunView
    scored: ScoredCustomer
    explanation: Explanation
    actions: tuple[Recommendation, ...]
    recommended: Recommendation | None
    past: tuple[PastRisk, ...]
    before: int | None
    after: int | None
    lower: int
    changeable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenCustomer:
    new_uow: NewUnitOfWork
    results: ResultStore
    registry: ModelRegistry

    def __call__(self, run_id: RunId, row: int, *, by: Account) -> CustomerView:
        view = ViewRun(self.new_uow)(run_id, by=by)
        with self.new_uow() as uow:
            playbook = uow.playbooks.get(view.run.playbook_version or 1)
        scored = self._scored(view, row)
        with self.new_uow() as uow:
            past = uow.predictions.history_of(str(scored.customer.id), visible_to=visible_to(by))
        actions = ranked_for(scored, playbook, view.policy.economics)
        before, after = self._neighbours(view, row)
        return CustomerView(
            view=view,
            scored=scored,
            explanation=self.registry.scorer(view.model.id).explain(scored.customer),
            actions=actions,
            recommended=next((a for a in actions if a.action_id == scored.action_id), None),
            past=tuple(past),
            before=before,
            after=after,
            lower=self._rank(view, row),
            changeable=changeable(view.model.schema),
        )

    def _scored(self, view: RunView, row: int) -> ScoredCustomer:
        """From the bulk store, or from the contact list when its retention period is over."""
        try:
            return self.results.customer(view.run.id, row, threshold=view.run.threshold, bands=view.policy.bands)
        except ResultMissing:
            with self.new_uow() as uow:
                contact = uow.predictions.get(view.run.id, row)
            if contact is None:
                raise
            return ScoredCustomer(
                customer=contact.customer,
                prediction=contact.prediction,
                action_id=contact.recommendation.action_id,
                expected_gain=contact.recommendation.expected_gain,
                monthly_revenue=contact.monthly_revenue,
            )

    def _neighbours(self, view: RunView, row: int) -> tuple[int | None, int | None]:
        try:
            return self.results.neighbours(view.run.id, row)
        except ResultMissing:
            return None, None

    def _rank(self, view: RunView, row: int) -> int:
        try:
            return self.results.rank(view.run.id, row)
        except ResultMissing:
            return 0


def changeable(schema: CustomerSchema) -> tuple[str, ...]:
    """The attributes of a what-if form: those the company can change, the most important first, at most eight."""
    own = [
        column for column in schema.columns if normalise(column.name) in CHANGEABLE or _is_revenue(schema, column.name)
    ]
    return tuple(column.name for column in sorted(own, key=lambda column: -column.importance)[:8])


def _is_revenue(schema: CustomerSchema, name: str) -> bool:
    return schema.revenue_column == name


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the model expects of a customer after changes that the company can make. Not a promise."""

    new_uow: NewUnitOfWork
    open_customer: OpenCustomer
    registry: ModelRegistry

    def __call__(
        self, run_id: RunId, row: int, changes: Mapping[str, str], *, by: Account
    ) -> tuple[CustomerView, Explanation, dict[str, Value]]:
        """The customer, the explanation with the changes, and what was really changed."""
        shown = self.open_customer(run_id, row, by=by)
        schema = shown.view.model.schema
        now = shown.scored.customer.attributes
        changed: dict[str, Value] = {}
        for name in shown.changeable:
            if name in changes:
                value = _understood(schema, name, changes[name])
                if value != now.get(name):
                    changed[name] = value
        customer = replace(shown.scored.customer, attributes={**now, **changed})
        return shown, self.registry.scorer(shown.view.model.id).explain(customer), changed


def _understood(schema: CustomerSchema, name: str, text: str) -> Value:
    column = schema.column(name)
    if not text.strip():
        return None
    if column.kind is not ColumnKind.NUMERIC:
        if text not in column.levels:
            raise InvalidInput(f"{column.label} has no value “{text[:40]}”.", field=name)
        return text
    try:
        number = float(text.replace(",", ""))
    except ValueError as error:
        raise InvalidInput(f"{column.label} needs a number, such as {column.typical}.", field=name) from error
    if number != number or number in (float("inf"), float("-inf")):
        raise InvalidInput(f"{column.label} needs a number, such as {column.typical}.", field=name)
    return number


@dataclass(frozen=True, slots=True)
class GroupCustomers:
    """Customers of a run by one attribute."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(
        self, run_id: RunId, attribute: str, *, by: Account, threshold: float | None = None
    ) -> Sequence[Group]:
        view = ViewRun(self.new_uow)(run_id, by=by)
        return self.results.groups(run_id, attribute, threshold=view.run.threshold if threshold is None else threshold)
