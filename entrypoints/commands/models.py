"""`netone models`: list, show, promote, threshold, champion."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from domain.accuracy import accuracy_sentence
from domain.economics import ThresholdStrategy, strategy_words
from entrypoints.commands.console import JSON, Context, say, show_json
from entrypoints.commands.json_output import figure, trained, unseen_month
from entrypoints.commands.renamed_options import renamed


@click.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """List, show and promote model versions, and set their thresholds."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@models.command("list")
@JSON
@click.pass_obj
def list_models(obj: Context, as_json: bool = False) -> None:
    """List all versions, newest first."""
    number = obj.formats.number
    versions = obj.application.models.list_models(by=obj.operator.account).versions
    if as_json:
        show_json({"models": [trained(version) for version in versions]})
        return
    for version in versions:
        auc = number(version.evaluation.metrics["auc"].value, decimals=4)
        when = version.trained_at.strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"{version.id:<5} {version.stage.value:<10} {version.algorithm.value:<9} AUC {auc}  "
            f"{number(version.rows):>9} customers  {when}  {version.file_name}"
        )


@models.command("show")
@click.argument("version")
@JSON
@click.pass_obj
def show_model(obj: Context, version: str, as_json: bool) -> None:
    """Show one version with its metrics."""
    view = obj.application.models.open_model(version, by=obj.operator.account)
    model = view.model
    if as_json:
        show_json(trained(model))
        return
    click.echo(f"{model.name}, {model.stage.value}, {model.algorithm.value}, trained on {model.file_name}")
    if model.label is not None:
        click.echo(f"It is about {model.horizon}. {' '.join(model.label.sentences())}")
    click.echo(f"Threshold {obj.formats.percent(model.threshold)}: {strategy_words(model.threshold_strategy)}")
    if view.chance:
        click.echo(view.chance)
    click.echo(accuracy_sentence(model.evaluation.confusion, obj.formats))
    for name, metric in model.evaluation.metrics.items():
        click.echo(f"  {name:<18} {figure(metric, obj.formats)}")
    for sentence in (*view.compared, *view.forward, *view.kept, *view.history):
        click.echo(sentence)
    for month in model.evaluation.months:
        click.echo(f"  {month.month:<18} {unseen_month(month, obj.formats)}")


@models.command("promote", cls=renamed({"--insist": "--force", "--why": "--reason"}))
@click.argument("version")
@click.option("--force", is_flag=True, help="Promote it although it is worse than the champion or than chance.")
@click.option("--reason", default="", help="The reason, for the log; required with --force.")
@JSON
@click.pass_obj
def promote_model(obj: Context, version: str, force: bool, reason: str, as_json: bool) -> None:
    """Make a version the champion; it may be an earlier champion."""
    promoted = obj.application.models.promote_model(version, by=obj.operator, force=force, reason=reason)
    if as_json:
        show_json({"version": promoted.id, "stage": promoted.stage.value})
    else:
        say(f"{promoted.name} is the champion.")


@models.command("threshold", cls=renamed({"--percent": "--target-percent"}))
@click.argument("version")
@click.option("--strategy", type=click.Choice([own.value for own in ThresholdStrategy]), required=True)
@click.option(
    "--target-percent", "percent", type=float, help="The target percentage of the strategies share and fixed."
)
@JSON
@click.pass_obj
def change_threshold(obj: Context, version: str, strategy: str, percent: float | None, as_json: bool) -> None:
    """Change how a version's threshold is chosen; this applies to new predictions only."""
    target = None if percent is None else percent / 100
    changed = obj.application.models.change_threshold(
        version, ThresholdStrategy(strategy), by=obj.operator, target=target
    )
    if as_json:
        show_json(trained(changed))
    else:
        say(f"The threshold of {changed.name} is {obj.formats.percent(changed.threshold)}.")


@models.command("champion", cls=renamed({"--on": "--date"}))
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Show the champion at the end of this day.")
@JSON
@click.pass_obj
def champion(obj: Context, day: datetime | None, as_json: bool) -> None:
    """Show which version is, or was, the champion."""
    zone = ZoneInfo(obj.application.administration.read_settings().time_zone)
    at = obj.application.now() if day is None else day.replace(tzinfo=zone) + timedelta(days=1)
    promotion = obj.application.models.champion_at(at, by=obj.operator.account)
    if as_json:
        show_json(
            {
                "version": promotion and promotion.version,
                "since": promotion and promotion.at,
                "by": promotion and promotion.by,
            }
        )
    elif promotion is None:
        say("There was no champion yet.")
    else:
        since = promotion.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        click.echo(f"{promotion.version}  since {since}  by {promotion.by}  {promotion.reason}".rstrip())
