"""Why the risk of a customer, or the mean risk of a base, differs between two predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.models import ModelRegistry, Scorer
from application.ports.results import ResultStore, ScoredCustomer
from application.ports.runs import RunQuery
from application.ports.shared_customers import RiskSplitter
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, run_seen_by, visible_to
from application.use_cases.predictions.compare_runs import compared_runs
from application.use_cases.predictions.open_result import is_numbered, scored_contact, stored_customer
from domain.account import Account
from domain.comparison import comparison_order
from domain.customer import Value, checked_id
from domain.errors import (
    InvalidInput,
    ModelNotFound,
    ModelUnreadable,
    ResultDamaged,
    ResultMissing,
)
from domain.policy import InstallationPolicy
from domain.risk_split import BaseRisk, RiskSplit, SplitSums, split_of_base, split_of_customer, split_sample
from domain.risk_split_words import unreadable_note
from domain.run import JobState, Run, RunId
from domain.schema import CustomerSchema

RUNS_SEARCHED = 60
"""Predictions made last before this one, and made first after it, among which an earlier one with a customer is looked
for. Each takes 0.3 ms to read."""


@dataclass(frozen=True, slots=True)
class WhyChanged:
    """Two runs, the earlier one first, and the models that scored them.

    `problem` says in a sentence what cannot be split, and why; None if everything can. `only_old` and `only_new` are
    columns that only one of the models knows in this form; their effect is the model's.
    """

    before: Run
    after: Run
    old_schema: CustomerSchema
    new_schema: CustomerSchema
    problem: str | None
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]

    @property
    def same_model(self) -> bool:
        return self.before.model_version == self.after.model_version


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """One customer in two runs, and the split of the change of the risk."""

    runs: WhyChanged
    old: ScoredCustomer
    new: ScoredCustomer
    split: RiskSplit

    @property
    def changed_values(self) -> Mapping[str, tuple[Value, Value]]:
        """The values of the attributes that the split lists by name, before and after."""
        old, new = self.old.customer.attributes, self.new.customer.attributes
        return {part.name: (old.get(part.name), new.get(part.name)) for part in self.split.attributes}


@dataclass(frozen=True, slots=True)
class BaseChange:
    """The mean risk of the customers of two runs, and the split of its change; None where customers have no ids.

    `sampled` of those in both were scored again.
    """

    runs: WhyChanged
    base: BaseRisk | None
    split: RiskSplit | None
    sampled: int = 0

    @property
    def is_estimate(self) -> bool:
        return self.base is not None and 0 < self.sampled < self.base.in_both


@dataclass(frozen=True, slots=True)
class _Scorers:
    """The scorers of two runs; `unreadable` names the version without one."""

    old: Scorer | None
    new: Scorer | None
    unreadable: str | None

    @property
    def both(self) -> tuple[Scorer, Scorer] | None:
        return None if self.old is None or self.new is None else (self.old, self.new)


def _scorers(registry: ModelRegistry, before: Run, after: Run) -> _Scorers:
    scorers: list[Scorer | None] = []
    unreadable = None
    for run in (before, after):
        try:
            scorers.append(registry.scorer(run.model_version))
        except (ModelNotFound, ModelUnreadable):
            scorers.append(None)
            unreadable = unreadable or run.model_version
    return _Scorers(scorers[0], scorers[1], unreadable)


def _why(
    schemas: tuple[CustomerSchema, CustomerSchema], before: Run, after: Run, scorers: _Scorers, sums: SplitSums | None
) -> WhyChanged:
    only_old, only_new = (sums.only_old, sums.only_new) if sums else ((), ())
    problem = None if scorers.unreadable is None else unreadable_note(scorers.unreadable)
    return WhyChanged(before, after, *schemas, problem, only_old, only_new)


def _schemas(uow: UnitOfWork, before: Run, after: Run) -> tuple[CustomerSchema, CustomerSchema]:
    """The schemas of both models. A model that is gone is described by the other's schema."""
    known = {}
    for run in (before, after):
        try:
            known[run.id] = uow.models.schema(run.model_version)
        except ModelNotFound:
            continue
    other = next(iter(known.values()), CustomerSchema(()))
    return known.get(before.id, other), known.get(after.id, other)


