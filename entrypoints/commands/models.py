"""`netone models`: list, show, promote, threshold, champion."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from domain.economics import ThresholdStrategy
from entrypoints.commands.console import JSON, Context, say, show_json
from entrypoints.commands.documents import figure, trained


@click.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """List, show and promote model versions, choose their thresholds."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@models.command("list")
@JSON
@click.pass_obj
def list_models(obj: Context, as_json: bool = False) -> None:
    """Every version, newest first."""
    with obj.desk.new_reading() as uow:
        versions = uow.models.all()
    if as_json:
        show_json({"models": [trained(version) for version in versions]})
        return
    for version in versions:
        auc = version.evaluation.metrics["auc"].value
        when = version.trained_at.strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"{version.id:<5} {version.stage.value:<10} {version.algorithm.value:<9} AUC {auc:.4f}  "
            f"{version.rows:>9,} customers  {when}  {version.file_name}"
        )


@models.command("show")
@click.argument("version")
@JSON
@click.pass_obj
def show_model(obj: Context, version: str, as_json: bool) -> None:
    """One version with its figures."""
    with obj.desk.new_reading() as uow:
        found = uow.models.get(version)
    if as_json:
        show_json(trained(found))
        return
    click.echo(f"{found.name}, {found.stage.value}, {found.algorithm.value}, learned from {found.file_name}")
    for name, metric in found.evaluation.metrics.items():
        click.echo(f"  {name:<18} {figure(metric)}")


@models.command("promote")
@click.argument("version")
@click.option("--insist", is_flag=True, help="Also when it is worse than the champion.")
@click.option("--why", default="", help="Your reason, for the log.")
@JSON
@click.pass_obj
def promote_model(obj: Context, version: str, insist: bool, why: str, as_json: bool) -> None:
    """Put a version in charge, or an earlier champion again."""
    promoted = obj.desk.promote_model(version, by=obj.system, insist=insist, why=why)
    if as_json:
        show_json({"version": promoted.id, "stage": promoted.stage.value})
    else:
        say(f"{promoted.name} is the champion.")


@models.command("threshold")
@click.argument("version")
@click.option("--strategy", type=click.Choice([own.value for own in ThresholdStrategy]), required=True)
@click.option("--percent", type=float, help="The share or the value, for these two strategies.")
@JSON
@click.pass_obj
def change_threshold(obj: Context, version: str, strategy: str, percent: float | None, as_json: bool) -> None:
    """Choose a version's threshold anew, for the predictions to come."""
    target = None if percent is None else percent / 100
    changed = obj.desk.change_threshold(version, ThresholdStrategy(strategy), by=obj.system, target=target)
    if as_json:
        show_json(trained(changed))
    else:
        say(f"The threshold of {changed.name} is {changed.threshold:.1%}.")


@models.command("champion")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="At the end of this day; now, if not given.")
@JSON
@click.pass_obj
def champion(obj: Context, day: datetime | None, as_json: bool) -> None:
    """Which version is, or was, in charge."""
    with obj.desk.new_reading() as uow:
        zone = ZoneInfo(uow.policies.get().time_zone)
    at = obj.desk.clock.now() if day is None else day.replace(tzinfo=zone) + timedelta(days=1)
    found = obj.desk.champion_at(at, by=obj.system)
    if as_json:
        show_json({"version": found and found.version, "since": found and found.at, "by": found and found.by})
    elif found is None:
        say("No model was in charge yet.")
    else:
        since = found.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        click.echo(f"{found.version}  since {since}  by {found.by}  {found.why}".rstrip())
