"""Insights of a run: where churn concentrates, what drives it, how it moves, whether customers still look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.persistence import RunQuery
from application.ports.results import AttributeFilter, Group, ResultStore
from application.use_cases.access import NewUnitOfWork, run_seen_by, visible_to
from application.use_cases.dashboard import TREND_RUNS, TrendPoint, trend_of
from domain.account import Account
from domain.errors import InvalidInput
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.prediction import Reason
from domain.run import ColumnReport, Run, RunId, RunState
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.shift import PSI_ACT, PSI_MOVED
from domain.wording import SYMBOLS, reason_phrase

SEGMENT_MINIMUM = 50
"""Customers from which a segment is listed."""
CELL_MINIMUM = 30
"""Customers from which a cell of the heatmap says a rate."""
SEGMENT_ATTRIBUTES = 8
"""Strongest attributes that segments are made of: each costs one grouping of all customers."""
SEGMENTS_SHOWN = 12
STANDS_OUT = 1.15
"""Lift from which a segment is worth the page's first sentence."""
CLEARLY_HIGHER = 0.02
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


@dataclass(frozen=True, slots=True)
class Totals:
    """The customers that a filter leaves, together. `revenue_likely` is what the likely leavers pay a month."""

    customers: int
    likely: int
    mean_probability: float
    revenue_likely: float | None
    revenue_staying: float | None
    observed: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers who share a value: their churn rate with a 95 % interval, and how it compares with everybody's.

    `impact` is how many more are expected to leave than at the average rate.
    """

    attribute: str
    group: Group
    low: float
    high: float
    lift: float
    impact: float

    @property
    def rate(self) -> float:
        return self.group.mean_probability


@dataclass(frozen=True, slots=True)
class Cross:
    """Two attributes together: labels in order, and the customers where they meet."""

    first: str
    second: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Group]


@dataclass(frozen=True, slots=True)
class Headline:
    """Where churn concentrates most, and with what it does so even more."""

    segment: Segment
    words: str
    share: float
    also: str | None = None
    also_rate: float | None = None


@dataclass(frozen=True, slots=True)
class InsightsView:
    scene: Scene
    runs: tuple[Run, ...]
    totals: Totals
    groups: tuple[Group, ...]
    segments: tuple[Segment, ...]
    peaks: dict[str, Segment]
    """By attribute, where its risk is highest."""
    headline: Headline | None
    cross: Cross | None
    trend: tuple[TrendPoint, ...]
    drift: tuple[ColumnReport, ...]
    """Attributes whose drift is known, the most moved first."""


def filter_key(attribute: str, level: str) -> str:
    """How a filter stands in an address."""
    return f"{attribute}={level}"


def filters_of(schema: CustomerSchema) -> tuple[tuple[Column, tuple[str, ...]], ...]:
    """What a page offers to filter by: the levels of the strongest columns that have some."""
    with_levels = [column for column in by_importance(schema) if column.levels][:FILTER_ATTRIBUTES]
    return tuple((column, column.levels[:FILTER_LEVELS]) for column in with_levels)


def by_importance(schema: CustomerSchema) -> tuple[Column, ...]:
    return tuple(sorted(schema.columns, key=lambda column: -column.importance))


def drift_state(psi: float | None) -> str:
    """ "stable", "moved", "act", or "unknown" where there were too few customers."""
    if psi is None:
        return "unknown"
    return "stable" if psi < PSI_MOVED else "moved" if psi <= PSI_ACT else "act"


def rate_interval(rate: float, customers: int) -> tuple[float, float]:
    """95 % interval of a rate among so many customers (Wilson)."""
    if customers < 1:
        return 0.0, 1.0
    z2 = 1.96**2
    middle = (rate + z2 / (2 * customers)) / (1 + z2 / customers)
    half = 1.96 * (rate * (1 - rate) / customers + z2 / (4 * customers**2)) ** 0.5 / (1 + z2 / customers)
    return max(0.0, middle - half), min(1.0, middle + half)


def group_words(attribute: str, group: Group, schema: CustomerSchema, *, currency: str = "USD") -> str:
    """A group as a person would say it: "Month-to-month contract", "0–6 months with us", "Tech support unknown"."""
    label = next((column.label for column in schema.columns if column.name == attribute), attribute)
    if group.missing or not group.label:
        return f"{label} unknown"
    if _is_numeric(schema, attribute):
        return _bin_words(label, attribute, group.label, schema, currency)
    return reason_phrase(Reason(attribute, group.label, 1.0), schema, currency=currency)


def _bin_words(label: str, attribute: str, bin_label: str, schema: CustomerSchema, currency: str) -> str:
    """A bin with its unit, where its role tells one."""
    if attribute == schema.tenure_column:
        return f"{bin_label} months with us"
    if attribute == schema.revenue_column and bin_label[:1].isdigit():
        return f"{SYMBOLS.get(currency, currency + ' ')}{bin_label} a month"
    return f"{label} {bin_label}"


def _is_numeric(schema: CustomerSchema, attribute: str) -> bool:
    return any(column.name == attribute and column.kind is ColumnKind.NUMERIC for column in schema.columns)


def totals_of(groups: Sequence[Group]) -> Totals:
    """The customers of all groups together, from the groups of any one attribute."""
    customers = sum(group.customers for group in groups)
    weight = sum(group.customers * group.mean_probability for group in groups)
    paid = _sum([group.revenue for group in groups])
    leaving = _sum([group.revenue_likely for group in groups])
    observed = [group for group in groups if group.observed is not None]
    seen = sum(group.customers for group in observed)
    return Totals(
        customers=customers,
        likely=sum(group.likely for group in groups),
        mean_probability=weight / customers if customers else 0.0,
        revenue_likely=leaving,
        revenue_staying=None if paid is None or leaving is None else paid - leaving,
        observed=sum((group.observed or 0.0) * group.customers for group in observed) / seen if seen else None,
    )


def _sum(amounts: Sequence[float | None]) -> float | None:
    """Of the known ones; None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def segments_of(attribute: str, groups: Sequence[Group], base: float) -> tuple[Segment, ...]:
    """The groups of one attribute that are large enough to speak of."""
    found = []
    for group in groups:
        if group.customers >= SEGMENT_MINIMUM:
            low, high = rate_interval(group.mean_probability, group.customers)
            lift = group.mean_probability / base if base else 0.0
            impact = group.customers * (group.mean_probability - base)
            found.append(Segment(attribute, group, low, high, lift, impact))
    return tuple(found)


