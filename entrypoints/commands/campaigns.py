"""`netone campaign`: make campaigns, export their lists, record outcomes, and read what contact changed."""

from __future__ import annotations

import click

from entrypoints.commands.campaign_create import create_campaign
from entrypoints.commands.campaign_effect import show_effect
from entrypoints.commands.campaign_export import export_list
from entrypoints.commands.campaign_list import list_campaigns
from entrypoints.commands.campaign_outcomes import record_outcomes
from entrypoints.commands.campaign_show import show_campaign


@click.group("campaign")
def campaign() -> None:
    """Make campaigns, export their lists, record who stayed, and show whether they worked."""


for _command in (create_campaign, list_campaigns, show_campaign, export_list, record_outcomes, show_effect):
    campaign.add_command(_command)
