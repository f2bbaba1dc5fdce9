"""Resolves which run and which attributes the Insights show, from the request and the available data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.runs import RunQuery
from application.use_cases.insights.read_trend import TREND_RUNS
from application.use_cases.permissions import NewUnitOfWork, run_seen_by, visible_to
from domain.account import Account
from domain.customer_query import AttributeFilter
from domain.errors import InvalidInput
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.run import JobState, Run, RunId
from domain.schema import Column, CustomerSchema

FILTER_ATTRIBUTES = 8
FILTER_LEVELS = 12
LABELS = {"leaving": True, "staying": False}
HALF_A_STEP = 0.0005
SORTS = ("impact", "customers", "rate", "lift", "revenue")


@dataclass(frozen=True, slots=True)
class InsightsRequest:
    """A person's request. Values that do not fit the run are replaced by their defaults."""

    run_id: str = ""
    attribute: str = ""
    level: str = ""
    """A filter as `filter_key` writes it, such as "Contract=One year"."""
    label: str = ""
    """"leaving" or "staying" for only these customers."""
    threshold: float | None = None
    first: str = ""
    second: str = ""
    sort: str = "impact"


@dataclass(frozen=True, slots=True)
class InsightsContext:
    """The run that the page shows, its filter and its attributes.

    `attributes` are sorted by strength, strongest first.
    """

    run: Run
    model: ModelVersion
    policy: InstallationPolicy
    attributes: tuple[Column, ...]
    attribute: str
    filter: AttributeFilter | None
    likely: bool | None
    threshold: float
    first: str
    second: str
    sort: str

    @property
    def schema(self) -> CustomerSchema:
        return self.model.schema

    @property
    def filters(self) -> tuple[AttributeFilter, ...]:
        return (self.filter,) if self.filter else ()

    @property
    def filtered(self) -> bool:
        return self.filter is not None or self.likely is not None


def filter_key(attribute: str, level: str) -> str:
    """The text that identifies a filter in a URL."""
    return f"{attribute}={level}"


def filters_of(schema: CustomerSchema) -> tuple[tuple[Column, tuple[str, ...]], ...]:
    """The filters that a page offers: the levels of the strongest attributes that have levels."""
    with_levels = [column for column in by_importance(schema) if column.levels][:FILTER_ATTRIBUTES]
    return tuple((column, column.levels[:FILTER_LEVELS]) for column in with_levels)


def by_importance(schema: CustomerSchema) -> tuple[Column, ...]:
    return tuple(sorted(schema.columns, key=lambda column: -column.importance))


@dataclass(frozen=True, slots=True)
class ResolveInsights:
    """Determines which run the page shows, and with which filter and attributes."""

    new_uow: NewUnitOfWork

    def __call__(
        self, asked: InsightsRequest, *, by: Account, others: bool = True
    ) -> tuple[InsightsContext | None, tuple[Run, ...]]:
        """None if there is no finished run. Raises RunNotFound for a run that the person may not see.

        Without `others`, the other runs are not listed if the request names one: a part of the page does not need them.
        """
        with self.new_uow() as uow:
            query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=TREND_RUNS)
            runs = uow.runs.find(query).runs if others or not asked.run_id else ()
            run = run_seen_by(uow, RunId(asked.run_id), by) if asked.run_id else _latest(runs, by)
            if run is None:
                return None, runs
            if run.state is not JobState.DONE or run.summary is None:
                raise InvalidInput("This prediction has no result yet. Choose another one, or wait until it is done.")
            return _selection(run, uow.models.get(run.model_version), uow.policies.get(), asked), runs


def _latest(runs: Sequence[Run], by: Account) -> Run | None:
    """The person's own latest finished run, else the latest of others; a sample only if there is no other run."""
    order = sorted(runs, key=lambda run: (run.sample, run.owner != by.id))
    return order[0] if order else None


def _selection(run: Run, model: ModelVersion, policy: InstallationPolicy, asked: InsightsRequest) -> InsightsContext:
    missing = run.summary.columns_missing if run.summary else ()
    there = tuple(column for column in by_importance(model.schema) if column.name not in missing)
    attributes = _by_drivers(run, there)
    names = [column.name for column in attributes]
    first = asked.first if asked.first in names else names[0]
    others = [name for name in names if name != first] or [first]
    return InsightsContext(
        run=run,
        model=model,
        policy=policy,
        attributes=attributes,
        attribute=asked.attribute if asked.attribute in names else names[0],
        filter=_filter(model.schema, asked.level),
        likely=LABELS.get(asked.label),
        threshold=_threshold(run, asked.threshold),
        first=first,
        second=asked.second if asked.second in others else others[0],
        sort=asked.sort if asked.sort in SORTS else "impact",
    )


def _threshold(run: Run, wished: float | None) -> float:
    """The threshold to use.

    A slider sends rounded values, so one close to the run's own threshold means that threshold.
    """
    if wished is None or not 0.0 <= wished <= 1.0 or abs(wished - run.threshold) < HALF_A_STEP:
        return run.threshold
    return wished


def _by_drivers(run: Run, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Attributes sorted by their influence in this run. Those without a known influence keep the model's order."""
    shares = {driver.attribute: driver.share for driver in (run.summary.drivers if run.summary else ())}
    return tuple(sorted(columns, key=lambda column: -shares.get(column.name, 0.0)))


def _filter(schema: CustomerSchema, key: str) -> AttributeFilter | None:
    for column, levels in filters_of(schema):
        for level in levels:
            if key == filter_key(column.name, level):
                return AttributeFilter(column.name, level=level)
    return None
