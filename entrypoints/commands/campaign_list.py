"""`netone campaign list`."""

from __future__ import annotations

import click

from application.use_cases.campaigns.read_campaigns import CampaignRow
from entrypoints.commands.console import JSON, Context, printable, show_json
from entrypoints.commands.json_output import campaign_document


@click.command("list")
@JSON
@click.pass_obj
def list_campaigns(obj: Context, as_json: bool) -> None:
    """List all campaigns, newest first."""
    rows = obj.application.campaigns.list_campaigns(by=obj.operator.account)
    if as_json:
        show_json({"campaigns": [_document(row) for row in rows]})
        return
    number = obj.formats.number
    for row in rows:
        reached = f"{number(row.contacted.contacted)} of {number(row.contacted.members)}"
        click.echo(
            printable(f"{row.campaign.id}  {row.campaign.state.value:<9} {reached:>17} contacted  {row.campaign.name}")
        )


def _document(row: CampaignRow) -> dict[str, object]:
    return campaign_document(row.campaign, row.totals)
