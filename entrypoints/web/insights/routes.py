"""Insights: segments, drivers and the trend of churn. htmx refreshes parts of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for

from application.queries import AttributeFilter, Contribution, CustomerQuery, Group
from application.use_cases.insights.insights_context import InsightsContext, InsightsRequest, filter_key, filters_of
from application.use_cases.insights.open_insights import ByAttribute, InsightsView
from application.use_cases.insights.segments import SEGMENT_ATTRIBUTES, Segment, filter_for, group_words, totals_of
from domain.account import Permission
from domain.expected_words import LIMITS, estimate_sentence
from domain.group_words import words_of_group
from domain.segments import is_drawn, is_listed
from domain.shift import has_moved, overall_state
from entrypoints.web.access import allow, application, person
from entrypoints.web.charts import attribute
from entrypoints.web.charts.drift import drift_bars
from entrypoints.web.charts.drivers import ranked_drivers
from entrypoints.web.charts.heatmap import heat_ends, heat_table, heat_tone
from entrypoints.web.charts.labels import totals_pie
from entrypoints.web.charts.segments import segments_table
from entrypoints.web.charts.trends import churn_trend, money_trend, notes_of
from entrypoints.web.grading import view as graded
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions.result_url import ResultUrl

area = Blueprint("insights", __name__)

PAGE = "insights/index.html"
CHOICES = ("run", "label", "attribute", "first", "second")


@area.get("/insights")
@allow(Permission.READ)
def index() -> Response:
    view = application().insights.open_insights(_asked(), by=person())
    if view is None:
        return render_page(PAGE, view=None)
    return _pushed(
        render_page(
            PAGE,
            fragment="insights_body",
            view=view,
            totals=view.totals,
            pie=totals_pie(view.totals, [_link(view.selection, likely=likely) for likely in (True, False)]),
            **_trend(view),
            is_listed=is_listed,
            **_estimate(view),
            **_gradings(view.selection),
            drivers=ranked_drivers(view.selection, view.peaks),
            whole=True,
            drift_overall=overall_state([own.state for own in view.drift]),
            drift_moved=[own for own in view.drift if has_moved(own.state)],
            drift_stable=sum(not has_moved(own.state) for own in view.drift),
            drift=drift_bars([(own.column, own.psi, own.state) for own in view.drift]),
            **_around(view.selection),
            **_by_attribute(view.selection, view.chosen),
            **_segments(view.selection, view.segments),
            **_crossed(view.selection, view.cross),
        ),
        view.selection,
    )


@area.get("/insights/attribute")
@allow(Permission.READ)
def by_attribute() -> Response:
    """The charts of another attribute; the browser's URL becomes that of the whole page."""
    selection, chosen = application().insights.explore_attribute(_asked(), by=person())
    return _part("insights/_attribute.html", selection, whole=False, **_by_attribute(selection, chosen))


@area.get("/insights/segments")
@allow(Permission.READ)
def segments() -> Response:
    selection, ranked = application().insights.rank_segments(_asked(), by=person())
    return _part("insights/_segments.html", selection, **_segments(selection, ranked))


@area.get("/insights/together")
@allow(Permission.READ)
def together() -> Response:
    selection, cross = application().insights.cross_attributes(_asked(), by=person())
    return _part("insights/_together.html", selection, **_crossed(selection, cross))


def _asked() -> InsightsRequest:
    args = request.args
    return InsightsRequest(
        run_id=args.get("run", ""),
        attribute=args.get("attribute", ""),
        level=args.get("filter", ""),
        label=args.get("label", ""),
        threshold=_threshold(),
        first=args.get("first", ""),
        second=args.get("second", ""),
        sort=args.get("sort", ""),
    )


def _threshold() -> float | None:
    """The threshold of the request if it was chosen for the current run; other runs use their own threshold."""
    percent = request.args.get("percent", type=float)
    meant = request.args.get("of", "") in ("", request.args.get("run", ""))
    return percent / 100 if percent is not None and meant else None


def _estimate(view: InsightsView) -> dict[str, Any]:
    """The estimated quality in a sentence, None with a filter; and what an estimate cannot see."""
    written = application().formats_of(view.selection.policy.currency)
    return {
        "estimate": None if view.expected is None else estimate_sentence(view.expected, written),
        "estimate_limits": LIMITS,
    }


def _trend(view: InsightsView) -> dict[str, Any]:
    """Churn and money by month, and what is said below them."""
    written = application().formats_of(view.selection.policy.currency)
    return {
        "trend": churn_trend(view.trend, written),
        "money_trend": money_trend(view.trend),
        "trend_notes": notes_of(view.trend, written),
        "observed_known": any(point.observed is not None for point in view.trend.shown),
    }


