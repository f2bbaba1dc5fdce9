"""Insights of a run: segments with high churn, drivers, trend, and drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.results import Contribution, Group, ResultStore
from application.use_cases.insights.insights_context import InsightsContext, InsightsRequest, ResolveInsights
from application.use_cases.insights.read_trend import ReadTrend
from application.use_cases.insights.segments import (
    OTHERS,
    SEGMENT_ATTRIBUTES,
    Segment,
    Totals,
    filter_for,
    group_words,
    in_order,
    peaks_of,
    ranked,
    segments_of,
    totals_of,
)
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.errors import InvalidInput
from domain.expected_quality import ExpectedQuality
from domain.formats import Formats, FormatsOf
from domain.group_order import places_in_order
from domain.run import ColumnReport, Run
from domain.segments import is_clearly_higher, is_listed, stands_out
from domain.training_overlap import with_same_file
from domain.trend import Trend


@dataclass(frozen=True, slots=True)
class Cross:
    """Customers by two attributes: the labels in order, and the group of each combination."""

    first: str
    second: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Group]


@dataclass(frozen=True, slots=True)
class Headline:
    """The segment where churn is most concentrated, and a second value with which it is even higher."""

    segment: Segment
    words: str
    share: float
    also: str | None = None
    also_rate: float | None = None


@dataclass(frozen=True, slots=True)
class ByAttribute:
    """Customers by the chosen attribute.

    `contributions` cover all customers of the run; None if they were not stored.
    """

    groups: tuple[Group, ...]
    contributions: tuple[Contribution, ...] | None


@dataclass(frozen=True, slots=True)
class InsightsView:
    selection: InsightsContext
    runs: tuple[Run, ...]
    totals: Totals
    chosen: ByAttribute
    segments: tuple[Segment, ...]
    peaks: dict[str, Segment]
    """For each attribute, the segment with the highest risk."""
    headline: Headline | None
    cross: Cross | None
    trend: Trend
    drift: tuple[ColumnReport, ...]
    """Attributes with a known drift, the largest drift first."""
    expected: ExpectedQuality | None = None
    """The estimated quality for all customers; None with a filter."""


def headline_of(
    segments: Sequence[Segment], selection: InsightsContext, customers: int, formats: Formats
) -> Headline | None:
    """The segment with the highest lift; None if no segment is clearly above the average."""
    top = max(segments, key=lambda segment: segment.lift, default=None)
    if top is None or not stands_out(top.lift) or not customers:
        return None
    words = group_words(top.attribute, top.group, selection.schema, formats)
    return Headline(top, words, top.group.customers / customers)


@dataclass(frozen=True, slots=True)
class OpenInsights:
    """Opens the whole page. The view is None if there is no finished run."""

    new_uow: NewUnitOfWork
    resolve_insights: ResolveInsights
    read_trend: ReadTrend
    results: ResultStore
    formats_of: FormatsOf

    def __call__(self, asked: InsightsRequest, *, by: Account) -> InsightsView | None:
        selection, runs = self.resolve_insights(asked, by=by)
        if selection is None:
            return None
        chosen = _by_attribute(self.results, selection)
        groups = chosen.groups
        totals = self._totals(selection, groups)
        segments = _segments(self.results, selection, totals.mean_probability, known={selection.attribute: groups})
        headline = headline_of(segments, selection, totals.customers, self.formats_of(selection.policy.currency))
        return InsightsView(
            selection=selection,
            runs=runs,
            totals=totals,
            chosen=chosen,
            segments=ranked(segments, selection.sort),
            peaks=peaks_of(segments),
            headline=self._deepened(selection, headline) if headline else None,
            cross=_cross(self.results, selection),
            trend=self._trend(selection.run, by),
            drift=_drift(selection.run),
            expected=_expected(selection),
        )

    def _trend(self, run: Run, by: Account) -> Trend:
        with self.new_uow() as uow:
            return self.read_trend(uow, run, by=by)

    def _deepened(self, selection: InsightsContext, headline: Headline) -> Headline:
        """Add the value of the next strongest attribute at which the segment's churn rate is clearly higher, if any."""
        top = headline.segment
        taken = {top.attribute, *(chosen.attribute for chosen in selection.filters)}
        other = next((column.name for column in selection.attributes if column.name not in taken), None)
        within = filter_for(top.attribute, top.group, selection.schema)
        if other is None or within is None:
            return headline
        filters = (*selection.filters, within)
        groups = self.results.groups(
            selection.run.id, other, threshold=selection.threshold, filters=filters, likely=selection.likely
        )
        enough = [group for group in groups if is_listed(group.customers)]
        best = max(enough, key=lambda group: group.mean_probability, default=None)
        if best is None or not is_clearly_higher(best.mean_probability, top.rate):
            return headline
        words = group_words(other, best, selection.schema, self.formats_of(selection.policy.currency))
        return replace(headline, also=words, also_rate=best.mean_probability)

    def _totals(self, selection: InsightsContext, groups: Sequence[Group]) -> Totals:
        """Totals from the run's stored sums, so that all pages agree; with a filter, from its groups."""
        summary = selection.run.summary
        totals = totals_of(groups)
        if selection.filtered or selection.threshold != selection.run.threshold or summary is None:
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
    """Customers of a run by one attribute, for updating a part of the page."""

    resolve_insights: ResolveInsights
    results: ResultStore

    def __call__(self, asked: InsightsRequest, *, by: Account) -> tuple[InsightsContext, ByAttribute]:
        selection = _needed(self.resolve_insights, asked, by)
        return selection, _by_attribute(self.results, selection)