def ranked(segments: Sequence[Segment], sort: str = "impact") -> tuple[Segment, ...]:
    """Segments with a risk above the average, by what the person sorts by, highest first."""
    keys = {
        "impact": lambda segment: segment.impact,
        "customers": lambda segment: segment.group.customers,
        "rate": lambda segment: segment.rate,
        "lift": lambda segment: segment.lift,
        "revenue": lambda segment: segment.group.revenue_at_risk or 0.0,
    }
    above = [segment for segment in segments if segment.impact > 0]
    return tuple(sorted(above, key=keys.get(sort, keys["impact"]), reverse=True)[:SEGMENTS_SHOWN])


def headline_of(segments: Sequence[Segment], scene: Scene, customers: int) -> Headline | None:
    """The segment with the highest lift; None where nothing stands out."""
    top = max(segments, key=lambda segment: segment.lift, default=None)
    if top is None or top.lift < STANDS_OUT or not customers:
        return None
    words = group_words(top.attribute, top.group, scene.schema, currency=scene.policy.currency)
    return Headline(top, words, top.group.customers / customers)


def filter_for(attribute: str, group: Group, schema: CustomerSchema) -> AttributeFilter | None:
    """The customers of a group as a filter; None for rare levels that only stand together."""
    column = schema.column(attribute)
    if group.missing:
        return AttributeFilter(attribute)
    if column.kind is ColumnKind.NUMERIC:
        return AttributeFilter(attribute, low=group.low, high=group.high)
    return AttributeFilter(attribute, level=group.label) if group.label in column.levels else None


def peaks_of(segments: Sequence[Segment]) -> dict[str, Segment]:
    """By attribute, the segment with the highest rate."""
    peaks: dict[str, Segment] = {}
    for segment in segments:
        if segment.attribute not in peaks or segment.rate > peaks[segment.attribute].rate:
            peaks[segment.attribute] = segment
    return peaks


@dataclass(frozen=True, slots=True)
class SetScene:
    """Find the run that is meant, and what of it."""

    new_uow: NewUnitOfWork

    def __call__(self, wish: InsightsWish, *, by: Account) -> tuple[Scene | None, tuple[Run, ...]]:
        """No scene where there is no finished run yet. Raises RunNotFound for a run that is not theirs to see."""
        with self.new_uow() as uow:
            query = RunQuery(visible_to=visible_to(by), states=(RunState.DONE,), limit=TREND_RUNS)
            runs = uow.runs.find(query).runs
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


