"""Insights: where churn concentrates, what drives it, how it moves; parts of the page refresh in place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for

from application.ports.results import AttributeFilter, Contribution, CustomerQuery, Group
from application.use_cases.dashboard import TrendPoint
from application.use_cases.insights import CELL_MINIMUM, SEGMENT_ATTRIBUTES, ByAttribute
from application.use_cases.insights_scene import InsightsWish, Scene, filter_key, filters_of
from application.use_cases.segments import SEGMENT_MINIMUM, filter_for, group_words, totals_of
from domain.account import Permission
from domain.shift import shift_state
from entrypoints.web import formats
from entrypoints.web.access import allow, desk, person
from entrypoints.web.drift import drift_bars
from entrypoints.web.htmx import render_page
from entrypoints.web.insights import by_attribute as by_attribute_charts
from entrypoints.web.insights import charts
from entrypoints.web.predictions.queries import Address

area = Blueprint("insights", __name__)

PAGE = "insights/index.html"
CHOICES = ("run", "label", "attribute", "first", "second")


@area.get("/insights")
@allow(Permission.READ)
def index() -> Response:
    view = desk().open_insights(_wish(), by=person())
    if view is None:
        return render_page(PAGE, view=None)
    return _pushed(
        render_page(
            PAGE,
            fragment="insights_body",
            view=view,
            totals=view.totals,
            pie=charts.pie(view.totals, [_link(view.scene, likely=likely) for likely in (True, False)]),
            trend=charts.trend(view.trend, _point_label),
            money_trend=charts.money_trend(view.trend, _point_label),
            observed_known=any(point.observed is not None for point in view.trend),
            drivers=charts.drivers(view.scene, view.peaks),
            drift_state=shift_state,
            drift_overall=_overall([shift_state(report.psi) for report in view.drift]),
            drift=drift_bars([(report.column, report.psi) for report in view.drift]),
            **_around(view.scene),
            **_by_attribute(view.scene, view.chosen),
            **_segments(view.scene, view.segments),
            **_crossed(view.scene, view.cross),
        ),
        view.scene,
    )


@area.get("/insights/attribute")
@allow(Permission.READ)
def by_attribute() -> Response:
    """The charts of another attribute; their address is the page's."""
    scene, chosen = desk().explore_attribute(_wish(), by=person())
    return _part("insights/_attribute.html", scene, **_by_attribute(scene, chosen))


@area.get("/insights/segments")
@allow(Permission.READ)
def segments() -> Response:
    scene, found = desk().rank_segments(_wish(), by=person())
    return _part("insights/_segments.html", scene, **_segments(scene, found))


@area.get("/insights/together")
@allow(Permission.READ)
def together() -> Response:
    scene, cross = desk().cross_attributes(_wish(), by=person())
    return _part("insights/_together.html", scene, **_crossed(scene, cross))