@dataclass(frozen=True, slots=True)
class CrossAttributes:
    """Two attributes of a run together, for updating a part of the page."""

    resolve_insights: ResolveInsights
    results: ResultStore

    def __call__(self, asked: InsightsRequest, *, by: Account) -> tuple[InsightsContext, Cross | None]:
        selection = _needed(self.resolve_insights, asked, by)
        return selection, _cross(self.results, selection)


@dataclass(frozen=True, slots=True)
class RankSegments:
    """A run's segments in another order, for updating a part of the page."""

    resolve_insights: ResolveInsights
    results: ResultStore

    def __call__(self, asked: InsightsRequest, *, by: Account) -> tuple[InsightsContext, tuple[Segment, ...]]:
        selection = _needed(self.resolve_insights, asked, by)
        groups = _groups(self.results, selection, selection.attribute)
        base = totals_of(groups).mean_probability
        return selection, ranked(
            _segments(self.results, selection, base, known={selection.attribute: groups}), selection.sort
        )


def _needed(resolve_insights: ResolveInsights, asked: InsightsRequest, by: Account) -> InsightsContext:
    selection, _ = resolve_insights(asked, by=by, others=False)
    if selection is None:
        raise InvalidInput("There is no finished prediction yet.")
    return selection


def _by_attribute(results: ResultStore, selection: InsightsContext) -> ByAttribute:
    groups = in_order(_groups(results, selection, selection.attribute))
    return ByAttribute(groups, results.contributions(selection.run.id, selection.attribute))


def _groups(results: ResultStore, selection: InsightsContext, attribute: str) -> tuple[Group, ...]:
    return results.groups(
        selection.run.id, attribute, threshold=selection.threshold, filters=selection.filters, likely=selection.likely
    )


def _segments(
    results: ResultStore, selection: InsightsContext, base: float, *, known: dict[str, tuple[Group, ...]]
) -> tuple[Segment, ...]:
    """Segments of the strongest attributes. The attribute of a filter is left out: it would only repeat the filter."""
    segments: list[Segment] = []
    for column in selection.attributes[:SEGMENT_ATTRIBUTES]:
        if selection.filter is None or selection.filter.attribute != column.name:
            groups = known.get(column.name) or _groups(results, selection, column.name)
            segments.extend(segments_of(column.name, groups, base))
    return tuple(segments)


def _cross(results: ResultStore, selection: InsightsContext) -> Cross | None:
    if selection.first == selection.second:
        return None
    rows, columns, cells = results.cross(
        selection.run.id,
        selection.first,
        selection.second,
        threshold=selection.threshold,
        filters=selection.filters,
        likely=selection.likely,
    )
    return Cross(selection.first, selection.second, _labels_in_order(rows), _labels_in_order(columns), cells)


def _labels_in_order(labels: Sequence[str]) -> tuple[str, ...]:
    rest = [label in ("", OTHERS) for label in labels]
    return tuple(labels[place] for place in places_in_order(labels, rest))


def _expected(selection: InsightsContext) -> ExpectedQuality | None:
    run = with_same_file(selection.run, selection.model)
    return None if selection.filtered or run.summary is None else run.summary.estimate


def _drift(run: Run) -> tuple[ColumnReport, ...]:
    known = [report for report in (run.summary.columns if run.summary else ()) if report.psi is not None]
    return tuple(sorted(known, key=lambda report: -(report.psi or 0.0)))
