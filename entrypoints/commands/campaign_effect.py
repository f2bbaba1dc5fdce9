"""`netone campaign effect`."""

from __future__ import annotations

import click

from domain.campaign import CampaignId
from domain.effect_lines import EffectLine, effect_lines
from domain.effect_words import answer_of, compared_words, interval_words
from entrypoints.commands.console import JSON, Context, printable, show_json
from entrypoints.commands.json_output import effect_document


@click.command("effect")
@click.argument("campaign_id", metavar="CAMPAIGN")
@JSON
@click.pass_obj
def show_effect(obj: Context, campaign_id: str, as_json: bool) -> None:
    """Show what a campaign changed, with 95% intervals."""
    view = obj.application.campaign_effects.measure_campaign(CampaignId(campaign_id), by=obj.operator.account)
    formats = obj.application.formats_of(view.policy.currency)
    answer = answer_of(view.effect, formats)
    if as_json:
        show_json(effect_document(view.campaign, view.effect, answer))
        return
    click.echo(answer.text)
    for line in effect_lines(view.effect):
        click.echo(printable(f"{line.name:<40} {_words(line, obj)}"))


def _words(line: EffectLine, obj: Context) -> str:
    if line.difference is None:
        return compared_words(line.compared, obj.formats)
    return interval_words(line.difference, obj.formats)
