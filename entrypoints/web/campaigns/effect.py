"""What a campaign changed: its page, closing it, leaving groups alone, and save rates for the playbook."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, request, url_for

from application.use_cases.campaigns.measure_campaign import EffectView
from domain.account import Permission
from domain.campaign import CampaignId, CampaignState
from domain.campaign_effect import GroupEffect, Grouping
from domain.effect import noticeable_harm
from domain.effect_lines import EffectLine, effect_lines
from domain.effect_words import EffectAnswer, answer_of, compared_words, interval_words, points, rate_words
from domain.errors import Conflict, NotFound
from domain.export import ExportKind
from domain.formats import Formats
from domain.measured_rates import RateProposal
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.words import STATES
from entrypoints.web.charts.effects import Forest, forest_of_groups
from entrypoints.web.downloads import csv_style, named
from entrypoints.web.formats import plural
from entrypoints.web.htmx import go, render_page
from entrypoints.web.predictions.exports import MIMETYPES


@dataclass(frozen=True, slots=True)
class EffectWords:
    """The words of an effect page, written in the installation's formats."""

    answer: EffectAnswer
    difference: str
    adjusted: str
    offers: str
    harm: str


@area.get("/<campaign_id>/effect")
@allow(Permission.READ)
def effect(campaign_id: str) -> Response:
    view = application().campaign_effects.measure_campaign(CampaignId(campaign_id), by=person())
    formats = application().formats_of(view.policy.currency)
    lines = effect_lines(view.effect)
    return render_page(
        "campaigns/effect.html",
        view=view,
        campaign=view.campaign,
        effect=view.effect,
        words=_words(view, formats),
        lines=[line for line in lines if line.comparison in ("action", "risk")],
        forest=_forest(view, lines, formats),
        states=STATES,
        line_words=lambda line: compared_words(line.compared, formats),
        rate=lambda proposal: _rate(proposal, formats),
        points=lambda share: points(share, formats),
        worked=view.campaign.state is CampaignState.RUNNING,
    )


def _forest(view: EffectView, lines: tuple[EffectLine, ...], formats: Formats) -> Forest | None:
    has_figures = answer_of(view.effect, formats).finding.has_figures
    shown = [line for line in lines if line.comparison != "offers"]
    return forest_of_groups(shown, formats) if has_figures else None


def _words(view: EffectView, formats: Formats) -> EffectWords:
    found = view.effect
    return EffectWords(
        answer=answer_of(found, formats),
        difference=interval_words(found.plain, formats),
        adjusted=interval_words(found.adjusted, formats) if found.adjusted else "",
        offers=compared_words(found.offers, formats) if found.offers else "",
        harm=_harm_words(view, formats),
    )


def _harm_words(view: EffectView, formats: Formats) -> str:
    """How large a harm has to be to be found in the smallest group that is looked at."""
    looked_at = [group for group in view.effect.groups if group.compared.large_enough]
    if not looked_at:
        return ""
    largest = max(_noticeable(group, len(looked_at)) for group in looked_at)
    return f"{formats.number(largest * 100, decimals=0)} points"


def _noticeable(group: GroupEffect, groups: int) -> float:
    compared = group.compared
    return noticeable_harm(compared.contacted, compared.control, compared.control.churn, groups=groups)


def _rate(proposal: RateProposal, formats: Formats) -> str:
    before = "measured" if proposal.action.save_rate_measured else "assumed"
    return rate_words(proposal.rate, before, formats)


@area.get("/<campaign_id>/effect.csv")
@allow(Permission.READ)
def effect_csv(campaign_id: str) -> Response:
    return _file(CampaignId(campaign_id), ExportKind.CSV)


@area.get("/<campaign_id>/effect.pdf")
@allow(Permission.READ)
def effect_pdf(campaign_id: str) -> Response:
    return _file(CampaignId(campaign_id), ExportKind.PDF)


def _file(campaign_id: CampaignId, kind: ExportKind) -> Response:
    path, name = application().campaign_effects.export_effect(campaign_id, kind, by=person(), style=csv_style())
    content = path.read_bytes()
    path.unlink()
    return named(Response(content, content_type=MIMETYPES[kind]), "effect", name, ending=kind)


@area.post("/<campaign_id>/close")
@allow(Permission.PREDICT)
def close(campaign_id: str) -> Response:
    try:
        application().campaign_effects.close_campaign(
            CampaignId(campaign_id), based_on=request.form.get("based_on", 0, type=int), by=actor()
        )
    except Conflict as error:
        flash(str(error), "error")
    return _back(campaign_id)


@area.post("/<campaign_id>/leave-alone")
@allow(Permission.PREDICT)
def leave_alone(campaign_id: str) -> Response:
    try:
        taken = application().campaign_effects.leave_alone(
            CampaignId(campaign_id), _grouping(), request.form.get("key", ""), by=actor()
        )
    except Conflict as error:
        flash(str(error), "error")
    else:
        flash(f"{plural(taken, 'customer was', 'customers were')} taken off the list.")
    return _back(campaign_id)


def _grouping() -> Grouping:
    try:
        return Grouping(request.form.get("by", ""))
    except ValueError as error:
        raise NotFound("There is no such group.") from error


@area.post("/<campaign_id>/save-rate")
@allow(Permission.EDIT_PLAYBOOK)
def adopt_save_rate(campaign_id: str) -> Response:
    try:
        version = application().campaign_effects.adopt_save_rate(
            CampaignId(campaign_id),
            request.form.get("action", ""),
            based_on=request.form.get("based_on", 0, type=int),
            by=actor(),
        )
    except Conflict as error:
        flash(str(error), "error")
    else:
        flash(f"The playbook has this save rate from version {version.number}. The next prediction uses it.")
    return _back(campaign_id)


def _back(campaign_id: str) -> Response:
    return go(url_for("campaigns.effect", campaign_id=campaign_id))