@dataclass(frozen=True, slots=True)
class ExplainCustomerChange:
    """Splits the change of one customer's risk since the latest earlier prediction with the same customer."""

    new_uow: NewUnitOfWork
    results: ResultStore
    registry: ModelRegistry
    splitter: RiskSplitter

    def __call__(self, run_id: RunId, row: int, *, by: Account) -> CustomerChange | None:
        """None if no earlier prediction that the account may see has the customer, or customers have no ids.

        Raises RunNotFound and CustomerNotFound for what is not there, or not to be seen.
        """
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
            if run.state is not JobState.DONE or is_numbered(run):
                return None
            new = stored_customer(uow, self.results, run, row)
            earlier = self._earlier(uow, run, new, by)
            if earlier is None:
                return None
            before, old = earlier
            schemas = _schemas(uow, before, run)
        return self._split(schemas, before, old, run, new)

    def between(self, first: RunId, second: RunId, customer_id: str, *, by: Account) -> CustomerChange:
        """The same between two chosen runs. Raises InvalidInput if one lacks the customer."""
        wanted = checked_id(customer_id)
        with self.new_uow() as uow:
            before, after = compared_runs(uow, first, second, by)
            if problem := _without_ids(before, after):
                raise InvalidInput(problem)
            policy = uow.policies.get()
            old, new = (self._find(uow, run, wanted, policy) for run in (before, after))
            schemas = _schemas(uow, before, after)
        if old is None or new is None:
            raise InvalidInput("One of the predictions has no customer with this id.", field="customer_id")
        return self._split(schemas, before, old, after, new)

    def _earlier(
        self, uow: UnitOfWork, run: Run, new: ScoredCustomer, by: Account
    ) -> tuple[Run, ScoredCustomer] | None:
        """The latest earlier run with the customer, not in a later month than this row."""
        policy = uow.policies.get()
        runs = [own for own in _made_about(uow, run, by) if comparison_order(own) < comparison_order(run)]
        for own in sorted(runs, key=comparison_order, reverse=True):
            old = None if is_numbered(own) else self._find(uow, own, str(new.customer.id), policy)
            if old is not None and (old.month or "") <= (new.month or old.month or ""):
                return own, old
        return None

    def _find(self, uow: UnitOfWork, run: Run, customer_id: str, policy: InstallationPolicy) -> ScoredCustomer | None:
        """From the result store, or from the contact list if the results were deleted or are damaged."""
        try:
            return self.results.find(run.id, customer_id, threshold=run.threshold, bands=policy.bands)
        except (ResultMissing, ResultDamaged):
            contacts = [own for run_id, own in uow.predictions.of_customer(customer_id) if run_id == run.id]
            latest = max(
                contacts, key=lambda own: (own.month or "", own.prediction.probability, -own.customer.row), default=None
            )
            return None if latest is None else scored_contact(latest)

    def _split(
        self,
        schemas: tuple[CustomerSchema, CustomerSchema],
        before: Run,
        old: ScoredCustomer,
        after: Run,
        new: ScoredCustomer,
    ) -> CustomerChange:
        scorers = _scorers(self.registry, before, after)
        risks = old.prediction.probability, new.prediction.probability
        sums = None
        if scorers.both:
            sums = self.splitter.of_customer(old.customer, new.customer, *scorers.both, change=risks[1] - risks[0])
        why = _why(schemas, before, after, scorers, sums)
        return CustomerChange(why, old, new, split_of_customer(*risks, sums, same_model=why.same_model))


def _made_about(uow: UnitOfWork, run: Run, by: Account) -> tuple[Run, ...]:
    """Finished runs that were made before this one, and for one with months also after it: a file of an earlier month
    may be scored later."""
    done = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=RUNS_SEARCHED)
    before = uow.runs.find(replace(done, until=run.created_at)).runs
    if run.summary is None or not run.summary.months:
        return before
    return before + uow.runs.find(replace(done, since=run.created_at, descending=False)).runs


@dataclass(frozen=True, slots=True)
class ExplainBaseChange:
    """Splits the change of a base's mean risk into other customers, other values and another model."""

    new_uow: NewUnitOfWork
    results: ResultStore
    registry: ModelRegistry
    splitter: RiskSplitter
    most: int | None = None
    """Customers in both who are scored again; None for as many as `split_sample` says."""

    def __call__(self, first: RunId, second: RunId, *, by: Account) -> BaseChange:
        """Raises as `CompareRuns` does."""
        with self.new_uow() as uow:
            before, after = compared_runs(uow, first, second, by)
            schemas = _schemas(uow, before, after)
        if problem := _without_ids(before, after):
            return BaseChange(WhyChanged(before, after, *schemas, problem, (), ()), None, None)
        most = self.most or split_sample(max(len(schema.columns) for schema in schemas))
        shared = self.results.shared_customers(before.id, after.id, most=most)
        scorers = _scorers(self.registry, before, after)
        sums = None
        if shared.base.in_both and scorers.both:
            sums = self.splitter.of_customers(shared.before, shared.after, *scorers.both)
        why = _why(schemas, before, after, scorers, sums)
        split = split_of_base(shared.base, sums, same_model=why.same_model)
        return BaseChange(why, shared.base, split, sums.customers if sums else 0)


def _without_ids(*runs: Run) -> str | None:
    names = [f"“{run.file_name}”" for run in runs if is_numbered(run)]
    return f"The customers of {names[0]} have no ids, so nobody can be found again in another file." if names else None
