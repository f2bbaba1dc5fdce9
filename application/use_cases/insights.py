"""Insights of a run: where churn concentrates, what drives it, how it moves, whether customers still look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.results import Contribution, Group, ResultStore
from application.use_cases.access import NewUnitOfWork
from application.use_cases.dashboard import TrendPoint, trend_of
from application.use_cases.insights_scene import InsightsWish, Scene, SetScene
from application.use_cases.segments import (
    SEGMENT_MINIMUM,
    Segment,
    Totals,
    filter_for,
    group_words,
    peaks_of,
    ranked,
    segments_of,
    totals_of,
)
from domain.account import Account
from domain.errors import InvalidInput
from domain.run import ColumnReport, Run

CELL_MINIMUM = 30
"""Customers from which a cell of the heatmap says a rate."""
SEGMENT_ATTRIBUTES = 8
"""Strongest attributes that segments are made of: each costs one grouping of all customers."""
STANDS_OUT = 1.15
"""Lift from which a segment is worth the page's first sentence."""
CLEARLY_HIGHER = 0.02


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
class ByAttribute:
    """Customers by the chosen attribute; `contributions` of all the run's customers, None where they were not kept."""

    groups: tuple[Group, ...]
    contributions: tuple[Contribution, ...] | None


@dataclass(frozen=True, slots=True)
class InsightsView:
    scene: Scene
    runs: tuple[Run, ...]
    totals: Totals
    chosen: ByAttribute
    segments: tuple[Segment, ...]
    peaks: dict[str, Segment]
    """By attribute, where its risk is highest."""
    headline: Headline | None
    cross: Cross | None
    trend: tuple[TrendPoint, ...]
    drift: tuple[ColumnReport, ...]
    """Attributes whose drift is known, the most moved first."""


def headline_of(segments: Sequence[Segment], scene: Scene, customers: int) -> Headline | None:
    """The segment with the highest lift; None where nothing stands out."""
    top = max(segments, key=lambda segment: segment.lift, default=None)
    if top is None or top.lift < STANDS_OUT or not customers:
        return None
    words = group_words(top.attribute, top.group, scene.schema, currency=scene.policy.currency)
    return Headline(top, words, top.group.customers / customers)


@dataclass(frozen=True, slots=True)
class OpenInsights:
    """The whole page; None as its view where there is no finished run yet."""

    new_uow: NewUnitOfWork
    results: ResultStore

    def __call__(self, wish: InsightsWish, *, by: Account) -> InsightsView | None:
        scene, runs = SetScene(self.new_uow)(wish, by=by)
        if scene is None:
            return None
        chosen = _by_attribute(self.results, scene)
        groups = chosen.groups
        totals = self._totals(scene, groups)
        segments = _segments(self.results, scene, totals.mean_probability, known={scene.attribute: groups})
        headline = headline_of(segments, scene, totals.customers)
        return InsightsView(
            scene=scene,
            runs=runs,
            totals=totals,
            chosen=chosen,
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

    def __call__(self, wish: InsightsWish, *, by: Account) -> tuple[Scene, ByAttribute]:
        scene = _needed(self.new_uow, wish, by)
        return scene, _by_attribute(self.results, scene)


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
    scene, _ = SetScene(new_uow)(wish, by=by, others=False)
    if scene is None:
        raise InvalidInput("There is no finished prediction yet.")
    return scene


def _by_attribute(results: ResultStore, scene: Scene) -> ByAttribute:
    return ByAttribute(_groups(results, scene, scene.attribute), results.contributions(scene.run.id, scene.attribute))


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
