"""`netone models`: list, show, promote."""

from __future__ import annotations

import click

from entrypoints.commands.console import JSON, Context, say, show_json
from entrypoints.commands.documents import figure, trained


@click.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """List, show and promote model versions."""
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
