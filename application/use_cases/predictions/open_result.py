"""Queries for a run: the result page, one customer, and what-if predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.models import Explanation, ModelRegistry
from application.ports.predictions import Contact
from application.ports.results import CustomerPage, Group, ResultStore, ScoredCustomer, ThresholdFigures
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, owner_names, run_seen_by, visible_to
from application.use_cases.predictions.contacting import with_contacting
from application.use_cases.predictions.past_risks import RiskByMonth, risk_by_month
from application.use_cases.predictions.recommend import ranked_for
from domain.account import Account
from domain.answer import AnswerFigures, figures_of
from domain.customer import Value
from domain.customer_query import CustomerGroup, CustomerQuery, Grouping
from domain.do_not_contact import Entry
from domain.errors import InvalidInput, ResultMissing
from domain.expected_quality import ExpectedQuality
from domain.formats import FormatsOf
from domain.history import history_after
from domain.model import ModelVersion
from domain.playbook import FIRST_PLAYBOOK, Playbook
from domain.policy import InstallationPolicy
from domain.reason_rarity import ReasonCounts, typical_numbers
from domain.recommendation import GainParts, Recommendation, gain_parts
from domain.run import JobState, Run, RunId
from domain.schema import CustomerSchema
from domain.standing import Standing
from domain.task import Task
from domain.training_overlap import with_same_file
from domain.vocabulary.columns import is_changeable


@dataclass(frozen=True, slots=True)
class RunView:
    """A run and the data that every page about it shows, without customers."""

    run: Run
    model: ModelVersion
    policy: InstallationPolicy
    playbook: Playbook
    owner_name: str
    may_change: bool
    previous: Run | None = None
    latest_playbook: int = FIRST_PLAYBOOK
    task: Task | None = None
    """The latest task that chooses the run's actions again."""

    @property
    def outdated(self) -> bool:
        """Whether the playbook has changed since the actions were chosen."""
        return self.playbook.version < self.latest_playbook

    @property
    def recomputing(self) -> bool:
        return self.task is not None and not self.task.state.ended

    @property
    def default_sort(self) -> str:
        """The order of the customers unless another is chosen: by expected gain where there is one, else by risk."""
        contacting = self.run.summary.contacting if self.run.summary else None
        return "gain" if contacting and contacting.customers else "risk"

    @property
    def answer_figures(self) -> AnswerFigures | None:
        """The figures at the run's own threshold; None until it has a result."""
        return figures_of(self.run.summary) if self.run.summary else None


@dataclass(frozen=True, slots=True)
class ResultView:
    """The result page at a threshold.

    `groups` are None unless the customers are grouped. `values` are those of the attribute that is to be filtered by,
    with all customers of the run.
    """

    view: RunView
    at_threshold: ThresholdFigures
    page: CustomerPage
    query: CustomerQuery
    counts: ReasonCounts
    groups: tuple[CustomerGroup, ...] | None = None
    values: tuple[Group, ...] = ()

    @property
    def answer_figures(self) -> AnswerFigures:
        return self.at_threshold.answer_figures(self.view.run)

    @property
    def expected(self) -> ExpectedQuality | None:
        """The estimated quality at this threshold; None where the model learned from these customers."""
        summary = self.view.run.summary
        if summary is None or summary.overlap is not None:
            return None
        return self.at_threshold.expected(self.view.model.evaluation)


@dataclass(frozen=True, slots=True)
class ViewRun:
    """View a run in any state. Raises RunNotFound if the account may not see it."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, run_id: RunId, *, by: Account) -> RunView:
        with self.new_uow() as uow:
            view = run_view(uow, run_id, by)
        return replace(view, run=with_contacting(view.run, self.results))


def run_view(uow: UnitOfWork, run_id: RunId, by: Account) -> RunView:
    """Raises RunNotFound for a run that the person may not see."""
    run = run_seen_by(uow, run_id, by)
    model = uow.models.get(run.model_version)
    return RunView(
        run=with_same_file(run, model),
        model=model,
        policy=uow.policies.get(),
        playbook=uow.playbooks.get(run.playbook_version or FIRST_PLAYBOOK),
        owner_name=owner_names(uow)[run.owner],
        may_change=by.may_change(run),
        latest_playbook=uow.playbooks.latest().version,
        task=uow.tasks.latest_of(run.id),
    )


@dataclass(frozen=True, slots=True)
class OpenResult:
    """Opens a finished run: its totals, and one page of its customers."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(
        self,
        run_id: RunId,
        query: CustomerQuery | None = None,
        *,
        by: Account,
        group: Grouping | None = None,
        choosing: str = "",
    ) -> ResultView:
        with self.new_uow() as uow:
            view = run_view(uow, run_id, by)
            if view.run.state is not JobState.DONE:
                raise InvalidInput("This prediction has no result yet.")
        query = query or CustomerQuery(threshold=view.run.threshold)
        bands, results = view.policy.bands, self.results
        return ResultView(
            view=view,
            at_threshold=results.at_threshold(run_id, query.threshold, bands=bands),
            page=results.page(run_id, query, bands=bands),
            query=query,
            counts=results.reason_counts(run_id, typical_numbers(view.model.schema), bands=bands),
            groups=results.customer_groups(run_id, query, group, bands=bands) if group else None,
            values=results.groups(run_id, choosing, threshold=query.threshold) if choosing else (),
        )