def _wish() -> InsightsWish:
    args = request.args
    return InsightsWish(
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
    """A threshold belongs to the run it was chosen for: another run comes with its own."""
    percent = request.args.get("percent", type=float)
    meant = request.args.get("of", "") in ("", request.args.get("run", ""))
    return percent / 100 if percent is not None and meant else None


def _part(template: str, scene: Scene, **context: Any) -> Response:
    return _pushed(render_page(template, **_around(scene), **context), scene)


def _pushed(response: Response, scene: Scene) -> Response:
    """The address shown is always that of the whole page with what was chosen."""
    response.headers["HX-Push-Url"] = page_url(scene)
    return response


def page_url(scene: Scene, **changes: str) -> str:
    """The page as it is chosen now, with changes; what is empty or goes without saying is left out."""
    asked = {name: request.args.get(name, "") for name in CHOICES}
    chosen = {
        "run": asked["run"],
        "filter": _chosen_filter(scene),
        "label": asked["label"] if scene.likely is not None else "",
        **{
            name: asked[name] if asked[name] == getattr(scene, name) else ""
            for name in ("attribute", "first", "second")
        },
        "sort": scene.sort if scene.sort != "impact" else "",
    }
    if scene.threshold != scene.run.threshold:
        chosen |= {"percent": f"{scene.threshold * 100:.10g}", "of": scene.run.id}
    query = urlencode({name: value for name, value in (chosen | changes).items() if value})
    return url_for("insights.index") + (f"?{query}" if query else "")


def _chosen_filter(scene: Scene) -> str:
    return filter_key(scene.filter.attribute, scene.filter.level or "") if scene.filter else ""


def _around(scene: Scene) -> dict[str, Any]:
    return {
        "scene": scene,
        "page_url": partial(page_url, scene),
        "filters": filters_of(scene.schema),
        "filter_key": filter_key,
        "chosen_filter": _chosen_filter(scene),
    }


def _by_attribute(scene: Scene, chosen: ByAttribute) -> dict[str, Any]:
    def link(group: Group | Contribution, likely: bool | None) -> str | None:
        return _link_of(scene, scene.attribute, group, likely=likely)

    everyone = replace(scene, filter=None)
    totals, risk = totals_of(chosen.groups), by_attribute_charts.risk_by(chosen.groups, scene, link)
    return {
        "histogram": by_attribute_charts.histogram(chosen.groups, scene, link),
        "risk": risk,
        "risk_is_told": any(value is not None for value in risk.spec["series"][0]["data"]),
        "contribution": None
        if chosen.contributions is None
        else by_attribute_charts.contribution_by(
            chosen.contributions, scene, lambda own, _: _link_of(everyone, scene.attribute, own, likely=None)
        ),
        "shown_observed": totals.observed is not None,
        "risk_is_a_line": "dots" in risk.spec["series"][0],
    }


def _segments(scene: Scene, found: Any) -> dict[str, Any]:
    currency = scene.policy.currency
    return {
        "segments": [
            (
                segment,
                group_words(segment.attribute, segment.group, scene.schema, currency=currency),
                _link_of(scene, segment.attribute, segment.group, likely=scene.likely),
            )
            for segment in found
        ],
        "rows_of": _rows,
        "segment_minimum": SEGMENT_MINIMUM,
        "segment_attributes": min(SEGMENT_ATTRIBUTES, len(scene.attributes)),
        "has_revenue": any(segment.group.revenue_at_risk is not None for segment in found),
    }


def _rows(segments: list[Any], has_revenue: bool) -> list[list[str]]:
    """The table of segments as text, for reading beside the bars and for the picture."""
    return [
        [
            words,
            formats.number(segment.group.customers),
            formats.percent(segment.rate),
            f"{segment.low * 100:.1f}–{formats.percent(segment.high)}",
            f"{segment.lift:.1f}×",
            formats.number(segment.impact),
            *([formats.money(segment.group.revenue_at_risk)] if has_revenue else []),
        ]
        for segment, words, _ in segments
    ]


def _link_of(scene: Scene, attribute: str, group: Group | Contribution, *, likely: bool | None) -> str | None:
    """The customers of a group on the run's page; None where they cannot be named by one value."""
    chosen = filter_for(attribute, group, scene.schema)
    return None if chosen is None else _link(scene, chosen, likely=likely)


def _link(scene: Scene, *more: AttributeFilter, likely: bool | None) -> str:
    """The customers on the run's page who pass the filter of this page, and more."""
    filters = (*scene.filters, *(own for own in more if own not in scene.filters))
    query = CustomerQuery(scene.threshold, likely=likely, attributes=filters)
    return Address(scene.run.id, query, scene.run.threshold).to()


def _crossed(scene: Scene, cross: Any) -> dict[str, Any]:
    """The heatmap's tones are against the average of the customers that it shows."""
    base = totals_of(tuple(cross.cells.values())).mean_probability if cross else 0.0
    return {
        "cross": cross,
        "cell_minimum": CELL_MINIMUM,
        "base": base,
        "heat_tone": charts.heat_tone,
        "heat": charts.heat(cross, base) if cross and cross.rows else None,
    }


def _overall(states: list[str]) -> str:
    return next((state for state in ("act", "moved", "stable") if state in states), "unknown")


def _point_label(point: TrendPoint) -> str:
    return formats.month(point.label) if point.label else formats.date(point.at)
