"""The use cases of insights."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.insights.dashboard import OpenDashboard
from application.use_cases.insights.insights_context import ResolveInsights
from application.use_cases.insights.open_insights import CrossAttributes, ExploreAttribute, OpenInsights, RankSegments
from application.use_cases.insights.read_trend import ReadTrend, SharedCustomers
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Insights:
    """Statistics over all customers of a result, and the dashboard."""

    open_dashboard: OpenDashboard
    open_insights: OpenInsights
    explore_attribute: ExploreAttribute
    cross_attributes: CrossAttributes
    rank_segments: RankSegments


def build_trend(ports: Ports) -> ReadTrend:
    return ReadTrend(SharedCustomers(ports.results))


def build_insights(ports: Ports, *, read_trend: ReadTrend) -> Insights:
    resolve_insights = ResolveInsights(new_uow=ports.new_reading)
    return Insights(
        open_dashboard=OpenDashboard(
            new_uow=ports.new_reading, results=ports.results, read_trend=read_trend, clock=ports.clock
        ),
        open_insights=OpenInsights(
            new_uow=ports.new_reading,
            resolve_insights=resolve_insights,
            read_trend=read_trend,
            results=ports.results,
            formats_of=ports.formats_of,
        ),
        explore_attribute=ExploreAttribute(resolve_insights=resolve_insights, results=ports.results),
        cross_attributes=CrossAttributes(resolve_insights=resolve_insights, results=ports.results),
        rank_segments=RankSegments(resolve_insights=resolve_insights, results=ports.results),
    )
