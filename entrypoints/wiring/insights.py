"""The use cases of insights."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.insights.dashboard import OpenDashboard
from application.use_cases.insights.insights_context import ResolveInsights
from application.use_cases.insights.open_insights import CrossAttributes, ExploreAttribute, OpenInsights, RankSegments
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Insights:
    """Statistics over all customers of a result, and the dashboard."""

    open_dashboard: OpenDashboard
    open_insights: OpenInsights
    explore_attribute: ExploreAttribute
    cross_attributes: CrossAttributes
    rank_segments: RankSegments


def build_insights(ports: Ports) -> Insights:
    resolve_insights = ResolveInsights(new_uow=ports.new_reading)
    return Insights(
        open_dashboard=OpenDashboard(new_uow=ports.new_reading, results=ports.results, clock=ports.clock),
        open_insights=OpenInsights(
            resolve_insights=resolve_insights, results=ports.results, formats_of=ports.formats_of
        ),
        explore_attribute=ExploreAttribute(resolve_insights=resolve_insights, results=ports.results),
        cross_attributes=CrossAttributes(resolve_insights=resolve_insights, results=ports.results),
        rank_segments=RankSegments(resolve_insights=resolve_insights, results=ports.results),
    )
