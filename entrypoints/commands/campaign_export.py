"""`netone campaign export`: the list of those to contact, for a dialler, an SMS gateway or another system."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from domain.campaign import CampaignId
from domain.campaign_export import ListExport
from domain.export import ExportKind
from domain.playbook import Channel
from entrypoints.commands.console import FILE, Context, must_be_writable, say
from entrypoints.commands.export_options import CSV_STYLE, csv_style

KINDS = (ExportKind.CSV, ExportKind.XLSX)


@click.command("export")
@click.argument("campaign_id", metavar="ID")
@click.option("--channel", type=click.Choice([channel.value for channel in Channel]), help="One channel; all without.")
@click.option("--format", "kind", type=click.Choice([kind.value for kind in KINDS]), default="csv", show_default=True)
@CSV_STYLE
@click.option("-o", "--out", type=FILE, help="The file to write; standard output without.")
@click.pass_obj
def export_list(
    obj: Context, campaign_id: str, channel: str | None, kind: str, style: str | None, out: Path | None
) -> None:
    """Export the customers who are still to be contacted. Nobody who is left alone is among them."""
    if out is not None:
        must_be_writable(out)
    elif kind != ExportKind.CSV:
        raise click.UsageError("Give the name of the workbook with -o.")
    chosen, campaign = ListExport(channel=channel), CampaignId(campaign_id)
    export = obj.application.campaign_lists.export_list
    count = export.count(campaign, chosen, by=obj.operator.account)
    written = export(campaign, chosen, ExportKind(kind), by=obj.operator, style=csv_style(style))
    try:
        if out is None:
            click.echo(written.read_text("utf-8-sig"), nl=False)
        else:
            shutil.copyfile(written, out)
    finally:
        written.unlink(missing_ok=True)
    if out is not None:
        say(f"{obj.formats.number(count)} customers were written to {out}.")
