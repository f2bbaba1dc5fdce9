"""Which run the Insights speak of, and what of it: what a person asked for, held against what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.persistence import RunQuery
from application.ports.results import AttributeFilter
from application.use_cases.access import NewUnitOfWork, run_seen_by, visible_to
from application.use_cases.dashboard import TREND_RUNS
from domain.account import Account
from domain.errors import InvalidInput
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.run import Run, RunId, RunState
from domain.schema import Column, CustomerSchema

FILTER_ATTRIBUTES = 8
FILTER_LEVELS = 12
LABELS = {"leaving": True, "staying": False}
HALF_A_STEP = 0.0005
SORTS = ("impact", "customers", "rate", "lift", "revenue")


@dataclass(frozen=True, slots=True)
class InsightsWish:
    """What a person asked for; whatever does not fit the run falls back to its default."""

    run_id: str = ""
    attribute: str = ""
    level: str = ""
    """A filter as `filter_key` writes it, such as "Contract=One year"."""
    label: str = ""
    """ "leaving" or "staying" for those alone."""
    threshold: float | None = None
    first: str = ""
    second: str = ""
    sort: str = "impact"


@dataclass(frozen=True, slots=True)
class Scene:
    """The run that the page speaks of, and what was chosen of it. `attributes` are the strongest first."""

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
    """How a filter stands in an address."""
    return f"{attribute}={level}"


def filters_of(schema: CustomerSchema) -> tuple[tuple[Column, tuple[str, ...]], ...]:
    """What a page offers to filter by: the levels of the strongest columns that have some."""
    with_levels = [column for column in by_importance(schema) if column.levels][:FILTER_ATTRIBUTES]
    return tuple((column, column.levels[:FILTER_LEVELS]) for column in with_levels)


def by_importance(schema: CustomerSchema) -> tuple[Column, ...]:
    return tuple(sorted(schema.columns, key=lambda column: -column.importance))


@dataclass(frozen=True, slots=True)
class SetScene:
    """Find the run that is meant, and what of it."""

    new_uow: NewUnitOfWork

    def __call__(self, wish: InsightsWish, *, by: Account, others: bool = True) -> tuple[Scene | None, tuple[Run, ...]]:
        """No scene where there is no finished run yet. Raises RunNotFound for a run that is not theirs to see.

        Without `others`, no further runs where one is named: a part of the page needs none.
        """
        with self.new_uow() as uow:
            query = RunQuery(visible_to=visible_to(by), states=(RunState.DONE,), limit=TREND_RUNS)
            runs = uow.runs.find(query).runs if others or not wish.run_id else ()
            run = run_seen_by(uow, RunId(wish.run_id), by) if wish.run_id else _latest(runs, by)
            if run is None:
                return None, runs
            if run.state is not RunState.DONE or run.summary is None:
                raise InvalidInput("This prediction has no result yet, so there is nothing to look into.")
            return _scene(run, uow.models.get(run.model_version), uow.policies.get(), wish), runs


def _latest(runs: Sequence[Run], by: Account) -> Run | None:
    """One's own latest finished run, else anybody's; sample data only where there is nothing else."""
    order = sorted(runs, key=lambda run: (run.sample, run.owner != by.id))
    return order[0] if order else None


def _scene(run: Run, model: ModelVersion, policy: InstallationPolicy, wish: InsightsWish) -> Scene:
    missing = run.summary.columns_missing if run.summary else ()
    there = tuple(column for column in by_importance(model.schema) if column.name not in missing)
    attributes = _by_drivers(run, there)
    names = [column.name for column in attributes]
    first = wish.first if wish.first in names else names[0]
    others = [name for name in names if name != first] or [first]
    return Scene(
        run=run,
        model=model,
        policy=policy,
        attributes=attributes,
        attribute=wish.attribute if wish.attribute in names else names[0],
        filter=_filter(model.schema, wish.level),
        likely=LABELS.get(wish.label),
        threshold=_threshold(run, wish.threshold),
        first=first,
        second=wish.second if wish.second in others else others[0],
        sort=wish.sort if wish.sort in SORTS else "impact",
    )


def _threshold(run: Run, wished: float | None) -> float:
    """What a slider sends is rounded: close to the run's own threshold it means that one."""
    if wished is None or not 0.0 <= wished <= 1.0 or abs(wished - run.threshold) < HALF_A_STEP:
        return run.threshold
    return wished


def _by_drivers(run: Run, columns: Sequence[Column]) -> tuple[Column, ...]:
    """In the order in which they drove this run; those without a driver keep their place of training."""
    shares = {driver.attribute: driver.share for driver in (run.summary.drivers if run.summary else ())}
    return tuple(sorted(columns, key=lambda column: -shares.get(column.name, 0.0)))


def _filter(schema: CustomerSchema, key: str) -> AttributeFilter | None:
    for column, levels in filters_of(schema):
        for level in levels:
            if key == filter_key(column.name, level):
                return AttributeFilter(column.name, level=level)
    return None