@dataclass(frozen=True, slots=True)
class OpenInsights:
    """The whole page; None as its view where there is no finished run yet."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, wish: InsightsWish, *, by: Account) -> InsightsView | None:
        scene, runs = SetScene(self.new_uow)(wish, by=by)
        if scene is None:
            return None
        groups = _groups(self.results, scene, scene.attribute)
        totals = self._totals(scene, groups)
        segments = _segments(self.results, scene, totals.mean_probability, known={scene.attribute: groups})
        headline = headline_of(segments, scene, totals.customers)
        return InsightsView(
            scene=scene,
            runs=runs,
            totals=totals,
            groups=groups,
            segments=ranked(segments, scene.sort),
            peaks=peaks_of(segments),
            headline=self._deepened(scene, headline) if headline else None,
            cross=_cross(self.results, scene),
            trend=trend_of([run for run in runs if run.sample == scene.run.sample]),
            drift=_drift(scene.run),
        )

    def _deepened(self, scene: Scene, headline: Headline) -> Headline:
        """With the value of the next strongest attribute at which the segment's rate is clearly higher still."""
        top = headline.segment
        taken = {top.attribute, *(chosen.attribute for chosen in scene.filters)}
        other = next((column.name for column in scene.attributes if column.name not in taken), None)
        within = filter_for(top.attribute, top.group, scene.schema)
        if other is None or within is None:
            return headline
        filters = (*scene.filters, within)
        groups = self.results.groups(
            scene.run.id, other, threshold=scene.threshold, filters=filters, likely=scene.likely
        )
        enough = [group for group in groups if group.customers >= SEGMENT_MINIMUM]
        best = max(enough, key=lambda group: group.mean_probability, default=None)
        if best is None or best.mean_probability < top.rate + CLEARLY_HIGHER:
            return headline
        words = group_words(other, best, scene.schema, currency=scene.policy.currency)
        return replace(headline, also=words, also_rate=best.mean_probability)

    def _totals(self, scene: Scene, groups: Sequence[Group]) -> Totals:
        """From the run's own sums, so that every page says the same; from the groups under a filter."""
        summary = scene.run.summary
        totals = totals_of(groups)
        if scene.filtered or scene.threshold != scene.run.threshold or summary is None:
            return totals
        staying = None
        if summary.revenue_total is not None and summary.revenue_likely is not None:
            staying = summary.revenue_total - summary.revenue_likely
        return replace(
            totals,
            customers=summary.scored,
            likely=summary.likely_to_leave,
            mean_probability=summary.mean_probability,
            revenue_likely=summary.revenue_likely,
            revenue_staying=staying,
            observed=summary.truth.churned / summary.truth.customers if summary.truth else totals.observed,
        )


@dataclass(frozen=True, slots=True)
class ExploreAttribute:
    """Customers of a run by one attribute, for a refresh in place."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, wish: InsightsWish, *, by: Account) -> tuple[Scene, tuple[Group, ...]]:
        scene = _needed(self.new_uow, wish, by)
        return scene, _groups(self.results, scene, scene.attribute)


@dataclass(frozen=True, slots=True)
class CrossAttributes:
    """Two attributes of a run together, for a refresh in place."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, wish: InsightsWish, *, by: Account) -> tuple[Scene, Cross | None]:
        scene = _needed(self.new_uow, wish, by)
        return scene, _cross(self.results, scene)


@dataclass(frozen=True, slots=True)
class RankSegments:
    """A run's segments in another order, for a refresh in place."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, wish: InsightsWish, *, by: Account) -> tuple[Scene, tuple[Segment, ...]]:
        scene = _needed(self.new_uow, wish, by)
        groups = _groups(self.results, scene, scene.attribute)
        base = totals_of(groups).mean_probability
        return scene, ranked(_segments(self.results, scene, base, known={scene.attribute: groups}), scene.sort)


def _needed(new_uow: NewUnitOfWork, wish: InsightsWish, by: Account) -> Scene:
    scene, _ = SetScene(new_uow)(wish, by=by)
    if scene is None:
        raise InvalidInput("There is no finished prediction yet.")
    return scene


def _groups(results: ResultStore, scene: Scene, attribute: str) -> tuple[Group, ...]:
    return results.groups(
        scene.run.id, attribute, threshold=scene.threshold, filters=scene.filters, likely=scene.likely
    )


def _segments(
    results: ResultStore, scene: Scene, base: float, *, known: dict[str, tuple[Group, ...]]
) -> tuple[Segment, ...]:
    """Segments of the strongest attributes; a filter's own attribute would only repeat the filter."""
    found: list[Segment] = []
    for column in scene.attributes[:SEGMENT_ATTRIBUTES]:
        if scene.filter is None or scene.filter.attribute != column.name:
            groups = known.get(column.name) or _groups(results, scene, column.name)
            found.extend(segments_of(column.name, groups, base))
    return tuple(found)


def _cross(results: ResultStore, scene: Scene) -> Cross | None:
    if scene.first == scene.second:
        return None
    rows, columns, cells = results.cross(
        scene.run.id,
        scene.first,
        scene.second,
        threshold=scene.threshold,
        filters=scene.filters,
        likely=scene.likely,
    )
    return Cross(scene.first, scene.second, rows, columns, cells)


def _drift(run: Run) -> tuple[ColumnReport, ...]:
    known = [report for report in (run.summary.columns if run.summary else ()) if report.psi is not None]
    return tuple(sorted(known, key=lambda report: -(report.psi or 0.0)))