def _gradings(selection: InsightsContext) -> dict[str, Any]:
    """Expected against observed leavers of all graded months, whatever prediction is chosen."""
    written = application().formats_of(selection.policy.currency)
    return graded.months(application().grading.list_gradings(by=person()), written)


def _part(template: str, selection: InsightsContext, **context: Any) -> Response:
    return _pushed(render_page(template, **_around(selection), **context), selection)


def _pushed(response: Response, selection: InsightsContext) -> Response:
    """Set the browser's URL to that of the whole page with the current choices."""
    response.headers["HX-Push-Url"] = page_url(selection)
    return response


def page_url(selection: InsightsContext, **changes: str) -> str:
    """The URL of the page with the current choices and changes, without empty and default parameters."""
    choices = {name: request.args.get(name, "") for name in CHOICES}
    chosen = {
        "run": choices["run"],
        "filter": _chosen_filter(selection),
        "label": choices["label"] if selection.likely is not None else "",
        **{
            name: choices[name] if choices[name] == getattr(selection, name) else ""
            for name in ("attribute", "first", "second")
        },
        "sort": selection.sort if selection.sort != "impact" else "",
    }
    if selection.threshold != selection.run.threshold:
        chosen |= {"percent": f"{selection.threshold * 100:.10g}", "of": selection.run.id}
    query = urlencode({name: value for name, value in (chosen | changes).items() if value})
    return url_for("insights.index") + (f"?{query}" if query else "")


def _chosen_filter(selection: InsightsContext) -> str:
    return filter_key(selection.filter.attribute, selection.filter.level or "") if selection.filter else ""


def _around(selection: InsightsContext) -> dict[str, Any]:
    return {
        "selection": selection,
        "page_url": partial(page_url, selection),
        "filters": filters_of(selection.schema),
        "filter_key": filter_key,
        "chosen_filter": _chosen_filter(selection),
    }


def _by_attribute(selection: InsightsContext, chosen: ByAttribute) -> dict[str, Any]:
    def link(group: Group | Contribution, likely: bool | None) -> str | None:
        return _link_of(selection, selection.attribute, group, likely=likely)

    everyone = replace(selection, filter=None)
    risk = attribute.risk_by(chosen.groups, selection, link)
    return {
        "histogram": attribute.histogram(chosen.groups, selection, link),
        "risk": risk.chart,
        "risk_is_told": risk.is_told,
        "contribution": None
        if chosen.contributions is None
        else attribute.contribution_by(
            chosen.contributions, selection, lambda own, _: _link_of(everyone, selection.attribute, own, likely=None)
        ),
        "shown_observed": totals_of(chosen.groups).observed is not None,
        "risk_is_a_line": risk.is_line,
    }


def _segments(selection: InsightsContext, segments: Sequence[Segment]) -> dict[str, Any]:
    written = application().formats_of(selection.policy.currency)
    words = [group_words(segment.attribute, segment.group, selection.schema, written) for segment in segments]
    links = [_link_of(selection, segment.attribute, segment.group, likely=selection.likely) for segment in segments]
    has_revenue = any(segment.group.revenue_at_risk is not None for segment in segments)
    return {
        "segments": list(zip(segments, words, links, strict=True)),
        "segments_table": segments_table(list(zip(segments, words, strict=True)), has_revenue=has_revenue),
        "segment_attributes": min(SEGMENT_ATTRIBUTES, len(selection.attributes)),
        "has_revenue": has_revenue,
    }


def _link_of(
    selection: InsightsContext, attribute: str, group: Group | Contribution, *, likely: bool | None
) -> str | None:
    """The URL of a group's customers on the run's page; None if no single value selects them."""
    chosen = filter_for(attribute, group, selection.schema)
    return None if chosen is None else _link(selection, chosen, likely=likely)


def _link(selection: InsightsContext, *more: AttributeFilter, likely: bool | None) -> str:
    """The URL of the customers on the run's page who match the filter of this page and `more` filters."""
    filters = (*selection.filters, *(own for own in more if own not in selection.filters))
    query = CustomerQuery(selection.threshold, likely=likely, attributes=filters)
    return ResultUrl(selection.run.id, query, selection.run.threshold).to()


def _crossed(selection: InsightsContext, cross: Any) -> dict[str, Any]:
    """The heatmap. Its tones are relative to the average of the customers that it shows."""
    base = totals_of(tuple(cross.cells.values())).mean_probability if cross else 0.0
    written = application().formats_of(selection.policy.currency)

    def words(attribute: str, label: str) -> str:
        return words_of_group(attribute, label, selection.schema, written)

    return {
        "cross": cross,
        "is_drawn": is_drawn,
        "base": base,
        "heat_tone": heat_tone,
        "heat_words": words,
        "heat_ends": heat_ends(base),
        "heat": heat_table(cross, base, words) if cross and cross.rows else None,
    }
