"""`netone campaign show`."""

from __future__ import annotations

import click

from domain.campaign import CampaignId
from entrypoints.commands.console import JSON, Context, printable, show_json
from entrypoints.commands.json_output import campaign_document


@click.command("show")
@click.argument("campaign_id", metavar="CAMPAIGN")
@JSON
@click.pass_obj
def show_campaign(obj: Context, campaign_id: str, as_json: bool) -> None:
    """Show one campaign: how far it is, and what it cost."""
    view = obj.application.campaigns.open_campaign(CampaignId(campaign_id), by=obj.operator.account)
    document = campaign_document(view.campaign, view.totals)
    if as_json:
        show_json(document)
        return
    for key, value in document.items():
        click.echo(printable(f"{key:<16} {'–' if value is None else value}"))