@dataclass(frozen=True, slots=True)
class CustomerView:
    """One customer of a run: explanation of the risk, recommendation, what-if form, and history."""

    view: RunView
    scored: ScoredCustomer
    explanation: Explanation
    actions: tuple[Recommendation, ...]
    recommended: Recommendation | None
    past: RiskByMonth
    before: int | None
    after: int | None
    standing: Standing | None
    """Among the run's other customers; None if there are none, or if their results are missing."""
    changeable: tuple[str, ...]
    gain: GainParts | None = None
    """The parts of the recommended action's expected gain; None if no action is recommended."""
    do_not_contact: Entry | None = None
    """The customer's entry of the do-not-contact list; None if they may be contacted."""

    @property
    def numbered(self) -> bool:
        """Whether the id is only the number of the row, so that it names nobody in another file."""
        return is_numbered(self.view.run)


@dataclass(frozen=True, slots=True)
class OpenCustomer:
    new_uow: NewUnitOfWork
    results: ResultStore
    registry: ModelRegistry
    formats_of: FormatsOf

    def __call__(self, run_id: RunId, row: int, *, by: Account) -> CustomerView:
        with self.new_uow() as uow:  # one snapshot for the whole page, including the row of the result store
            view = run_view(uow, run_id, by)
            scored = stored_customer(uow, self.results, view.run, row)
            earlier = uow.predictions.history_of(str(scored.customer.id), visible_to=visible_to(by))
            past = risk_by_month(uow, view.run, scored, earlier)
            listed = uow.do_not_contact.get(scored.customer.id)
        formats = self.formats_of(view.policy.currency)
        actions = ranked_for(scored, view.playbook, view.model.schema, view.policy.economics, formats)
        before, after = self._neighbours(view, row)
        recommended = next((a for a in actions if a.action_id == scored.action_id and a.worth_contacting), None)
        return CustomerView(
            view=view,
            scored=scored,
            explanation=self.registry.scorer(view.model.id).explain(scored.customer),
            actions=actions,
            recommended=recommended,
            past=past,
            before=before,
            after=after,
            standing=self._standing(view, row),
            changeable=changeable(view.model.schema),
            gain=gain_parts(scored.prediction.probability, recommended) if recommended else None,
            do_not_contact=None if is_numbered(view.run) else listed,
        )

    def _neighbours(self, view: RunView, row: int) -> tuple[int | None, int | None]:
        try:
            return self.results.neighbours(view.run.id, row)
        except ResultMissing:
            return None, None

    def _standing(self, view: RunView, row: int) -> Standing | None:
        others = view.run.summary.scored - 1 if view.run.summary else 0
        try:
            return Standing(self.results.rank(view.run.id, row), others) if others > 0 else None
        except ResultMissing:
            return None


def is_numbered(run: Run) -> bool:
    """Whether the run's customers have the numbers of their rows as ids."""
    return run.summary is not None and run.summary.numbered


def stored_customer(uow: UnitOfWork, results: ResultStore, run: Run, row: int) -> ScoredCustomer:
    """The customer from the result store, or from the contact list if the results were deleted.

    Raises CustomerNotFound, and ResultMissing if neither has the customer.
    """
    try:
        return results.customer(run.id, row, threshold=run.threshold, bands=uow.policies.get().bands)
    except ResultMissing:
        contact = uow.predictions.get(run.id, row)
        if contact is None:
            raise
        return scored_contact(contact)


def scored_contact(contact: Contact) -> ScoredCustomer:
    """A customer as the contact list keeps it: without the cells of the file."""
    return ScoredCustomer(
        customer=contact.customer,
        prediction=contact.prediction,
        action_id=contact.recommendation.action_id,
        expected_gain=contact.recommendation.expected_gain,
        monthly_revenue=contact.monthly_revenue,
        month=contact.month,
    )


def changeable(schema: CustomerSchema) -> tuple[str, ...]:
    """The attributes of a what-if form: those that the company can change, most important first, at most eight."""
    own = [column for column in schema.file_columns if is_changeable(column.name) or _is_revenue(schema, column.name)]
    return tuple(column.name for column in sorted(own, key=lambda column: -column.importance)[:8])


def _is_revenue(schema: CustomerSchema, name: str) -> bool:
    return schema.revenue_column == name


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Predicts a customer again after changes that the company can make. The difference is not a causal effect."""

    open_customer: OpenCustomer
    registry: ModelRegistry

    def __call__(
        self, run_id: RunId, row: int, changes: Mapping[str, str], *, by: Account
    ) -> tuple[CustomerView, Explanation, dict[str, Value]]:
        """Returns the customer, the explanation with the changes, and the changes that differ from stored values."""
        shown = self.open_customer(run_id, row, by=by)
        schema = shown.view.model.schema
        now = shown.scored.customer.attributes
        changed: dict[str, Value] = {}
        for name in shown.changeable:
            if name in changes:
                value = _understood(schema, name, changes[name])
                if value != now.get(name):
                    changed[name] = value
        customer = replace(shown.scored.customer, attributes={**now, **changed, **history_after(schema, now, changed)})
        return shown, self.registry.scorer(shown.view.model.id).explain(customer), changed


def _understood(schema: CustomerSchema, name: str, text: str) -> Value:
    column = schema.column(name)
    if not text.strip():
        return None
    if not column.kind.is_number:
        if text not in column.levels:
            raise InvalidInput(f"{column.label} has no value “{text[:40]}”.", field=name)
        return text
    try:
        number = float(text.replace(",", ""))
    except ValueError as error:
        raise InvalidInput(f"{column.label} needs a number, such as {column.typical}.", field=name) from error
    if number != number or number in (float("inf"), float("-inf")):
        raise InvalidInput(f"{column.label} needs a number, such as {column.typical}.", field=name)
    if number < 0 and column.minimum is not None and column.minimum >= 0:
        raise InvalidInput(f"{column.label} cannot be less than 0.", field=name)
    return number
