"""`netone campaign`: make campaigns, export their lists, and record what became of the customers."""

from __future__ import annotations

import click

from entrypoints.commands.campaign_create import create_campaign
from entrypoints.commands.campaign_export import export_list
from entrypoints.commands.campaign_outcomes import record_outcomes


@click.group("campaign")
def campaign() -> None:
    """Make campaigns, export their lists, and record who stayed."""


for _command in (create_campaign, export_list, record_outcomes):
    campaign.add_command(_command)
